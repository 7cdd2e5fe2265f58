/** A message as a conversation keeps it, with what later entries say about it. */

import type { FileReference } from "../documents/file-reference.ts";
import type { Entry, ReceiptWish, What } from "../documents/journal.ts";

/** A message that is in the journal. Nothing in it depends on the order in which entries came. */
export interface KeptItem {
  readonly id: string;
  readonly seq: number;
  readonly from: string;
  readonly at: number;
  readonly contentType: string;
  readonly text: string;
  readonly data: string | undefined;
  readonly file: FileReference | undefined;
  readonly replyTo: string | undefined;
  readonly wants: readonly ReceiptWish[];
  /** The last edit, the first retraction, and how far it has come with each reader. */
  readonly marks: readonly MarkEntry[];
}

/** What says something of another message. */
export type Mark = Extract<What, { readonly kind: "Edited" | "Retracted" | "Receipt" }>;
export type MarkEntry = Entry & { readonly what: Mark };
export type Reach = Extract<Mark, { readonly kind: "Receipt" }>["status"];

/** Readers of one message whose receipts are kept, with its edit and its retraction. */
const MAX_MARKS = 300;
const RANK: Readonly<Record<Reach, number>> = { failed: 0, delivered: 1, displayed: 2 };

/** The item of an entry that is a message. */
export function keptItem(
  { seq, at }: Entry,
  what: Extract<What, { readonly kind: "Message" }>,
): KeptItem {
  const { id, from, contentType, body, encoding, file, replyTo, wants = [] } = what;
  const content =
    encoding === "base64" ? { text: "", data: body } : { text: body, data: undefined };
  return { id, seq, from, at, contentType, ...content, file, replyTo, wants, marks: [] };
}

/**
 * Whether a mark is about this message: only who wrote it can change it, and receipts are for
 * messages of one's own.
 */
export const isAbout = (
  mark: Mark,
  { id, from }: Pick<KeptItem, "id" | "from">,
  own: string,
): boolean => mark.id === id && (mark.kind === "Receipt" ? own : mark.from) === from;

/** The item with a mark; the same item if it says nothing new. In any order, and repeatedly. */
export function marked(item: KeptItem, entry: MarkEntry): KeptItem {
  const at = item.marks.findIndex(({ what }) => isOfSameKind(what, entry.what));
  const known = item.marks[at];
  if (!known) {
    return item.marks.length < MAX_MARKS ? { ...item, marks: [...item.marks, entry] } : item;
  }
  return counts(entry, known) ? { ...item, marks: item.marks.with(at, entry) } : item;
}

const isOfSameKind = (a: Mark, b: Mark): boolean =>
  a.kind === b.kind && (a.kind !== "Receipt" || b.kind !== "Receipt" || a.by === b.by);

/** Whether a mark counts more than another of its kind. */
function counts(next: MarkEntry, known: MarkEntry): boolean {
  const [a, b] = [next.what, known.what];
  if (a.kind === "Edited") return next.seq > known.seq;
  if (a.kind === "Receipt" && b.kind === "Receipt" && a.status !== b.status) {
    return RANK[a.status] > RANK[b.status];
  }
  return next.seq < known.seq;
}

/** Its last edit, with the number of that. */
export function editOf({ marks }: KeptItem): (MarkEntry & { readonly what: Edited }) | undefined {
  return marks.find(
    (one): one is MarkEntry & { readonly what: Edited } => one.what.kind === "Edited",
  );
}

type Edited = Extract<Mark, { readonly kind: "Edited" }>;

/** Whether its sender has taken it back. */
export const isRetracted = ({ marks }: KeptItem): boolean =>
  marks.some(({ what }) => what.kind === "Retracted");

/** How far it has come with each of its readers. */
export const reachOf = ({ marks }: KeptItem): ReadonlyMap<string, Reach> =>
  new Map(marks.flatMap(({ what }) => (what.kind === "Receipt" ? [[what.by, what.status]] : [])));
