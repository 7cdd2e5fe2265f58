/**
 * A view of a conversation is made anew for each thing that happens in it. What has not changed
 * stays the object it was, so that only what did is drawn again.
 */
import type { ConversationView, Item } from "carillon/chat";
import { keyOf } from "./timeline.ts";

export function sameView(before: ConversationView, now: ConversationView): ConversationView {
  if (before.uri !== now.uri) return now;
  const members = isSame(before.members, now.members) ? before.members : now.members;
  return { ...now, members, items: sameItems(before.items, now.items) };
}

function sameItems(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  const known = new Map(before.map((item) => [keyOf(item), item]));
  return now.map((item) => {
    const old = known.get(keyOf(item));
    return old !== undefined && isSameItem(old, item) ? old : item;
  });
}

/** Whatever an item has, by name: what it gets in time is compared, too. */
function isSameItem(a: Item, b: Item): boolean {
  const names = Object.keys(b) as (keyof Item)[];
  return names.length === Object.keys(a).length && names.every((name) => isSame(a[name], b[name]));
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, nth) => Object.is(one, b[nth]));
  }
  return Object.is(a, b);
}
