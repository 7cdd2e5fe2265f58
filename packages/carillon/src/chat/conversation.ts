/**
 * One conversation, as a pure function of what happened: entries of the journal, in any order and
 * however often each, and what is done on this device.
 *
 * What the journal says is kept so that it comes to the same in every order: a message is known by
 * its sender and Message-ID, of edits and groups the highest number counts, receipts and read marks
 * only grow, and what says something of a message that is not known (yet) waits for it.
 */
import type { Entry, What } from "../documents/journal.ts";
import {
  editOf,
  isAbout,
  isRetracted,
  type KeptItem,
  keptItem,
  type MarkEntry,
  marked,
} from "./kept-item.ts";
import type { LocalEvent, Written } from "./local-event.ts";

/** What is known of one conversation. A value: `reduce` makes the next. */
export interface ConversationState {
  readonly uri: string;
  /** One's own address. */
  readonly own: string;
  /** By their numbers; the latest `window` of them. */
  readonly items: readonly KeptItem[];
  readonly window: number;
  /** The highest number that was dropped: what comes from there or before is not kept. */
  readonly floor: number;
  /** Whether there is more before the first item, as far as is known. */
  readonly earlier: "Unknown" | "Some" | "None";
  /** Edits, retractions and receipts whose message is not known, by their numbers. */
  readonly waiting: readonly MarkEntry[];
  readonly group: Group | undefined;
  /** The highest number that one of one's devices has shown. */
  readonly readUpTo: number;
  /** The highest number of an entry. */
  readonly lastSeq: number;
  /** When something came last, in ms since 1970. */
  readonly lastAt: number;
  /** Written here and not in the journal yet, in order. */
  readonly pending: readonly Pending[];
  readonly changes: readonly Change[];
  /** Who is writing. */
  readonly composing: readonly string[];
}

export interface Group extends Omit<Extract<What, { readonly kind: "Group" }>, "kind"> {
  readonly seq: number;
}

export interface Pending extends Written {
  readonly state: "Waiting" | "Sent" | "Failed";
  readonly why: string | undefined;
  /** A failed one stays behind the message with this number. */
  readonly after: number;
}

/** A change to one's own message that is not in the journal yet. */
export interface Change {
  readonly key: string;
  readonly id: string;
  /** Undefined: it is retracted. */
  readonly text: string | undefined;
  readonly isAccepted: boolean;
  /** The message's last edit when this one was made. */
  readonly afterSeq: number;
}

/** Messages of one conversation that are kept, unless somebody asks for earlier ones. */
export const USUAL_WINDOW = 500;
/** However many are asked for. */
const MAX_WINDOW = 10_000;
const MAX_WAITING = 1000;
const MAX_COMPOSING = 20;
/** Messages, and changes, of one's own that wait in one conversation. */
export const MAX_PENDING = 1000;

/** A conversation of which nothing is known. */
export function emptyConversation(uri: string, own: string): ConversationState {
  return {
    ...{ uri, own, items: [], window: USUAL_WINDOW, floor: 0, earlier: "Unknown" },
    ...{ waiting: [], group: undefined, readUpTo: 0, lastSeq: 0, lastAt: 0 },
    ...{ pending: [], changes: [], composing: [] },
  };
}

/**
 * The conversation after an entry of its journal, or something local. What is already known changes
 * nothing; nothing throws.
 */
export function reduce(state: ConversationState, event: Entry | LocalEvent): ConversationState {
  return "what" in event ? entered(state, event) : happened(state, event);
}

// ---- the journal -------------------------------------------------------------------------------

function entered(state: ConversationState, entry: Entry): ConversationState {
  const { what, seq, at } = entry;
  const isShown = what.kind === "Message" || what.kind === "Group";
  const lastAt = isShown ? Math.max(state.lastAt, at) : state.lastAt;
  const known = { ...state, lastSeq: Math.max(state.lastSeq, seq), lastAt };
  switch (what.kind) {
    case "Message":
      return messageEntered(known, entry, what);
    case "Edited":
    case "Retracted":
    case "Receipt":
      return markEntered(known, { ...entry, what });
    case "Read":
      return { ...known, readUpTo: Math.max(known.readUpTo, what.upTo) };
    case "Group":
      return groupEntered(known, entry, what);
  }
}

