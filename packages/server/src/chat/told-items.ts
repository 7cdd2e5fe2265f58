/** What is new in conversations since somebody was told last. */
import type { ConversationView, Item } from "carillon/chat";
import type { Change, ChatHappening, ToldItem } from "./chat-happening.ts";

/** Messages that are known by number; the oldest are forgotten. */
const MAX_KNOWN = 20_000;

interface Known {
  readonly number: number;
  readonly item: Item;
}

interface Seen {
  readonly view: ConversationView;
  /** The highest place in the journal that has been told: what comes before is history. */
  readonly toldTo: number;
}

export class ToldItems {
  readonly #known = new Map<string, Known>();
  readonly #seen = new Map<string, Seen>();
  #count = 0;

  /** What has happened since; with `isQuiet` it is only noted. */
  changes(
    views: readonly ConversationView[],
    open: string | undefined,
    isQuiet: boolean,
  ): readonly ChatHappening[] {
    return views.flatMap((view) => {
      const before = this.#seen.get(view.uri);
      if (before?.view === view) return [];
      const told = this.#changesIn(view, before, view.uri === open);
      const last = view.items.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
      this.#seen.set(view.uri, { view, toldTo: Math.max(before?.toldTo ?? 0, last) });
      return isQuiet ? [] : told;
    });
  }

  #changesIn(
    view: ConversationView,
    before: Seen | undefined,
    open: boolean,
  ): readonly ChatHappening[] {
    const told: ChatHappening[] = [];
    const { uri, title, unread } = view;
    for (const item of view.items) {
      const known = this.#known.get(keyOf(uri, item));
      if (known?.item === item) continue;
      const shown = this.told(view, item);
      const what = known ? changeOf(known.item, item) : undefined;
      const isHistory = item.seq !== undefined && item.seq <= (before?.toldTo ?? 0);
      if (!known && !isHistory) told.push({ event: "message", open, unread, ...shown });
      else if (known && what) told.push({ event: "changed", what, open, ...shown });
    }
    const who = view.composing;
    if (who.join() !== (before?.view.composing ?? []).join()) {
      told.push({ event: "composing", conversation: uri, title, who });
    }
    const members = view.members;
    const isOther = members.join() !== before?.view.members.join() || title !== before.view.title;
    if (before && view.isGroup && isOther) {
      told.push({ event: "members", conversation: uri, title, members });
    }
    return told;
  }

  /** A message, with its number. */
  told(view: Pick<ConversationView, "uri" | "title" | "isGroup">, item: Item): ToldItem {
    const { uri, title, isGroup } = view;
    const key = keyOf(uri, item);
    const number = this.#known.get(key)?.number ?? ++this.#count;
    this.#note(key, { number, item });
    const { id, from, isOwn, at, text, file, replyTo, state, why, displayedBy } = item;
    const answered = replyTo === undefined ? undefined : this.#numberOf(uri, replyTo);
    return {
      ...{ conversation: uri, title, isGroup, item: number, id, from, own: isOwn, text, state },
      at: at.toISOString(),
      ...(file && { file: { name: file.name, size: file.size, url: file.url } }),
      ...(answered !== undefined && { replyTo: answered }),
      ...(why !== undefined && { why }),
      ...{ displayedBy, edited: item.isEdited, retracted: item.isRetracted },
    };
  }

  /** The message with this number, in this conversation. */
  byNumber(view: ConversationView, number: number): Item | undefined {
    return view.items.find((item) => this.#known.get(keyOf(view.uri, item))?.number === number);
  }

  #numberOf(uri: string, id: string): number | undefined {
    const items = this.#seen.get(uri)?.view.items ?? [];
    const item = items.find((one) => one.id === id);
    return item && this.#known.get(keyOf(uri, item))?.number;
  }

  #note(key: string, known: Known): void {
    this.#known.set(key, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
  }
}

const keyOf = (uri: string, { from, id }: Item): string => `${uri} ${from} ${id}`;

/** What is different, as far as somebody wants to know. */
function changeOf(before: Item, now: Item): Change | undefined {
  if (before.isRetracted !== now.isRetracted) return "retracted";
  if (before.text !== now.text) return "edited";
  const isFurther =
    before.state !== now.state || before.displayedBy.length < now.displayedBy.length;
  return isFurther ? "state" : undefined;
}
