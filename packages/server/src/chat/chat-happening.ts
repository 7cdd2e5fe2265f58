/**
 * What happens in conversations at a terminal, as data: what a script reads, one JSON document a
 * line. `chat-words.ts` says the same to people.
 */
import type { ItemState, SyncState } from "carillon/chat";

/** A message as it is now. */
export interface ToldItem {
  /** The address of the other person, or of the group. */
  readonly conversation: string;
  /** Of the conversation: a group's title, a person's address. */
  readonly title: string;
  readonly isGroup: boolean;
  /** Counted from 1; what orders name it by. */
  readonly item: number;
  readonly id: string;
  readonly from: string;
  readonly own: boolean;
  /** ISO 8601 */
  readonly at: string;
  readonly text: string;
  readonly file?: { readonly name: string; readonly size: number; readonly url: string };
  /** The number of what it answers, if that is known here. */
  readonly replyTo?: number;
  readonly state: ItemState;
  /** Why it failed. */
  readonly why?: string;
  readonly displayedBy: readonly string[];
  readonly edited: boolean;
  readonly retracted: boolean;
}

export type ChatHappening =
  | { readonly event: "state"; readonly state: SyncState | "SignedOut"; readonly why?: string }
  /** Something was said; `open`: in the conversation that is open. */
  | ({ readonly event: "message"; readonly open: boolean; readonly unread: number } & ToldItem)
  /** It was changed, taken back, or has come further. `what` says which. */
  | ({ readonly event: "changed"; readonly what: Change; readonly open: boolean } & ToldItem)
  /** What was asked for: a part of a conversation, or what was found. */
  | ({ readonly event: "item" } & ToldItem)
  | {
      readonly event: "conversation";
      readonly conversation: string;
      readonly title: string;
      readonly group: boolean;
      readonly members: readonly string[];
      readonly unread: number;
      /** The beginning of the last message. */
      readonly text: string;
    }
  | { readonly event: "opened"; readonly conversation: string; readonly title: string }
  | {
      readonly event: "composing";
      readonly conversation: string;
      readonly title: string;
      readonly who: readonly string[];
    }
  | {
      readonly event: "members";
      readonly conversation: string;
      readonly title: string;
      readonly members: readonly string[];
    }
  /** Something was in the way of what was asked. */
  | { readonly event: "trouble"; readonly code: string; readonly message: string };

export type Change = "state" | "edited" | "retracted";

/** What came of an order. */
export interface ChatReply {
  /** The number that came with the order, if one did. */
  readonly reply: string | number | undefined;
  readonly ok: boolean;
  /** The message that it made. */
  readonly item?: number;
  readonly id?: string;
  /** What was asked for. */
  readonly list?: readonly ChatHappening[];
  /** Whether there is more before. */
  readonly more?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}
