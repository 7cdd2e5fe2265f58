/** All of one's conversations, as a pure function of what happened in them. */
import type { Entry } from "../documents/journal.ts";
import { type ConversationState, emptyConversation, reduce } from "./conversation.ts";
import type { ConversationView } from "./conversation-view.ts";
import type { LocalEvent } from "./local-event.ts";
import { unreadIn, viewOf } from "./view-of.ts";

/** What is known of all conversations. A value: `reduceAll` makes the next. */
export interface ConversationsState {
  /** One's own address. */
  readonly own: string;
  readonly byUri: ReadonlyMap<string, ConversationState>;
  /** Every entry from the first of the journal on has been read. */
  readonly isFromStart: boolean;
}

/** Conversations that are kept: those in which nothing happened for the longest time go first. */
const MAX_CONVERSATIONS = 1000;

/** Before anything is known. */
export const noConversations = (own: string): ConversationsState => ({
  ...{ own, byUri: new Map(), isFromStart: false },
});

/**
 * The conversations after entries of the journal, and what happened on this device. The same
 * entries in any pieces and order, however often each, come to the same.
 */
export function reduceAll(
  state: ConversationsState,
  events: readonly (Entry | LocalEvent)[],
): ConversationsState {
  if (events.length === 0) return state;
  const byUri = new Map(state.byUri);
  for (const event of events) {
    const { conversation } = event;
    const known = byUri.get(conversation) ?? emptyConversation(conversation, state.own);
    byUri.set(conversation, reduce(known, event));
  }
  return { ...state, byUri: bounded(byUri), isFromStart: state.isFromStart };
}

function bounded(
  byUri: ReadonlyMap<string, ConversationState>,
): ReadonlyMap<string, ConversationState> {
  const over = byUri.size - MAX_CONVERSATIONS;
  if (over <= 0) return byUri;
  const idle = [...byUri.values()].filter(({ pending }) => pending.length === 0);
  const oldest = idle.sort((a, b) => a.lastSeq - b.lastSeq).slice(0, over);
  const gone = new Set(oldest.map(({ uri }) => uri));
  return new Map([...byUri].filter(([uri]) => !gone.has(uri)));
}

/** One of them; an empty one if nothing is known of it. */
export const conversationIn = (state: ConversationsState, uri: string): ConversationState =>
  state.byUri.get(uri) ?? emptyConversation(uri, state.own);

/** What is shown of all that have something to show, the latest first. */
export function viewsOf(
  state: ConversationsState,
  view: (one: ConversationState) => ConversationView = (one) => viewOf(one, state.isFromStart),
): readonly ConversationView[] {
  return [...state.byUri.values()]
    .filter(({ items, pending, group }) => items.length > 0 || pending.length > 0 || group)
    .sort((a, b) => b.lastAt - a.lastAt || (a.uri < b.uri ? -1 : 1))
    .map(view);
}

/** Messages that nobody has shown yet, in all of them. */
export const unreadOf = (state: ConversationsState): number =>
  [...state.byUri.values()].reduce((sum, one) => sum + unreadIn(one), 0);
