/**
 * The store of messages in the house's database. Reads come from the main thread's connection at
 * once, writes go through the queue: each is one change, answered when its batch is on the disk.
 */
import type { Entry, JournalPage } from "carillon/documents";
import type {
  Group,
  MessageStore,
  Posted,
  Posting,
  PostingKey,
  Retention,
  StoredQuery,
} from "carillon/messaging";
import { Pending, StoreBusy } from "carillon/roles";
import type { Database } from "../database.ts";
import type { WriteQueue } from "../write-queue.ts";
import { cursorOf, type Failed } from "./apply-messages.ts";
import { Cursors } from "./cursors.ts";
import { groupOf, groupsOf } from "./groups.ts";
import {
  type ConversationRow,
  type Heard,
  lastOf,
  readConversations,
  readEntry,
  readHeard,
  readKnown,
  readLatest,
  readPage,
  readSaid,
} from "./journal-reader.ts";
import type { MessageWrite, RetentionWish, Swept } from "./message-write.ts";
import { retentionOf, SWEEP_START } from "./retention.ts";

export interface MessageStoreParts {
  /** To be read. */
  readonly db: Database;
  readonly queue: WriteQueue;
  /** Of the addresses of accounts here. */
  readonly domain: string;
}

const MAX_CONVERSATIONS = 1000;
/** Characters of messages that wait for the disk; each is held twice. */
const MAX_WAITING = 16 * 1024 * 1024;
/** What one takes beside its words, and beside that for each journal. */
const AROUND = 1024;
const FOR_JOURNAL = 64;
const RETRY_AFTER_SECONDS = 5;

export class SqliteMessageStore implements MessageStore {
  readonly #db: Database;
  readonly #queue: WriteQueue;
  readonly #domain: string;
  readonly #cursors: Cursors;
  readonly #listeners: ((account: string) => void)[] = [];
  #waiting = 0;
  #swept = SWEEP_START;

  constructor({ db, queue, domain }: MessageStoreParts) {
    this.#db = db;
    this.#queue = queue;
    this.#domain = domain;
    this.#cursors = new Cursors((cursors) => this.#write({ kind: "Advance", cursors }));
  }

  post(posting: Posting): Pending<Posted> {
    const answer = new Pending<Posted>();
    const size = sizeOf(posting);
    if (this.#waiting + size > MAX_WAITING) {
      answer.reject(new StoreBusy(RETRY_AFTER_SECONDS));
      return answer;
    }
    this.#waiting += size;
    const counts = posting.journals.map(({ account }) => this.#counts(posting, account));
    this.#write({ kind: "Post", posting, counts }).whenSettled(
      (value) => {
        this.#waiting -= size;
        const posted = value as Posted | Failed;
        if (posted.kind === "Failed") return answer.reject(new Error(posted.why));
        answer.resolve(posted);
        if (posted.kind === "New") this.#tell(posting, counts);
      },
      (cause) => {
        this.#waiting -= size;
        answer.reject(cause);
      },
    );
    return answer;
  }

  #tell({ journals, what }: Posting, counts: readonly boolean[]): void {
    if (this.#listeners.length === 0) return;
    const changed = journals.filter((_, i) => counts[i] === true || what.kind === "Read");
    for (const account of new Set(changed.map((journal) => journal.account))) {
      for (const listener of this.#listeners) listener(account);
    }
  }

  /** A message of somebody else's. */
  #counts({ what }: Posting, account: string): boolean {
    return what.kind === "Message" && what.from !== `sip:${account}@${this.#domain}`;
  }