function messageEntered(
  state: ConversationState,
  entry: Entry,
  what: Extract<What, { readonly kind: "Message" }>,
): ConversationState {
  const isKnown = state.items.some(({ id, from }) => id === what.id && from === what.from);
  if (isKnown || entry.seq <= state.floor) return state;
  const about = state.waiting.filter((one) => isAbout(one.what, what, state.own));
  const item = about.reduce(marked, keptItem(entry, what));
  const next = {
    ...state,
    items: inserted(state.items, item),
    waiting: state.waiting.filter((one) => !about.includes(one)),
    composing: without(state.composing, what.from),
  };
  return trimmed(what.from === state.own ? arrived(next, item) : next);
}

/** One's own message has reached the journal: it is shown from there, at once and in its place. */
function arrived(state: ConversationState, item: KeptItem): ConversationState {
  const pending = state.pending.filter(({ id }) => id !== item.id);
  return { ...state, pending, changes: stillOpen(state.changes, item) };
}

function markEntered(state: ConversationState, entry: MarkEntry): ConversationState {
  const at = state.items.findLastIndex((item) => isAbout(entry.what, item, state.own));
  const item = state.items[at];
  if (!item) return { ...state, waiting: kept(state.waiting, entry) };
  const next = marked(item, entry);
  if (next === item) return state;
  const changes = next.from === state.own ? stillOpen(state.changes, next) : state.changes;
  return { ...state, items: state.items.with(at, next), changes };
}

function groupEntered(
  state: ConversationState,
  { seq }: Entry,
  { title, members, by }: Extract<What, { readonly kind: "Group" }>,
): ConversationState {
  if (state.group !== undefined && state.group.seq >= seq) return state;
  return { ...state, group: { seq, title, members, by } };
}

function inserted(items: readonly KeptItem[], item: KeptItem): readonly KeptItem[] {
  const before = items.findLastIndex(({ seq }) => seq < item.seq);
  return items.toSpliced(before + 1, 0, item);
}

/** The latest marks, each once, by their numbers. */
function kept(waiting: readonly MarkEntry[], entry: MarkEntry): readonly MarkEntry[] {
  const before = waiting.findLastIndex(({ seq }) => seq <= entry.seq);
  if (waiting[before]?.seq === entry.seq) return waiting;
  const next = waiting.toSpliced(before + 1, 0, entry);
  return next.length > MAX_WAITING ? next.slice(-MAX_WAITING) : next;
}

/** No more items than the window holds: the oldest go, and can be had again. */
function trimmed(state: ConversationState): ConversationState {
  const { items, window } = state;
  const over = items.length - window;
  if (over <= 0) return state;
  const gone = items.slice(0, over);
  const floor = Math.max(state.floor, gone.at(-1)?.seq ?? 0);
  // Whoever reads them again from before what is left, does not read these again.
  const waiting = gone.flatMap(({ marks }) => marks).reduce(kept, state.waiting);
  return { ...state, items: items.slice(over), floor, waiting, earlier: "Some" };
}

// ---- on this device ----------------------------------------------------------------------------

function happened(state: ConversationState, event: LocalEvent): ConversationState {
  switch (event.kind) {
    case "Written":
      return written(state, event);
    case "Accepted":
      return withPending(state, event.id, (one) => ({ ...one, state: "Sent" }));
    case "Refused":
      return withPending(state, event.id, (one) => failed(state, one, event.why));
    case "Again":
      return again(state, event.id);
    case "Forgotten":
      return { ...state, pending: state.pending.filter(({ id }) => id !== event.id) };
    case "Changing":
      return changing(state, event);
    case "ChangeAccepted":
      return changeAccepted(state, event.key);
    case "ChangeRefused":
      return { ...state, changes: state.changes.filter(({ key }) => key !== event.key) };
    case "Shown":
      return { ...state, readUpTo: Math.max(state.readUpTo, event.upTo) };
    case "Composing":
      return composing(state, event.from, event.isComposing);
    case "Grouped":
      return grouped(state, event);
    case "Earlier":
      return earlier(state, event);
  }
}

