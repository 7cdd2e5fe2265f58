/** What is shown of a conversation: the same on each of one's devices, once all have caught up. */
import type { FileReference } from "../documents/file-reference.ts";

/** A conversation as it is now: a value that never changes. */
export interface ConversationView {
  /** The address of the other person, or of the group. */
  readonly uri: string;
  /** The group's; of a person their address without its scheme. */
  readonly title: string;
  /** Whether more than two can be in it. */
  readonly isGroup: boolean;
  /** Addresses of a group's members; without one's own after one has left. Empty for a person. */
  readonly members: readonly string[];
  /** In order. What has not been accepted yet comes last. */
  readonly items: readonly Item[];
  /** Messages of others that none of one's devices has shown: among `items`. */
  readonly unread: number;
  /** Who is writing, by their addresses. */
  readonly composing: readonly string[];
  /** Whether there may be more before the first of `items`: `Conversation.earlier`. */
  readonly hasEarlier: boolean;
}

/** One message, with all that became of it. */
export interface Item {
  /** Its Message-ID, a key together with `from`. */
  readonly id: string;
  /** Its place in the journal; undefined until the server has it. */
  readonly seq: number | undefined;
  /** The address of who wrote it. */
  readonly from: string;
  /** Whether one wrote it oneself, on whatever device. */
  readonly isOwn: boolean;
  /** When the server accepted it; when it was written, before that. */
  readonly at: Date;
  /** With its parameters: `text/plain;charset=UTF-8`. */
  readonly contentType: string;
  /** What to show, as it was edited last; empty after it was retracted, and for what is no text. */
  readonly text: string;
  /** Octets of what is no text, in base64. */
  readonly data?: string;
  /** The file it is about; gone once it was retracted. */
  readonly file?: FileReference;
  /** The Message-ID of what it answers. */
  readonly replyTo?: string;
  /** Of one's own messages; those of others are `Sent`. */
  readonly state: ItemState;
  /** Why it failed, in words. */
  readonly why?: string;
  /** Who has shown it, by their addresses. */
  readonly displayedBy: readonly string[];
  /** Other words were put in the place of the first. */
  readonly isEdited: boolean;
  /** Its writer has taken it back. */
  readonly isRetracted: boolean;
}

/**
 * How far a message of one's own has come. `Waiting`: not on the server yet. `Sent`: the server has
 * it, for good. `Delivered`, `Displayed`: so it is for everybody else in the conversation.
 * `Failed`: refused; `Conversation.again` tries it once more.
 */
export type ItemState = "Waiting" | "Sent" | "Delivered" | "Displayed" | "Failed";