  knows(keys: readonly PostingKey[]): readonly boolean[] {
    return readKnown(this.#db, keys);
  }

  page(account: string, query: StoredQuery): JournalPage {
    return readPage(this.#db, account, query);
  }

  last(account: string): number {
    return lastOf(this.#db, account);
  }

  entry(account: string, seq: number): Entry | undefined {
    return readEntry(this.#db, account, seq);
  }

  said(account: string, id: string): readonly Entry[] {
    return readSaid(this.#db, account, id);
  }

  /** The latest first. */
  conversations(account: string, limit = MAX_CONVERSATIONS): readonly ConversationRow[] {
    return readConversations(this.#db, account, limit);
  }

  /** What was said last in one of them. */
  latestMessage(account: string, uri: string): Entry | undefined {
    return readLatest(this.#db, account, uri);
  }

  /** Messages of others that this account has not seen on any device. */
  unread(account: string): number {
    return this.heard(account).unread;
  }

  /** Messages of others that are new to this account, and such that are not. */
  heard(account: string): Heard {
    return readHeard(this.#db, account);
  }

  /** Told after a write that has changed how many are new to an account, when it is on the disk. */
  whenHeard(listener: (account: string) => void): void {
    this.#listeners.push(listener);
  }

  group(name: string): Group | undefined {
    return groupOf(this.#db, name);
  }

  groupsOf(account: string): readonly Group[] {
    return groupsOf(this.#db, account);
  }

  cursor(account: string, device: string): number | undefined {
    if (this.#cursors.isDropped(account, device)) return undefined;
    const kept = cursorOf(this.#db, account, device);
    return kept === undefined ? undefined : Math.max(kept, this.#cursors.of(account, device));
  }

  beginCursor(account: string, device: string): number | Pending<number> {
    const known = this.cursor(account, device);
    if (known !== undefined) return known;
    return mapped(this.#write({ kind: "BeginCursor", account, device }), Number);
  }

  /** Written when the disk has time: until then it is known here. */
  advance(account: string, device: string, seq: number): void {
    this.#cursors.advance(account, device, seq);
  }

  dropCursor(account: string, device: string): Pending<void> {
    const written = this.#write({ kind: "DropCursor", account, device });
    return this.#cursors.drop(account, device, written);
  }

  behind(after: string, limit: number): readonly string[] {
    const found = new Set<string>();
    for (const { account, device, last } of this.#db.each<BehindRow>(BEHIND, after)) {
      if (found.size >= limit) break;
      // The disk may be told later what is known here already.
      const seq = this.#cursors.of(account, device);
      if (seq < last && !this.#cursors.isDropped(account, device)) found.add(account);
    }
    return [...found];
  }

  retention(account: string): Retention {
    return retentionOf(this.#db, account);
  }

  setRetention(account: string, retention: RetentionWish): Pending<void> {
    return mapped(this.#write({ kind: "SetRetention", account, retention }), () => {});
  }

  /** Goes on where the last one ended, and looks at a few hundred journals at most. */
  expire(nowMs: number, limit: number): Pending<number> {
    const place = this.#swept;
    return mapped(this.#write({ kind: "Expire", nowMs, limit, place }), (value) => {
      const { gone, next } = value as Swept;
      this.#swept = next;
      return gone;
    });
  }

  #write(write: MessageWrite): Pending<unknown> {
    return this.#queue.write({ kind: "Messages", write });
  }
}

/** More or less, and quickly. */
const sizeOf = ({ what, journals }: Posting): number =>
  AROUND + FOR_JOURNAL * journals.length + ("body" in what ? what.body.length : 0);

interface BehindRow {
  readonly account: string;
  readonly device: string;
  readonly last: number;
}

const BEHIND = `
  SELECT cursor.account, cursor.device, journal.last
    FROM cursor JOIN journal ON journal.account = cursor.account
   WHERE cursor.account > ? AND cursor.seq < journal.last
   ORDER BY cursor.account`;

function mapped<U, T>(from: Pending<U>, value: (from: U) => T): Pending<T> {
  const to = new Pending<T>();
  from.whenSettled(
    (found) => to.resolve(value(found)),
    (cause) => to.reject(cause),
  );
  return to;
}
