/**
 * One subscription to a journal: pages of it, each after the 2xx of the last, and on with what
 * comes from then on; or one page of what was before.
 */
import {
  type Entry,
  formatJournalPage,
  JOURNAL_TYPE,
  type JournalPage,
  octetsOfEntry,
} from "../documents/journal.ts";
import { type JournalQuery, parseJournalQuery } from "../documents/journal-query.ts";
import type { EventType } from "../message/header/event.ts";
import { type Answer, withAnswer } from "../roles/answer.ts";
import type { Source, SourceBody } from "../state-agent/source.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import type { MessageStore, StoredQuery } from "./message-store.ts";
import type { SaidEntry } from "./receipts.ts";

export interface JournalSourceParts {
  readonly store: MessageStore;
  readonly account: string;
  readonly query: JournalQuery;
  /** Ends with its first page. */
  readonly isOnce: boolean;
  /** The way of the NOTIFYs. */
  readonly flow: Flow;
  /** There is something to tell. */
  readonly changed: () => void;
  /** These have been told, and the other side has said so. */
  readonly delivered: (entries: readonly SaidEntry[]) => void;
  /** The other side says that it has everything to this number. */
  readonly has: (seq: number) => void;
  /** The way has changed. */
  readonly moved: (flow: Flow) => void;
  /** It is over; undefined: nothing of it was ever told. */
  readonly closed: (told: number | undefined) => void;
}

/** Octets of a body over a stream; with its headers a NOTIFY is no longer than a message may be. */
const STREAM_OCTETS = 60_000;
/** Over UDP: with its headers a NOTIFY stays below 1,300 octets, where one entry allows it. */
const DATAGRAM_OCTETS = 700;
/** Entries of one page. */
const MAX_ENTRIES = 500;
/** Over UDP no more have room. */
const DATAGRAM_ENTRIES = 16;

/** A page that was sent, and up to where it goes. */
interface Sent {
  readonly page: JournalPage;
  readonly upTo: number;
}

export class JournalSource implements Source {
  readonly #parts: JournalSourceParts;
  #flow: Flow;
  /** Everything up to here has been told. */
  #told: number | "latest";
  #sent: Sent | undefined;
  /** What a slow store had to say. */
  #ready: { readonly query: string; readonly page: JournalPage } | undefined;
  #hasMore = false;

  constructor(parts: JournalSourceParts) {
    this.#parts = parts;
    this.#flow = parts.flow;
    this.#told = parts.query.after ?? 0;
  }

  body(): SourceBody | undefined {
    const { query } = this.#parts;
    const isOfBefore = query.before !== undefined || query.find !== undefined;
    const page = isOfBefore ? this.#before(query) : this.#after();
    if (!page) return undefined;
    this.#hasMore = false;
    this.#sent = { page, upTo: page.isWhole ? page.last : (page.entries.at(-1)?.seq ?? page.last) };
    return { contentType: JOURNAL_TYPE, body: formatJournalPage(page) };
  }

  told(_version: number, status: number): void {
    const sent = this.#sent;
    this.#sent = undefined;
    if (!sent || status >= 300) return;
    this.#told = sent.upTo;
    this.#hasMore = !sent.page.isWhole;
    this.#parts.delivered(sent.page.entries.filter(isSaid));
  }

  hasMore(): boolean {
    return this.#hasMore;
  }

  /** Whoever refreshes says again how much they have: it may be less than was told. */
  refreshed({ params }: EventType, flow: Flow): void {
    this.#flow = flow;
    this.#parts.moved(flow);
    const query = parseJournalQuery(params);
    if (!query.ok || typeof query.value.after !== "number") return;
    this.#told = query.value.after;
    this.#parts.has(query.value.after);
  }

  closed(): void {
    this.#parts.closed(this.#told === "latest" ? undefined : this.#told);
  }

  // ---- pages -----------------------------------------------------------------------------------

  #after(): JournalPage | undefined {
    const { store, account, query, isOnce } = this.#parts;
    if (this.#told === "latest") return this.#latest();
    const stored = this.#stored({
      ...{ kind: "After", after: this.#told, limit: this.#limit },
      ...(query.with !== undefined && { with: query.with }),
    });
    const page = stored && this.#cut(stored, "first");
    // One page is all that is asked for: what is beyond it is known by `isWhole`.
    if (page && !isOnce && this.#told > page.last) return this.#behind(store.last(account));
    return page;
  }

  /** They have more than there is: another journal, which they see by its `last`. */
  #behind(answer: Answer<number>): JournalPage | undefined {
    const last = this.#at(answer);
    if (last === undefined) return undefined;
    this.#told = last;
    return { entries: [], last, isWhole: true };
  }

  #latest(): JournalPage | undefined {
    const { store, account } = this.#parts;
    return this.#behind(store.last(account));
  }

  #before(query: JournalQuery): JournalPage | undefined {
    const { before = Number.MAX_SAFE_INTEGER, with: partner, find } = query;
    const stored = this.#stored({
      ...{ kind: "Before", before, limit: this.#limit },
      ...(partner !== undefined && { with: partner }),
      ...(find !== undefined && { find }),
    });
    return stored && this.#cut(stored, "last");
  }

  get #limit(): number {
    const most = isReliable(this.#flow) ? MAX_ENTRIES : DATAGRAM_ENTRIES;
    return Math.min(this.#parts.query.limit ?? most, most);
  }

  /** As many as there is room for, and one in any case. */
  #cut(page: JournalPage, keep: "first" | "last"): JournalPage {
    const room = isReliable(this.#flow) ? STREAM_OCTETS : DATAGRAM_OCTETS;
    const all = keep === "first" ? page.entries : page.entries.toReversed();
    const kept: Entry[] = [];
    let octets = 0;
    for (const entry of all) {
      octets += octetsOfEntry(entry);
      if (kept.length > 0 && octets > room) break;
      kept.push(entry);
    }
    if (kept.length === all.length) return page;
    return { ...page, entries: keep === "first" ? kept : kept.reverse(), isWhole: false };
  }

  // ---- slow stores -----------------------------------------------------------------------------

  #stored(query: StoredQuery): JournalPage | undefined {
    const name = JSON.stringify(query);
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready?.query === name) return ready.page;
    let page: JournalPage | undefined;
    let isLate = false;
    withAnswer(
      this.#parts.store.page(this.#parts.account, query),
      (found) => {
        if (!isLate) {
          page = found;
          return;
        }
        this.#ready = { query: name, page: found };
        this.#parts.changed();
      },
      () => {},
    );
    isLate = true;
    return page;
  }

  #at(answer: Answer<number>): number | undefined {
    let value: number | undefined;
    let isLate = false;
    withAnswer(
      answer,
      (found) => {
        value = found;
        if (!isLate || this.#told !== "latest") return;
        this.#told = found;
        this.#parts.changed();
      },
      () => {},
    );
    isLate = true;
    return value;
  }
}

export const isSaid = (entry: Entry): entry is SaidEntry => entry.what.kind === "Message";
