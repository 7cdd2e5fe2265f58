/** The event package of journals: everybody may subscribe to their own. */
import { JOURNAL_TYPE } from "../documents/journal.ts";
import { JOURNAL_EVENT, parseJournalQuery } from "../documents/journal-query.ts";
import { withAnswer } from "../roles/answer.ts";
import type { Asked, ServedPackage, Source, SourceRefusal } from "../state-agent/source.ts";
import { isSamePeer } from "../transport/flow.ts";
import { isSaid, JournalSource } from "./journal-source.ts";
import type { LiveJournals } from "./live-journals.ts";
import type { MessageStore } from "./message-store.ts";
import type { SaidEntry } from "./receipts.ts";

export interface JournalPackageParts {
  readonly store: MessageStore;
  readonly live: LiveJournals;
  /** A device of this account reads its journal from now on. */
  readonly begun: (account: string) => void;
  /** One that did does not any more, and has everything up to here. */
  readonly ended: (account: string, told: number | undefined) => void;
  /** A device of this account has these. */
  readonly delivered: (account: string, entries: readonly SaidEntry[]) => void;
}

/** The longest time for which a device that has gone is taken for one that reads. */
const EXPIRES_SECONDS = 3600;
/** Entries before where a device is, of which their senders may not know yet that it has them. */
const LOOKED_BACK = 50;

export class JournalPackage implements ServedPackage {
  readonly event: string = JOURNAL_EVENT;
  readonly accept: readonly string[] = [JOURNAL_TYPE];
  readonly expiresSeconds: number = EXPIRES_SECONDS;
  readonly minGapMs: number = 0;
  readonly #parts: JournalPackageParts;
  /** To be told of what is new, by account. */
  readonly #open = new Map<string, Set<() => void>>();

  constructor(parts: JournalPackageParts) {
    this.#parts = parts;
  }

  open(asked: Asked, changed: () => void): Source | SourceRefusal {
    const { watcher, resource, event, isOnce, flow } = asked;
    if (watcher.account !== resource) {
      return { status: 403, why: "a journal is for whoever it belongs to" };
    }
    const query = parseJournalQuery(event.params);
    if (!query.ok) return { status: 400, why: query.error.message };
    const { before, find } = query.value;
    if (!isOnce && (before !== undefined || find !== undefined)) {
      return { status: 400, why: "what was before is asked for once, with Expires: 0" };
    }
    const { live, store, delivered, begun, ended } = this.#parts;
    let way = flow;
    let end = isOnce ? () => {} : live.begin(resource, flow);
    const has = (seq: number) => this.#has(resource, seq);
    if (!isOnce && typeof query.value.after === "number") has(query.value.after);
    const source = new JournalSource({
      ...{ store, account: resource, query: query.value, isOnce, flow, changed },
      delivered: (entries) => delivered(resource, entries),
      has,
      moved: (to) => {
        if (isSamePeer(way, to)) return;
        way = to;
        end();
        end = live.begin(resource, to);
        begun(resource);
      },
      closed: (told) => {
        this.#forget(resource, changed);
        end();
        if (!isOnce) ended(resource, told);
      },
    });
    if (!isOnce) {
      this.#remember(resource, changed);
      begun(resource);
    }
    return source;
  }

  /** Something was added to this journal. */
  added(account: string): void {
    for (const changed of [...(this.#open.get(account) ?? [])]) changed();
  }

  /**
   * A device says that it has everything to here: it may have said so before to a server that ended
   * before it could tell the senders.
   */
  #has(account: string, seq: number): void {
    const { store, delivered } = this.#parts;
    if (seq === 0) return;
    withAnswer(
      store.page(account, { kind: "Before", before: seq + 1, limit: LOOKED_BACK }),
      ({ entries }) => delivered(account, entries.filter(isSaid)),
      () => {},
    );
  }

  #remember(account: string, changed: () => void): void {
    const all = this.#open.get(account) ?? new Set();
    this.#open.set(account, all.add(changed));
  }

  #forget(account: string, changed: () => void): void {
    const all = this.#open.get(account);
    all?.delete(changed);
    if (all?.size === 0) this.#open.delete(account);
  }
}
