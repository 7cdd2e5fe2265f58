/**
 * What a server keeps of messages: the journals of its accounts, its groups, and how far each plain
 * phone has got. A port: `MemoryMessageStore` here, a database in a program.
 */
import type { Entry, JournalPage, What } from "../documents/journal.ts";
import type { Answer } from "../roles/answer.ts";

/** Something that happened, to be written into all journals that it concerns. */
export interface Posting {
  /** The same key is taken once, ever: a message that is sent again has the key that it had. */
  readonly key: PostingKey;
  /** In ms since 1970. */
  readonly at: number;
  /** The same for all of them. */
  readonly what: What;
  /**
   * Each gets one entry, in this order; 400 at most, none twice. With none of them the key alone is
   * kept. One account may be there with several conversations.
   */
  readonly journals: readonly JournalName[];
  /** A group that this makes or changes. */
  readonly group?: GroupChange;
}

/** Who posted it, and what they call it. Each up to 1,024 characters, of any kind. */
export interface PostingKey {
  /** An address: that of an account here, or of another domain. */
  readonly from: string;
  /** A Message-ID, with a letter and a space before it that say what it is about. */
  readonly id: string;
}

/** A conversation in somebody's journal. */
export interface JournalName {
  /** The name of an account here. */
  readonly account: string;
  /** The address of the other person or the group. */
  readonly conversation: string;
}

/** People who talk to each other under one address. */
export interface Group {
  /** The user part of its address, which no account has. */
  readonly name: string;
  /** For people; up to 200 characters. */
  readonly title: string;
  /** The account that made it. */
  readonly owner: string;
  /** Accounts, in the order in which they were given; 200 at most. */
  readonly members: readonly string[];
  /** 1 when it is made, and one more with each change. */
  readonly version: number;
}

/** A group as it is from now on. */
export interface GroupChange {
  /** Put in place of what was. */
  readonly group: Group;
  /** The version that it has to have until then; 0: there is none of this name. */
  readonly replaces: number;
}

/** What became of a posting. */
export type Posted =
  /** It is written, with these numbers in the journals, in their order. */
  | { readonly kind: "New"; readonly seqs: readonly number[] }
  /** Its key is known: nothing has been written now, and everything was then. */
  | { readonly kind: "Known" }
  /** Somebody else has changed the group meanwhile, or taken its name. Nothing has been written. */
  | { readonly kind: "Conflict" };

/** Which entries of a journal. */
export type StoredQuery =
  /** Those with a greater number, the oldest `limit` of them. */
  | {
      readonly kind: "After";
      readonly after: number;
      readonly limit: number;
      readonly with?: string;
    }
  /** Those with a smaller number, the newest `limit`; `find`: messages with that in their text. */
  | {
      readonly kind: "Before";
      readonly before: number;
      readonly limit: number;
      readonly with?: string;
      readonly find?: string;
    };

/** For how long entries are kept: whichever comes first. */
export interface Retention {
  /** Entries older than this go. */
  readonly days: number;
  /** When there are more than this, the oldest go. */
  readonly entries: number;
}

/** 2 years or 100,000 entries: what an account has that has said nothing else. */
export const DEFAULT_RETENTION: Retention = { days: 730, entries: 100_000 };

/**
 * A store of messages. Writes are carried out in the order in which they are asked for, and each is
 * answered once it will outlive a crash, with everything that was asked for before it. None throws:
 * a store that fails rejects its answer (`StoreBusy` when it is too far behind), and then nothing
 * of that write is there, or will be.
 */
export interface MessageStore {
  /**
   * Writes an entry into all of the journals, the group and the key in one change: all of it or
   * nothing. Where the entry is a `Retracted`, the words and the file of the message with that id
   * and sender, and of its `Edited`, are taken out of those journals; the entries stay.
   */
  post(posting: Posting): Answer<Posted>;
  /** Whether each of these keys is there; for what would be posted again in vain. */
  knows(keys: readonly PostingKey[]): Answer<readonly boolean[]>;
  /** Entries with rising numbers; `isWhole` where nothing was left out beyond the limit. */
  page(account: string, query: StoredQuery): Answer<JournalPage>;
  /** The greatest number given in this journal; 0 where there is none. It never falls. */
  last(account: string): Answer<number>;
  /** The entry with this number. */
  entry(account: string, seq: number): Answer<Entry | undefined>;
  /** The `Message` entries of a journal with this Message-ID, whoever sent them; 32 at most. */
  said(account: string, id: string): Answer<readonly Entry[]>;

  /** The group of this name. */
  group(name: string): Answer<Group | undefined>;
  /** Those that an account is in, by name. */
  groupsOf(account: string): Answer<readonly Group[]>;

  /** Up to where a device has everything; undefined: it is not known. */
  cursor(account: string, device: string): Answer<number | undefined>;
  /** Makes a device known that is not: it begins at the journal's end. Where it stands now. */
  beginCursor(account: string, device: string): Answer<number>;
  /**
   * It has everything up to here. May be lost in a crash: what is sent again then has the
   * Message-ID that it had. A smaller number than before changes nothing.
   */
  advance(account: string, device: string, seq: number): Answer<void>;
  /** Nothing is kept for this device any more. */
  dropCursor(account: string, device: string): Answer<void>;
  /** Accounts after this name, by name, of which a device has not everything; `limit` at most. */
  behind(after: string, limit: number): Answer<readonly string[]>;

  /** For how long this account's entries are kept. */
  retention(account: string): Answer<Retention>;
  /** Keeps them for so long from now on. */
  setRetention(account: string, retention: Retention): Answer<void>;
  /**
   * Takes out what is over its time by now, `limit` entries at most. How many those were. By 0 none
   * is too old, and only what is too many goes.
   */
  expire(nowMs: number, limit: number): Answer<number>;
}
