/** Dialogs as others may see them: who is on the phone, and with whom. RFC 4235. */
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import {
  childOf,
  childrenOf,
  elementsOf,
  textIn,
  textOf,
  type XmlElement,
} from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { type Coherent, mergedRows } from "./coherent.ts";
import { badDocument, countOf, oneOf, readDocument } from "./read-document.ts";

/** Somebody's calls. RFC 4235 §4.1. */
export interface DialogInfo {
  /** Counts the documents of one subscription: from 0, by 1. RFC 4235 §4.1. */
  readonly version: number;
  /** Partial: only dialogs that have changed. */
  readonly state: "full" | "partial";
  /** Whose dialogs they are. */
  readonly entity: string;
  /** In the document's order. Those that are over are told once, as `terminated`. */
  readonly dialogs: readonly DialogState[];
}

/** One call, or the attempt at one. RFC 4235 §4.1.1. */
export interface DialogState {
  /** The same in all documents of one subscription. */
  readonly id: string;
  /** The dialog's Call-ID. With both tags it can be named in a Replaces or Join header. */
  readonly callId?: string | undefined;
  /** The observed person's tag. */
  readonly localTag?: string | undefined;
  /** The other side's tag; undefined while there is none. */
  readonly remoteTag?: string | undefined;
  /** Whether the observed person calls or is called. */
  readonly direction?: "initiator" | "recipient" | undefined;
  /** As RFC 4235 §3.7.1 names them; `confirmed` is in a call. */
  readonly state: "trying" | "proceeding" | "early" | "confirmed" | "terminated";
  /** Why it ended: `rejected`, `local-bye`, … */
  readonly event?: string | undefined;
  /** The status that ended it. */
  readonly code?: number | undefined;
  /** Since its INVITE. RFC 4235 §4.1.3. */
  readonly durationSeconds?: number | undefined;
  /** The observed person, in this call. */
  readonly local?: DialogParty | undefined;
  /** Whom they are in a call with. */
  readonly remote?: DialogParty | undefined;
}

/** One side of a call. RFC 4235 §4.1.6. */
export interface DialogParty {
  /** The URI of its From or To. */
  readonly identity?: string | undefined;
  /** For people; told with `identity` only. */
  readonly displayName?: string | undefined;
  /** Their Contact's URI. */
  readonly target?: string | undefined;
}

