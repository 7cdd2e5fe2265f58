/** From what is kept of a conversation to what is shown of it. */
import type { ConversationState, Pending } from "./conversation.ts";
import type { ConversationView, Item, ItemState } from "./conversation-view.ts";
import { editOf, isRetracted, type KeptItem, type Reach, reachOf } from "./kept-item.ts";

/** What is shown of a conversation. `isFromStart`: the whole journal has been read. */
export function viewOf(state: ConversationState, isFromStart: boolean): ConversationView {
  const { uri, group, items, own, composing, earlier } = state;
  const isGroup = group !== undefined || items.some(({ from }) => from !== own && from !== uri);
  return {
    ...{ uri, isGroup, composing, unread: unreadIn(state) },
    title: group?.title || uri.slice(uri.indexOf(":") + 1),
    members: group?.members ?? [],
    items: itemsOf(state),
    hasEarlier: earlier === "Some" || (earlier === "Unknown" && !isFromStart),
  };
}

/** Messages of others that nobody has shown on any of one's devices. */
export function unreadIn({ items, own, readUpTo }: ConversationState): number {
  let count = 0;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i] as KeptItem;
    if (item.seq <= readUpTo) break;
    if (item.from !== own && !isRetracted(item)) count++;
  }
  return count;
}

function itemsOf(state: ConversationState): readonly Item[] {
  const others = othersIn(state);
  const all: Item[] = [];
  const failed = state.pending.filter((one) => one.state === "Failed");
  const putFailed = (upTo: number): void => {
    for (const one of failed) if (one.after < upTo) all.push(pendingItem(state, one));
    failed.splice(0, failed.length, ...failed.filter((one) => one.after >= upTo));
  };
  for (const item of state.items) {
    if (failed.length > 0) putFailed(item.seq);
    all.push(shownItem(state, item, others));
  }
  putFailed(Number.POSITIVE_INFINITY);
  for (const one of state.pending) if (one.state !== "Failed") all.push(pendingItem(state, one));
  return all;
}

/** Everybody who is to hear what one writes. */
function othersIn({ uri, own, group }: ConversationState): readonly string[] {
  return group ? group.members.filter((one) => one !== own) : uri === own ? [] : [uri];
}

function shownItem(state: ConversationState, item: KeptItem, others: readonly string[]): Item {
  const { own, changes } = state;
  const isOwn = item.from === own;
  const { id, seq, from, at, file, replyTo, data } = item;
  const change = isOwn ? changes.findLast((one) => one.id === id) : undefined;
  const isGone = isRetracted(item) || (change !== undefined && change.text === undefined);
  const edit = editOf(item)?.what;
  const text = isGone ? "" : (change?.text ?? edit?.body ?? item.text);
  return {
    ...{ id, seq, from, isOwn, at: dateOf(at), text, isRetracted: isGone },
    contentType: (isGone ? undefined : edit?.contentType) ?? item.contentType,
    ...(data !== undefined && !isGone && { data }),
    ...(file !== undefined && !isGone && { file }),
    ...(replyTo !== undefined && { replyTo }),
    ...(isOwn ? fateOf(reachOf(item), others) : { state: "Sent", displayedBy: [] }),
    isEdited: !isGone && (edit !== undefined || change !== undefined),
  };
}

/** The last day that there is, for a server whose clock is beyond it. */
const LAST_DAY_MS = 8.64e15;
const dateOf = (ms: number): Date => new Date(Math.min(ms, LAST_DAY_MS));

/** In a group it has come as far as with the last of its members. */
function fateOf(
  reached: ReadonlyMap<string, Reach>,
  others: readonly string[],
): Pick<Item, "state" | "displayedBy" | "why"> {
  const displayedBy = [...reached].filter(([, how]) => how === "displayed").map(([by]) => by);
  const all = others.map((one) => reached.get(one));
  const isFailed = all.length > 0 && all.every((one) => one === "failed");
  const state = isFailed ? "Failed" : stateOf(all);
  return { state, displayedBy: displayedBy.toSorted(), ...(isFailed && { why: UNDELIVERABLE }) };
}

function stateOf(all: readonly (Reach | undefined)[]): ItemState {
  if (all.length === 0) return "Sent";
  if (all.every((one) => one === "displayed")) return "Displayed";
  return all.every((one) => one === "displayed" || one === "delivered") ? "Delivered" : "Sent";
}

const UNDELIVERABLE = "It could not be delivered.";

function pendingItem({ own, changes }: ConversationState, one: Pending): Item {
  const { id, at, contentType, text, file, replyTo, state, why } = one;
  const change = changes.findLast((other) => other.id === id);
  const isRetracted = change !== undefined && change.text === undefined;
  return {
    ...{ id, seq: undefined, from: own, isOwn: true, at: dateOf(at), contentType, state },
    text: isRetracted ? "" : (change?.text ?? text),
    ...(file !== undefined && !isRetracted && { file }),
    ...(replyTo !== undefined && { replyTo }),
    ...(why !== undefined && { why }),
    ...{ displayedBy: [], isEdited: change?.text !== undefined, isRetracted },
  };
}
