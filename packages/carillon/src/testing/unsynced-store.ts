/**
 * A store of messages whose disk loses its power: what was not synced yet is gone, and whoever
 * waits for it is never answered. For tests of `messaging`.
 */
import type { Entry, JournalPage } from "../documents/journal.ts";
import type { MemoryMessageStore } from "../messaging/memory-message-store.ts";
import type {
  Group,
  MessageStore,
  Posted,
  Posting,
  PostingKey,
  Retention,
  StoredQuery,
} from "../messaging/message-store.ts";
import { type Answer, Pending } from "../roles/answer.ts";

interface Write {
  /** Carries it out on what is synced, and says so. */
  readonly sync: (isAnswered: boolean) => void;
}

/** Reads see what is synced, as those of another connection to a database do. */
export class UnsyncedStore implements MessageStore {
  /** What a cut leaves. */
  readonly synced: MemoryMessageStore;
  /** It says so before it is true: what no store may do. */
  answersEarly = false;
  #writes: Write[] = [];

  constructor(synced: MemoryMessageStore) {
    this.synced = synced;
  }

  /** Writes that are not on the disk. */
  get waiting(): number {
    return this.#writes.length;
  }

  /**
   * Syncs the oldest writes, in order. Run it in a turn of the endpoint. Not `isAnswered`: the
   * power goes right behind it, before anybody has heard.
   */
  sync(count: number, isAnswered = true): void {
    for (const { sync } of this.#writes.splice(0, count)) sync(isAnswered);
  }

  #write<T>(run: (synced: MemoryMessageStore) => T): Answer<T> {
    const answer = new Pending<T>();
    const sync = (isAnswered: boolean): void => {
      const value = run(this.synced);
      if (isAnswered) answer.resolve(value);
    };
    this.#writes.push({ sync });
    return answer;
  }

  post(posting: Posting): Answer<Posted> {
    // A copy, as it goes to another thread.
    const copy = JSON.parse(JSON.stringify(posting)) as Posting;
    const answer = this.#write((store) => store.post(copy));
    return this.answersEarly ? { kind: "New", seqs: [] } : answer;
  }

  knows(keys: readonly PostingKey[]): readonly boolean[] {
    return this.synced.knows(keys);
  }

  page(account: string, query: StoredQuery): JournalPage {
    return this.synced.page(account, query);
  }

  last(account: string): number {
    return this.synced.last(account);
  }

  entry(account: string, seq: number): Entry | undefined {
    return this.synced.entry(account, seq);
  }

  said(account: string, id: string): readonly Entry[] {
    return this.synced.said(account, id);
  }

  group(name: string): Group | undefined {
    return this.synced.group(name);
  }

  groupsOf(account: string): readonly Group[] {
    return this.synced.groupsOf(account);
  }

  cursor(account: string, device: string): number | undefined {
    return this.synced.cursor(account, device);
  }

  beginCursor(account: string, device: string): Answer<number> {
    return this.#write((store) => store.beginCursor(account, device));
  }

  advance(account: string, device: string, seq: number): Answer<void> {
    return this.#write((store) => store.advance(account, device, seq));
  }

  dropCursor(account: string, device: string): Answer<void> {
    return this.#write((store) => store.dropCursor(account, device));
  }

  behind(after: string, limit: number): readonly string[] {
    return this.synced.behind(after, limit);
  }

  retention(account: string): Retention {
    return this.synced.retention(account);
  }

  setRetention(account: string, retention: Retention): Answer<void> {
    return this.#write((store) => store.setRetention(account, retention));
  }

  expire(nowMs: number, limit: number): Answer<number> {
    return this.#write((store) => store.expire(nowMs, limit));
  }
}