function written(
  state: ConversationState,
  event: Extract<LocalEvent, { readonly kind: "Written" }>,
): ConversationState {
  const { kind, conversation, ...message } = event;
  const isKnown =
    state.pending.some(({ id }) => id === message.id) ||
    state.items.some(({ id, from }) => id === message.id && from === state.own);
  if (isKnown || state.pending.length >= MAX_PENDING) return state;
  const pending: Pending = { ...message, state: "Waiting", why: undefined, after: 0 };
  const lastAt = Math.max(state.lastAt, message.at);
  return { ...state, pending: [...state.pending, pending], lastAt };
}

const failed = (state: ConversationState, one: Pending, why: string): Pending => ({
  ...one,
  ...{ state: "Failed", why, after: state.items.at(-1)?.seq ?? state.floor },
});

function withPending(
  state: ConversationState,
  id: string,
  change: (one: Pending) => Pending,
): ConversationState {
  return { ...state, pending: state.pending.map((one) => (one.id === id ? change(one) : one)) };
}

/** What is tried again goes behind everything that was written since. */
function again(state: ConversationState, id: string): ConversationState {
  const one = state.pending.find((other) => other.id === id);
  if (one?.state !== "Failed") return state;
  const others = state.pending.filter((other) => other !== one);
  return { ...state, pending: [...others, { ...one, state: "Waiting", why: undefined }] };
}

function changing(
  state: ConversationState,
  { key, id, text }: Extract<LocalEvent, { readonly kind: "Changing" }>,
): ConversationState {
  const { changes, items, own } = state;
  if (changes.length >= MAX_PENDING || changes.some((one) => one.key === key)) return state;
  const item = items.findLast((one) => one.id === id && one.from === own);
  const afterSeq = (item && editOf(item)?.seq) ?? 0;
  const change = { key, id, text, isAccepted: false, afterSeq };
  return { ...state, changes: [...changes, change] };
}

function changeAccepted(state: ConversationState, key: string): ConversationState {
  const changes = state.changes.map((one) =>
    one.key === key ? { ...one, isAccepted: true } : one,
  );
  const { id } = changes.find((one) => one.key === key) ?? {};
  const item = state.items.findLast((one) => one.id === id && one.from === state.own);
  return { ...state, changes: item ? stillOpen(changes, item) : changes };
}

/** Without changes that the journal shows by now: the server has one, and something newer came. */
function stillOpen(changes: readonly Change[], item: KeptItem): readonly Change[] {
  if (!changes.some(({ id }) => id === item.id)) return changes;
  return changes.filter(({ id, text, isAccepted, afterSeq }) => {
    if (id !== item.id) return true;
    if (isRetracted(item)) return false;
    const edit = editOf(item);
    const isNewer = (edit?.seq ?? 0) > afterSeq;
    return text === undefined || !(isNewer && (isAccepted || edit?.what.body === text));
  });
}

function composing(state: ConversationState, from: string, is: boolean): ConversationState {
  const others = without(state.composing, from);
  if (!is) return { ...state, composing: others };
  return { ...state, composing: [...others, from].slice(-MAX_COMPOSING) };
}

/** As it is shown until the journal says so, or something newer. */
function grouped(
  state: ConversationState,
  { title, members }: Extract<LocalEvent, { readonly kind: "Grouped" }>,
): ConversationState {
  const { seq = 0, by = state.own } = state.group ?? {};
  return { ...state, group: { seq, by, title, members } };
}

const without = (all: readonly string[], one: string): readonly string[] =>
  all.includes(one) ? all.filter((other) => other !== one) : all;

function earlier(
  state: ConversationState,
  { count, from, isWhole }: Extract<LocalEvent, { readonly kind: "Earlier" }>,
): ConversationState {
  const window = Math.min(MAX_WINDOW, Math.max(state.window, state.items.length + count));
  const floor = Math.min(state.floor, from - 1);
  return { ...state, window, floor, earlier: isWhole ? "None" : "Some" };
}
