/** What one can do with conversations. The machine behind it: `conversations.ts`. */
import type { FileReference } from "../documents/file-reference.ts";
import type { IterationOptions } from "../ua/replay.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { ConversationView, Item } from "./conversation-view.ts";

/** Where conversations are kept, and how much of them is told. */
export interface ConversationsOptions {
  /** Where what waits to be sent, and what is known, is kept; memory if left out. */
  readonly store?: ConversationStore;
  /** Whether those who ask are told that one has read their messages; true if left out. */
  readonly tellsDisplayed?: boolean;
}

/**
 * How far they are known. `Syncing`: on the way. `Current`: all there is. `Offline`: what this
 * device knew last. `Plain`: the server keeps no journal; only what is said meanwhile is shown.
 */
export type SyncState = "Syncing" | "Current" | "Offline" | "Plain";

/** A message that was found. */
export interface Found {
  /** The address of the other person, or of the group. */
  readonly conversation: string;
  /** It, as its conversation shows it. */
  readonly item: Item;
}

/** All conversations of a phone, from `conversations` until it is closed or its phone is. */
export interface Conversations {
  /** All of them, the latest first. */
  list(): readonly ConversationView[];
  /** The same, now and whenever something changes. What nobody has looked at is skipped. */
  changes(options?: IterationOptions): AsyncIterableIterator<readonly ConversationView[]>;
  /** Messages that none of one's devices has shown, in all of them. */
  readonly unread: number;
  /** How far they are known. */
  readonly state: SyncState;
  /** `state` now, and whenever it changes. */
  states(options?: IterationOptions): AsyncIterableIterator<SyncState>;
  /** With a person or a group. Throws a RangeError on what is no SIP address. */
  open(uri: string): Conversation;
  /**
   * Messages with these words, the latest first, 50 of them if nothing else is said. Rejects with a
   * SipError where the server keeps no journal, or says nothing.
   */
  find(text: string, options?: { readonly limit?: number }): Promise<readonly Found[]>;
  /**
   * Makes a group at `sip:NAME@` one's own domain, of these people and oneself. Rejects with a
   * SipError if the name is taken, or the server does not want it.
   */
  createGroup(name: string, title: string, members: readonly string[]): Promise<Conversation>;
  /** Ends it. What waits to be sent stays in the store. */
  close(): void;
}

/** What goes with a message. */
export interface SendItemOptions {
  /** `text/plain;charset=UTF-8` if left out. */
  readonly contentType?: string;
  /** A file that has been sent already: `carillon/msrp`. */
  readonly file?: FileReference;
  /** The Message-ID of what it answers. */
  readonly replyTo?: string;
}

/** One conversation, with a person or a group. What is done here is shown at once. */
export interface Conversation {
  /** The address of the other person, or of the group. */
  readonly uri: string;
  /** What is shown now. */
  view(): ConversationView;
  /** What is shown now, and whenever that changes. What nobody has looked at is skipped. */
  changes(options?: IterationOptions): AsyncIterableIterator<ConversationView>;
  /**
   * Sends a message as soon as it can be, in order, and again until the server has it. Its
   * Message-ID. Throws a RangeError on more than 16,000 octets, and a SipError with 1,000 waiting.
   */
  send(text: string, options?: SendItemOptions): string;
  /** Changes the text of one's own message, for everybody. Throws a RangeError on any other. */
  edit(id: string, text: string): void;
  /** Takes one's own message back, for everybody. Throws a RangeError on any other. */
  retract(id: string): void;
  /** Sends one that has failed once more; nothing if it has not. */
  again(id: string): void;
  /** Call it whenever something is typed: the others are told, as seldom as it may be. */
  composing(): void;
  /** What was typed has been thrown away. */
  stopped(): void;
  /** All of it has been shown: one's other devices and those who wrote hear of it. */
  read(): void;
  /**
   * Adds earlier messages, 50 if nothing else is said. Resolves with whether there are more;
   * rejects with a SipError if they are not to be had now.
   */
  earlier(limit?: number): Promise<boolean>;
  /** Of a group: who is in it, with oneself. Rejects with a SipError if one may not. */
  setMembers(members: readonly string[]): Promise<void>;
  /** Of a group. Rejects with a SipError if one may not. */
  setTitle(title: string): Promise<void>;
  /** Of a group: says goodbye to it. */
  leave(): Promise<void>;
}
