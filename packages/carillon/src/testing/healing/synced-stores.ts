/** What a server keeps on a disk that forgets what was not synced. */
import type { Entry, JournalPage } from "../../documents/journal.ts";
import type { MemoryMessageStore } from "../../messaging/memory-message-store.ts";
import type {
  Group,
  MessageStore,
  Posted,
  Posting,
  PostingKey,
  Retention,
  StoredQuery,
} from "../../messaging/message-store.ts";
import type { Answer } from "../../roles/answer.ts";
import type {
  MemoryPublications,
  MemorySubscriptions,
  PublicationStore,
  SavedPublication,
  SavedSubscription,
  SubscriptionStore,
} from "../../state-agent/stores.ts";
import type { SyncedDisk } from "./synced-disk.ts";

/** Reads what was synced; writes are answered once they are. */
export class SyncedMessages implements MessageStore {
  readonly #kept: MemoryMessageStore;
  readonly #disk: SyncedDisk;

  constructor(kept: MemoryMessageStore, disk: SyncedDisk) {
    this.#kept = kept;
    this.#disk = disk;
  }

  post(posting: Posting): Answer<Posted> {
    return this.#disk.write(() => this.#kept.post(posting));
  }

  knows(keys: readonly PostingKey[]): readonly boolean[] {
    return this.#kept.knows(keys);
  }

  page(account: string, query: StoredQuery): JournalPage {
    return this.#kept.page(account, query);
  }

  last(account: string): number {
    return this.#kept.last(account);
  }

  entry(account: string, seq: number): Entry | undefined {
    return this.#kept.entry(account, seq);
  }

  said(account: string, id: string): readonly Entry[] {
    return this.#kept.said(account, id);
  }

  group(name: string): Group | undefined {
    return this.#kept.group(name);
  }

  groupsOf(account: string): readonly Group[] {
    return this.#kept.groupsOf(account);
  }

  cursor(account: string, device: string): number | undefined {
    return this.#kept.cursor(account, device);
  }

  beginCursor(account: string, device: string): Answer<number> {
    return this.#disk.write(() => this.#kept.beginCursor(account, device));
  }

  advance(account: string, device: string, seq: number): Answer<void> {
    return this.#disk.write(() => this.#kept.advance(account, device, seq));
  }

  dropCursor(account: string, device: string): Answer<void> {
    return this.#disk.write(() => this.#kept.dropCursor(account, device));
  }

  behind(after: string, limit: number): readonly string[] {
    return this.#kept.behind(after, limit);
  }

  retention(account: string): Retention {
    return this.#kept.retention(account);
  }

  setRetention(account: string, retention: Retention): Answer<void> {
    return this.#disk.write(() => this.#kept.setRetention(account, retention));
  }

  expire(nowMs: number, limit: number): Answer<number> {
    return this.#disk.write(() => this.#kept.expire(nowMs, limit));
  }
}

export class SyncedSubscriptions implements SubscriptionStore {
  readonly #kept: MemorySubscriptions;
  readonly #disk: SyncedDisk;

  constructor(kept: MemorySubscriptions, disk: SyncedDisk) {
    this.#kept = kept;
    this.#disk = disk;
  }

  all(): readonly SavedSubscription[] {
    return this.#kept.all();
  }

  save(subscription: SavedSubscription): Answer<void> {
    return this.#disk.write(() => this.#kept.save(subscription));
  }

  remove(id: string): void {
    this.#disk.write(() => this.#kept.remove(id));
  }
}

export class SyncedPublications implements PublicationStore {
  readonly #kept: MemoryPublications;
  readonly #disk: SyncedDisk;

  constructor(kept: MemoryPublications, disk: SyncedDisk) {
    this.#kept = kept;
    this.#disk = disk;
  }

  all(): readonly SavedPublication[] {
    return this.#kept.all();
  }

  save(publication: SavedPublication): Answer<void> {
    return this.#disk.write(() => this.#kept.save(publication));
  }

  remove(id: string): Answer<void> {
    return this.#disk.write(() => this.#kept.remove(id));
  }
}
