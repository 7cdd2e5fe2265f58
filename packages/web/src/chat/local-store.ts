/** Conversations in the browser's storage: those of one seat, which others leave alone. */
import type { ConversationStore } from "carillon/chat";

/** What `localStorage` is, as far as it is used here. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** Throws on `set` what the browser throws when there is no room. */
export function localStore(shelf: Shelf, seat: string): ConversationStore {
  const prefix = `carillon.chat ${seat} `;
  return {
    read: (name) => shelf.getItem(prefix + name) ?? undefined,
    set: (name, text) => shelf.setItem(prefix + name, text),
    remove: (name) => shelf.removeItem(prefix + name),
    names: () => namesIn(shelf, prefix),
  };
}

/** What was said is nobody's business once one has signed out. */
export function forgetConversations(shelf: Shelf, seat: string): void {
  const { remove, names } = localStore(shelf, seat);
  for (const name of names()) remove(name);
  shelf.removeItem(`carillon.drafts ${seat}`);
}

function namesIn(shelf: Shelf, prefix: string): readonly string[] {
  const names: string[] = [];
  for (let nth = 0; nth < shelf.length; nth++) {
    const key = shelf.key(nth);
    if (key?.startsWith(prefix)) names.push(key.slice(prefix.length));
  }
  return names;
}
