/** A bell, and a notification, for what comes in while nobody looks at it. */
import type { ConversationView } from "carillon/chat";
import type { Person } from "../api.ts";
import type { Place } from "../pages/place.ts";
import type { Store } from "../store.ts";
import type { ChatStore } from "./chat-store.ts";
import { itemLine } from "./last-line.ts";
import { namesOf, titleOf } from "./names.ts";
import { type Known, type News, newsOf } from "./news.ts";
import type { Notifications } from "./notifications.ts";
import { isLookedAt } from "./use-attention.ts";

export interface NewsParts {
  readonly chat: ChatStore;
  readonly notifications: Notifications;
  readonly place: Store<Place>;
  readonly people: () => readonly Person[];
  readonly strike: () => void;
  /** Somebody looks at the stage. */
  readonly isSeen: () => boolean;
}

export function tellNews(parts: NewsParts): () => void {
  const { chat, place, strike } = parts;
  let known: Known = new Map();
  const look = (): void => {
    const list: readonly ConversationView[] = chat.list.read();
    // Counted as unread until the stage has told that it was read.
    const isQuiet = chat.state.read() === "Syncing";
    const seen = newsOf(known, list, { isQuiet, nowMs: Date.now() });
    known = seen.known;
    const { tab, conversation } = place.read();
    const open = tab === "Chat" && parts.isSeen() ? conversation : undefined;
    const news = seen.news.filter((one) => one.conversation.uri !== open);
    if (news.length > 0) strike();
    if (!isLookedAt()) for (const one of news) notify(one, parts);
  };
  const unlisten = [chat.list.subscribe(look), chat.state.subscribe(look)];
  look();
  return () => {
    for (const stop of unlisten) stop();
  };
}

function notify({ conversation, item }: News, { notifications, people, place }: NewsParts): void {
  const nameOf = namesOf(people());
  const title = titleOf(conversation, nameOf);
  const line = itemLine(item);
  const body = conversation.isGroup ? `${nameOf(item.from)}: ${line}` : line;
  notifications.show(title, body, conversation.uri, () =>
    place.write({ tab: "Chat", conversation: conversation.uri }),
  );
}
