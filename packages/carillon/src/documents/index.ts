/** What the bodies of messages and notifications say: `carillon/documents`. */
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
export { formatImdn, IMDN_NAMESPACE, IMDN_TYPE, type Imdn, parseImdn } from "./imdn.ts";
export {
  formatIsComposing,
  IS_COMPOSING_TYPE,
  type IsComposing,
  parseIsComposing,
} from "./is-composing.ts";
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
