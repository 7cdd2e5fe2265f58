/** What stands in a conversation from top to bottom: days, the line of what is new, messages. */

import type { Item } from "carillon/chat";
import { dayKey } from "./day-words.ts";

export type Row =
  | { readonly kind: "Day"; readonly key: string; readonly at: Date }
  /** Above the first message that was not read when the conversation was opened. */
  | { readonly kind: "New"; readonly key: string }
  | {
      readonly kind: "Item";
      readonly key: string;
      readonly item: Item;
      /** It goes on where the one above ends: the same person, minutes later. */
      readonly goesOn: boolean;
      /** The last one of its kind: time and ticks stand under it. */
      readonly isLast: boolean;
    };

/** Messages this close belong together. */
const TOGETHER_MS = 5 * 60_000;

/** Message-IDs are their senders' own: two people may have chosen the same one. */
export const keyOf = ({ from, id }: Pick<Item, "from" | "id">): string => `${from} ${id}`;

/** `newFrom` is the key of the first message that is new. */
export function timeline(items: readonly Item[], newFrom?: string): readonly Row[] {
  const rows: Row[] = [];
  let before: Item | undefined;
  for (const [index, item] of items.entries()) {
    const isNewDay = before === undefined || dayKey(before.at) !== dayKey(item.at);
    if (isNewDay) rows.push({ kind: "Day", key: `day ${keyOf(item)}`, at: item.at });
    const isNew = keyOf(item) === newFrom;
    if (isNew) rows.push({ kind: "New", key: "new" });
    const goesOn = !isNewDay && !isNew && before !== undefined && belong(before, item);
    const after = items[index + 1];
    const isLast = after === undefined || keyOf(after) === newFrom || !belong(item, after);
    rows.push({ kind: "Item", key: keyOf(item), item, goesOn, isLast });
    before = item;
  }
  return rows;
}

function belong(a: Item, b: Item): boolean {
  return (
    a.from === b.from &&
    a.isOwn === b.isOwn &&
    dayKey(a.at) === dayKey(b.at) &&
    Math.abs(b.at.getTime() - a.at.getTime()) < TOGETHER_MS
  );
}

/** The key of the first of the last `unread` messages of others: the line of what is new. */
export function firstNew(items: readonly Item[], unread: number): string | undefined {
  let left = unread;
  for (const item of items.toReversed()) {
    if (item.isOwn) continue;
    if (left === 1) return keyOf(item);
    left--;
  }
  // More than are loaded: all of them are new.
  const first = unread > 0 ? items.find(({ isOwn }) => !isOwn) : undefined;
  return first && keyOf(first);
}
