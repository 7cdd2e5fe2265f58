/** What has come in since one looked last: what a bell is struck for, and a notification shown. */
import type { ConversationView, Item } from "carillon/chat";

export interface News {
  readonly conversation: ConversationView;
  readonly item: Item;
}

/** When the newest message of each conversation came that has been told of, in ms since 1970. */
export type Known = ReadonlyMap<string, number>;

/** What is older than this was kept for somebody who was away: it is shown, and rings no bell. */
const FRESH_MS = 5 * 60_000;

/** `isQuiet` while the list is still being fetched: what stands in it is known, and no news. */
export function newsOf(
  known: Known,
  list: readonly ConversationView[],
  { isQuiet, nowMs }: { readonly isQuiet: boolean; readonly nowMs: number },
): { readonly known: Known; readonly news: readonly News[] } {
  const after = new Map<string, number>();
  const news: News[] = [];
  for (const conversation of list) {
    const before = known.get(conversation.uri) ?? 0;
    const last = conversation.items.at(-1)?.at.getTime() ?? 0;
    after.set(conversation.uri, Math.max(before, last));
    const item = conversation.items.findLast(({ isOwn, isRetracted }) => !isOwn && !isRetracted);
    if (isQuiet || item === undefined || conversation.unread === 0) continue;
    const atMs = item.at.getTime();
    if (atMs > before && nowMs - atMs < FRESH_MS) news.push({ conversation, item });
  }
  return { known: after, news };
}