const STATES = ["trying", "proceeding", "early", "confirmed", "terminated"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:dialog-info";
const SOURCE = "RFC 4235 §4.1";

/** The document's type, for Content-Type and Accept. RFC 4235 §3.5. */
export const DIALOG_INFO_TYPE = "application/dialog-info+xml";

/**
 * Reads one. A dialog without an id or a state that is known is passed over. RFC 4235 §4.1.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, no version or no state.
 */
export function parseDialogInfo(octets: Octets): Result<DialogInfo> {
  const root = readDocument(octets, NAMESPACE, "dialog-info", SOURCE);
  if (!root.ok) return root;
  const { attributes } = root.value;
  const version = countOf(attributes.get("version"));
  const state = oneOf(["full", "partial"], attributes.get("state"));
  if (version === undefined || state === undefined) {
    return badDocument("dialogs without a version or state", SOURCE);
  }
  const dialogs = childrenOf(root.value, "dialog").flatMap(dialogOf);
  return ok({ version, state, entity: attributes.get("entity") ?? "", dialogs });
}

function dialogOf(dialog: XmlElement): readonly DialogState[] {
  const { attributes } = dialog;
  const id = attributes.get("id");
  const state = childOf(dialog, "state");
  const name = state && oneOf(STATES, textOf(state));
  if (id === undefined || !state || !name) return [];
  return [
    {
      id,
      callId: attributes.get("call-id"),
      localTag: attributes.get("local-tag"),
      remoteTag: attributes.get("remote-tag"),
      direction: oneOf(["initiator", "recipient"], attributes.get("direction")),
      state: name,
      event: state.attributes.get("event"),
      code: countOf(state.attributes.get("code"), 699),
      durationSeconds: countOf(textIn(dialog, "duration")),
      local: partyOf(childOf(dialog, "local")),
      remote: partyOf(childOf(dialog, "remote")),
    },
  ];
}

function partyOf(party: XmlElement | undefined): DialogParty | undefined {
  const identity = party && childOf(party, "identity");
  const target = party && childOf(party, "target");
  return (
    party && {
      identity: identity && textOf(identity),
      displayName: identity?.attributes.get("display"),
      target: target?.attributes.get("uri"),
    }
  );
}

/** What is known after this document; `known` is undefined before the first. RFC 4235 §4.3. */
export function mergeDialogInfo(
  known: DialogInfo | undefined,
  next: DialogInfo,
): Coherent<DialogInfo> {
  const isFull = next.state === "full";
  //= RFC 4235 §4.3
  //# The version number MUST be initialized with the value of the "version" attribute from the
  //# "dialog-info" element in the first document received.
  if (!known) return { kind: "New", value: { ...next, state: "full" }, isTorn: !isFull };
  //= RFC 4235 §4.3
  //# If the value in the document is less than the local version, the document is discarded without
  //# processing.
  // One that is the same says nothing new, unless its writer never counts.
  if (next.version < known.version || (next.version === known.version && !isFull)) {
    return { kind: "Old" };
  }
  //= RFC 4235 §4.3
  //# If it contains full state, indicated by the value of the "state" attribute in the
  //# "dialog-info" element, the contents of the table are flushed and then repopulated from the
  //# document.
  if (isFull) return { kind: "New", value: next, isTorn: false };
  const changed = next.dialogs.map((one) => withKnown(known.dialogs, one));
  const dialogs = mergedRows(known.dialogs, changed, ({ state }) => state === "terminated");
  //= RFC 4235 §4.3
  //# If the document did not contain full state, the subscriber SHOULD generate a refresh request
  //# (SUBSCRIBE) to trigger a full state notification.
  const isTorn = next.version > known.version + 1;
  return { kind: "New", value: { ...known, version: next.version, dialogs }, isTorn };
}

//= RFC 4235 §4.1.6.1
//# To avoid repeating identity information in each request, the subscriber can assume that the
//# identity URIs are the same as in previous notifications if no identity elements are present in
//# the corresponding local or remote element.
//= RFC 4235 §4.1.6.2
//# To avoid repeating Contact information in each request, the subscriber can assume that the
//# target URI and parameters are the same as in previous notifications if no target element is
//# present in the corresponding local or remote element.
function withKnown(known: readonly DialogState[], next: DialogState): DialogState {
  const before = known.find(({ id }) => id === next.id);
  if (!before) return next;
  return {
    ...next,
    local: partyWith(before.local, next.local),
    remote: partyWith(before.remote, next.remote),
  };
}

function partyWith(
  before: DialogParty | undefined,
  next: DialogParty | undefined,
): DialogParty | undefined {
  if (!before || !next) return next ?? before;
  const named = next.identity === undefined ? before : next;
  const { identity, displayName } = named;
  return { identity, displayName, target: next.target ?? before.target };
}

/** Writes one, whole or partial as its `state` says. */
export function formatDialogInfo({ version, state, entity, dialogs }: DialogInfo): Octets {
  const info = elementsOf(NAMESPACE);
  return formatXml(
    info("dialog-info", { version: String(version), state, entity }, dialogs.map(formatDialog)),
  );
}

function formatDialog(dialog: DialogState): XmlElement {
  const info = elementsOf(NAMESPACE);
  const { id, callId, localTag, remoteTag, direction, state, event, code } = dialog;
  const { durationSeconds, local, remote } = dialog;
  const ids = { id, "call-id": callId, "local-tag": localTag, "remote-tag": remoteTag, direction };
  return info("dialog", ids, [
    info("state", { event, code: code === undefined ? undefined : String(code) }, [state]),
    durationSeconds === undefined ? undefined : info("duration", {}, [`${durationSeconds}`]),
    local && formatParty("local", local),
    remote && formatParty("remote", remote),
  ]);
}

function formatParty(name: string, { identity, displayName, target }: DialogParty): XmlElement {
  const info = elementsOf(NAMESPACE);
  return info(name, {}, [
    identity === undefined ? undefined : info("identity", { display: displayName }, [identity]),
    target === undefined ? undefined : info("target", { uri: target }),
  ]);
}
