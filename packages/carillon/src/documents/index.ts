/**
 * What the bodies of messages and notifications say: `carillon/documents`. Presence (RFC 3863), who
 * is on the phone (RFC 4235), who has signed in (RFC 3680), conferences (RFC 4575), mailboxes
 * (RFC 3842), receipts (RFC 5438) and who is writing (RFC 3994), with CPIM around them (RFC 3862);
 * and the journal of what was said, as a server keeps it.
 *
 * `parseX` reads a document and `formatX` writes one. Where documents may be partial, `mergeX` puts
 * each into what is known, and tells when one was missed and the whole has to be asked for.
 *
 * ```ts
 * import { isOpen, parseDialogInfo, parsePidf } from "carillon/documents";
 *
 * const octets = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@example.com">
 *   <tuple id="a"><status><basic>open</basic></status><note>In the lab</note></tuple></presence>`;
 * const presence = parsePidf(octets);
 * if (!presence.ok) throw new Error(presence.error.message);
 * console.log(isOpen(presence.value), presence.value.tuples[0]?.notes.join()); // true In the lab
 *
 * const other = parseDialogInfo(octets);
 * if (!other.ok) console.log(other.error.code); // bad-document
 * ```
 */
export {
  BRIDGE_HEADER,
  type BridgeTold,
  formatBridgeTold,
  isCarillon,
  parseBridgeTold,
} from "./bridge-told.ts";
export {
  CHAT_NAMESPACE,
  CHAT_PREFIX,
  type ChatHeaders,
  chatExtensions,
  chatHeadersOf,
} from "./chat-headers.ts";
export type { Coherent } from "./coherent.ts";
export {
  CONFERENCE_INFO_TYPE,
  type Conference,
  type ConferenceEndpoint,
  type ConferenceMedium,
  type ConferenceUser,
  conferenceOf,
  formatConference,
  parseConference,
  parseConferenceInfo,
} from "./conference-info.ts";
export {
  CPIM_TYPE,
  type CpimAddress,
  type CpimExtension,
  type CpimMessage,
  type CpimToWrite,
  extensionsOf,
  formatCpim,
  parseCpim,
} from "./cpim.ts";
export {
  DIALOG_INFO_TYPE,
  type DialogInfo,
  type DialogParty,
  type DialogState,
  formatDialogInfo,
  mergeDialogInfo,
  parseDialogInfo,
} from "./dialog-info.ts";
export { type FileReference, formatFileReference, parseFileReference } from "./file-reference.ts";
export { formatImdn, IMDN_NAMESPACE, IMDN_TYPE, type Imdn, parseImdn } from "./imdn.ts";
export {
  formatIsComposing,
  IS_COMPOSING_TYPE,
  type IsComposing,
  parseIsComposing,
} from "./is-composing.ts";
export {
  type Edited,
  type Entry,
  formatJournalPage,
  type GroupChanged,
  JOURNAL_TYPE,
  type JournalPage,
  MAX_GROUP_MEMBERS,
  MAX_GROUP_TITLE,
  MAX_JOURNAL_ENTRIES,
  MAX_MESSAGE_BODY,
  parseJournalPage,
  type ReadUpTo,
  type ReceiptTold,
  type ReceiptWish,
  type Retracted,
  type Said,
  type What,
} from "./journal.ts";
export {
  formatJournalQuery,
  JOURNAL_EVENT,
  type JournalQuery,
  parseJournalQuery,
} from "./journal-query.ts";
export { mergeConference } from "./merge-conference.ts";
export {
  formatMessageSummary,
  MESSAGE_SUMMARY_TYPE,
  type MessageCounts,
  type MessageSummary,
  parseMessageSummary,
} from "./message-summary.ts";
export {
  formatPidf,
  isOpen,
  PIDF_TYPE,
  type Presence,
  type PresenceTuple,
  parsePidf,
} from "./pidf.ts";
export {
  type ContactState,
  formatReginfo,
  mergeReginfo,
  parseReginfo,
  REGINFO_TYPE,
  type Reginfo,
  type RegistrationState,
} from "./reginfo.ts";
export {
  type CopyControl,
  formatResourceLists,
  parseResourceLists,
  RESOURCE_LISTS_TYPE,
  type ResourceEntry,
  type ResourceList,
} from "./resource-lists.ts";
export {
  formatRlmi,
  type ListedResource,
  parseRlmi,
  type ResourceInstance,
  RLMI_TYPE,
  type Rlmi,
} from "./rlmi.ts";
export {
  formatWatcherInfo,
  mergeWatcherInfo,
  parseWatcherInfo,
  WATCHERINFO_TYPE,
  type WatcherInfo,
  type WatcherList,
  type WatcherState,
} from "./watcherinfo.ts";
