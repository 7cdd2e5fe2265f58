/** Messages in memory: for tests, and for a server that keeps nothing. */
import type { Entry, JournalPage, What } from "../documents/journal.ts";
import {
  DEFAULT_RETENTION,
  type Group,
  type GroupChange,
  type MessageStore,
  type Posted,
  type Posting,
  type PostingKey,
  type Retention,
  type StoredQuery,
} from "./message-store.ts";

interface Journal {
  /** By their numbers, rising. */
  entries: Entry[];
  /** Numbers of the messages of one Message-ID. */
  readonly said: Map<string, number[]>;
  last: number;
  readonly cursors: Map<string, number>;
  retention: Retention;
}

const DAY_MS = 86_400_000;
/** Messages that several senders gave one id. */
const MAX_SAID = 32;

/** Everything is answered at once, and is gone with the process. */
export class MemoryMessageStore implements MessageStore {
  readonly #journals = new Map<string, Journal>();
  readonly #keys = new Set<string>();
  readonly #groups = new Map<string, Group>();

  /** Writes all of it or nothing. */
  post({ key, at, what, journals, group }: Posting): Posted {
    const known = keyOf(key);
    if (this.#keys.has(known)) return { kind: "Known" };
    if (group && !this.#isFree(group)) return { kind: "Conflict" };
    this.#keys.add(known);
    if (group) this.#groups.set(group.group.name, group.group);
    const seqs = journals.map(({ account, conversation }) => {
      const journal = this.#journal(account);
      if (what.kind === "Retracted") silence(journal, conversation, what);
      const seq = ++journal.last;
      journal.entries.push({ seq, at, conversation, what });
      if (what.kind === "Message") {
        const seqs = journal.said.get(what.id) ?? [];
        seqs.push(seq);
        journal.said.set(what.id, seqs);
      }
      return seq;
    });
    return { kind: "New", seqs };
  }

  #isFree({ group, replaces }: GroupChange): boolean {
    return (this.#groups.get(group.name)?.version ?? 0) === replaces;
  }

  /** Whether each of them has been posted. */
  knows(keys: readonly PostingKey[]): readonly boolean[] {
    return keys.map((key) => this.#keys.has(keyOf(key)));
  }

  /** Entries that are asked for. */
  page(account: string, query: StoredQuery): JournalPage {
    const { entries, last } = this.#journal(account);
    const { limit } = query;
    const found: Entry[] = [];
    const isForward = query.kind === "After";
    const from = isForward ? placeOf(entries, query.after + 1) : placeOf(entries, query.before) - 1;
    // One more than is asked for tells whether there are more.
    for (let at = from; found.length <= limit; at += isForward ? 1 : -1) {
      const entry = entries[at];
      if (!entry) break;
      if (isAskedFor(entry, query)) found.push(entry);
    }
    const some = found.slice(0, limit);
    if (!isForward) some.reverse();
    return { entries: some, last, isWhole: found.length <= limit };
  }

  /** The greatest number that was given. */
  last(account: string): number {
    return this.#journal(account).last;
  }

  /** The entry with this number. */
  entry(account: string, seq: number): Entry | undefined {
    const { entries } = this.#journal(account);
    const found = entries[placeOf(entries, seq)];
    return found?.seq === seq ? found : undefined;
  }

  /** Messages with this id. */
  said(account: string, id: string): readonly Entry[] {
    const seqs = this.#journal(account).said.get(id) ?? [];
    return seqs.slice(0, MAX_SAID).flatMap((seq) => this.entry(account, seq) ?? []);
  }

  /** The group of this name. */
  group(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  /** Those that this account is in. */
  groupsOf(account: string): readonly Group[] {
    return [...this.#groups.values()]
      .filter(({ members }) => members.includes(account))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Up to where this device has everything. */
  cursor(account: string, device: string): number | undefined {
    return this.#journal(account).cursors.get(device);
  }

  /** Makes a device known. */
  beginCursor(account: string, device: string): number {
    const { cursors, last } = this.#journal(account);
    const at = cursors.get(device) ?? last;
    cursors.set(device, at);
    return at;
  }

  /** It has everything up to here. */
  advance(account: string, device: string, seq: number): void {
    const { cursors } = this.#journal(account);
    const at = cursors.get(device);
    if (at !== undefined && at < seq) cursors.set(device, seq);
  }

  /** Forgets this device. */
  dropCursor(account: string, device: string): void {
    this.#journal(account).cursors.delete(device);
  }

  /** Accounts of which a device has not everything. */
  behind(after: string, limit: number): readonly string[] {
    return [...this.#journals]
      .filter(([name, { cursors, last }]) => {
        return name > after && [...cursors.values()].some((at) => at < last);
      })
      .map(([name]) => name)
      .sort()
      .slice(0, limit);
  }

  /** For how long this account's entries are kept. */
  retention(account: string): Retention {
    return this.#journal(account).retention;
  }

  /** Keeps them for so long from now on. */
  setRetention(account: string, retention: Retention): void {
    this.#journal(account).retention = retention;
  }

  /** Takes out what is over its time. */
  expire(nowMs: number, limit: number): number {
    let left = limit;
    for (const journal of this.#journals.values()) {
      const { days, entries } = journal.retention;
      const fresh = journal.entries.findIndex(({ at }) => at >= nowMs - days * DAY_MS);
      const stale = fresh < 0 ? journal.entries.length : fresh;
      const gone = Math.min(left, Math.max(stale, journal.entries.length - entries));
      for (const { what } of journal.entries.slice(0, gone)) {
        if (what.kind === "Message") journal.said.delete(what.id);
      }
      journal.entries = journal.entries.slice(gone);
      left -= gone;
    }
    return limit - left;
  }

  #journal(account: string): Journal {
    const known = this.#journals.get(account);
    if (known) return known;
    const fresh: Journal = {
      ...{ entries: [], said: new Map(), last: 0, cursors: new Map() },
      retention: DEFAULT_RETENTION,
    };
    this.#journals.set(account, fresh);
    return fresh;
  }
}

/** Where the first entry of this number or a greater one stands. */
function placeOf(entries: readonly Entry[], seq: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? seq) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

const keyOf = ({ from, id }: PostingKey): string => JSON.stringify([from, id]);

function isAskedFor(entry: Entry, query: StoredQuery): boolean {
  if (query.with !== undefined && entry.conversation !== query.with) return false;
  const find = query.kind === "Before" ? query.find : undefined;
  return find === undefined || says(entry.what, find.toLowerCase());
}

const says = (what: What, text: string): boolean =>
  (what.kind === "Message" || what.kind === "Edited") &&
  !("encoding" in what) &&
  what.body.toLowerCase().includes(text);

/** Takes the words out of a message. */
function silence(
  journal: Journal,
  conversation: string,
  gone: { readonly id: string; readonly from: string },
): void {
  journal.entries = journal.entries.map((entry) => {
    const { what } = entry;
    const isOfIt = what.kind === "Message" || what.kind === "Edited";
    if (
      !isOfIt ||
      entry.conversation !== conversation ||
      what.id !== gone.id ||
      what.from !== gone.from
    )
      return entry;
    const { kind, id, from, contentType } = what;
    return { ...entry, what: { ...{ kind, id, from, contentType }, body: "" } };
  });
}
