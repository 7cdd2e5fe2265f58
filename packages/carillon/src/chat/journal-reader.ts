/**
 * Reads the journal to its end and goes on with it: the latest part first, what was before that in
 * pages, and all of it again where the server has another one than we thought.
 */
import type { Entry, JournalPage } from "../documents/journal.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import type { SubscriptionState } from "../events/subscription.ts";
import { NEVER } from "../transaction/timers.ts";
import { isReliable } from "../transport/flow.ts";
import type { PhoneParts } from "../ua/phone-parts.ts";
import { backOffMs } from "../usage/back-off.ts";
import type { JournalCache, Position } from "./journal-cache.ts";
import { JournalLink } from "./journal-link.ts";

export interface ReaderUser {
  /** Entries, in the endpoint's turn. */
  entered(entries: readonly Entry[]): void;
  /** Nothing of what was known holds any more. */
  forgotten(): void;
  /** Whether there is a journal, and how far it is known, may have changed. */
  changed(): void;
}

/** How it stands with the journal. `None`: the server keeps none. */
export type ReaderState = "Syncing" | "Current" | "Offline" | "None";

/** So many of the latest entries a new device asks for; in datagrams there are three or so each. */
const WANTED_ENTRIES = 1000;
const WANTED_IN_DATAGRAMS = 200;
const PAGE_ENTRIES = 200;
/** Between tries to subscribe, or to read a page; one that has lived is begun anew at once. */
const BACK_OFF = { baseMs: 1000, maxMs: 30_000 };
/** A server that knows of no journal is asked no more after this, and once more after a while. */
const MAX_SILENCES = 2;
const SECOND_LOOK_MS = 600_000;
/** Refusals by a server that knows nothing of journals. RFC 6665 §8.3.2, RFC 3261 §21.4. */
const UNKNOWN_THERE: ReadonlySet<number> = new Set([489, 405, 501, 404, 403, 480, 400, 416]);

export class JournalReader {
  readonly #parts: PhoneParts;
  readonly #own: string;
  readonly #cache: JournalCache;
  readonly #user: ReaderUser;
  readonly #link: JournalLink;
  readonly #again = newTimer({ due: () => this.start() });
  readonly #earlier = newTimer({ due: () => this.#readEarlier() });
  readonly #between = newTimer({
    due: () => {
      this.#isFilling = false;
      this.#fill();
    },
  });
  #position: Position | undefined;
  #subscription: SubscriptionState["name"] = "Subscribing";
  /** Everything up to now has come in the subscription that there is. */
  #isAtEnd = false;
  #isCut = false;
  #isReadingEarlier = false;
  #isFilling = false;
  /** Of pages, and of subscriptions that brought nothing. */
  #failures = 0;
  #deaths = 0;
  #silences = 0;

  constructor(
    phone: object,
    parts: PhoneParts,
    own: string,
    cache: JournalCache,
    user: ReaderUser,
  ) {
    this.#parts = parts;
    this.#own = own;
    this.#cache = cache;
    this.#user = user;
    this.#position = cache.position;
    this.#link = new JournalLink(phone, parts.agent.aor, {
      position: () => this.#journal?.last,
      page: (page) => this.#page(page),
      changed: (state) => parts.whileOpen(() => this.#changed(state)),
    });
  }

  /** Undefined: it is not known whether there is a journal. */
  get mode(): Position["mode"] | undefined {
    return this.#position?.mode;
  }

  get isFromStart(): boolean {
    return this.#position?.isFromStart ?? false;
  }

  get state(): ReaderState {
    if (this.mode === "Plain") return "None";
    // The first try may have been too early: before there was a connection.
    const isGone = this.#subscription === "Ended" && this.#deaths > 1;
    if (this.#isCut || isGone) return "Offline";
    const hasEnough = this.#journal !== undefined && !this.#wantsEarlier;
    return this.#isAtEnd && hasEnough ? "Current" : "Syncing";
  }

  start(): void {
    this.#subscription = "Subscribing";
    this.#isAtEnd = false;
    this.#link.start();
    this.#user.changed();
  }

  stop(): void {
    const { endpoint } = this.#parts.agent;
    endpoint.schedule(this.#again, NEVER);
    endpoint.schedule(this.#earlier, NEVER);
    endpoint.schedule(this.#between, NEVER);
    this.#link.stop();
  }

  cutOff(): void {
    this.#isCut = true;
    this.#user.changed();
  }

  back(): void {
    // What was told while the connection was gone was lost: the subscription asks for it.
    if (this.#isCut) this.#isAtEnd = false;
    this.#isCut = false;
    // A server that had no journal may have got one; the subscription refreshes by itself.
    if (this.mode === "Plain" || this.#subscription === "Ended") this.start();
    this.#user.changed();
  }

  /** Something is missing that ought to have come. */
  doubt(): void {
    this.#link.refresh();
  }

  fetch: JournalLink["fetch"] = (query) => this.#link.fetch(query);

  /** Something for a journal of this device's own. */
  enterPlain(draft: Omit<Entry, "seq">): void {
    const { last = 0 } = this.#position ?? {};
    const entry = { ...draft, seq: last + 1 };
    this.#position = this.#plain(entry.seq);
    this.#cache.save([entry], this.#position);
    this.#user.entered([entry]);
  }

  // ---- the subscription ------------------------------------------------------------------------

  get #journal(): Position | undefined {
    return this.#position?.mode === "Journal" ? this.#position : undefined;
  }

  #plain(last: number): Position {
    return { own: this.#own, mode: "Plain", oldest: 1, last, isFromStart: true };
  }

  #page(page: JournalPage): void {
    const known = this.#journal;
    if (known && page.last < known.last) return this.#anew();
    if (!known) this.#begin(page.last);
    const position = known ?? this.#blank(page.last);
    this.#deaths = 0;
    // A server that has been down may go on elsewhere than where we are: what is between is asked
    // for, and shown beside what has come already.
    const hasGap = (page.entries[0]?.seq ?? page.last + 1) > position.last + 1;
    this.#isAtEnd = page.isWhole && !hasGap;
    this.#take(page, hasGap ? position : { ...position, last: reached(position, page) });
    if (hasGap) this.#fill();
    if (this.#wantsEarlier && !this.#isReadingEarlier) this.#readEarlier();
  }

  #take({ entries }: JournalPage, position: Position): void {
    this.#position = position;
    this.#cache.save(entries, position);
    if (entries.length > 0) this.#user.entered(entries);
    this.#user.changed();
  }

  /** Asks for what is after that which is known. */
  #fill(): void {
    const known = this.#journal;
    if (!known || this.#isFilling) return;
    this.#isFilling = true;
    this.#link.fetch({ after: known.last, limit: PAGE_ENTRIES }).then(
      (page) => this.#parts.whileOpen(() => this.#filled(known.last, page)),
      () => this.#parts.whileOpen(() => this.#later(this.#between)),
    );
  }

  #filled(after: number, page: JournalPage): void {
    this.#isFilling = false;
    this.#failures = 0;
    const known = this.#journal;
    if (known?.last !== after || page.last < after) return;
    this.#isAtEnd = page.isWhole;
    this.#take(page, { ...known, last: reached(known, page) });
    if (!page.isWhole) this.#fill();
  }

  #blank(last: number): Position {
    return {
      ...{ own: this.#own, mode: "Journal", oldest: last + 1, last },
      isFromStart: last === 0,
    };
  }

  /** The first page of a journal: what this device has kept for itself is in there, or past. */
  #begin(last: number): void {
    if (this.#position) this.#user.forgotten();
    this.#cache.clear();
    this.#position = this.#blank(last);
  }

  /** The server has an older journal than we, or another one: ours is none. */
  #anew(): void {
    this.#cache.clear();
    this.#position = undefined;
    this.#user.forgotten();
    this.#parts.agent.endpoint.later(() => this.start());
  }

  #changed(state: SubscriptionState): void {
    this.#subscription = state.name;
    if (state.name === "Subscribing") this.#isAtEnd = false;
    if (state.name === "Ended") this.#ended(state.error?.status);
    this.#user.changed();
  }

  #ended(status: number | undefined): void {
    const { endpoint } = this.#parts.agent;
    const isSure = status === 489 || status === 405 || status === 501;
    const isUnknown = status !== undefined && UNKNOWN_THERE.has(status);
    if (isSure || (this.mode === undefined && (isUnknown || this.#isPassedOver(status)))) {
      this.#position = this.#plain(this.#position?.last ?? 0);
      this.#cache.save([], this.#position);
      // Silence may have had another reason.
      if (!isSure && !isUnknown) endpoint.schedule(this.#again, endpoint.now + SECOND_LOOK_MS);
    } else if (this.mode !== "Plain") {
      const wait = this.#deaths === 0 ? 0 : backOffMs(BACK_OFF, this.#deaths, this.#random());
      this.#deaths++;
      endpoint.schedule(this.#again, endpoint.now + wait);
    }
  }

  /** A server that says nothing to a SUBSCRIBE, or cannot, though the phone is signed in. */
  #isPassedOver(status: number | undefined): boolean {
    // There was no way to it, or nobody has signed in yet.
    if (status === 503 || status === 401 || status === 407) return false;
    return ++this.#silences >= MAX_SILENCES;
  }

  // ---- what was before -------------------------------------------------------------------------

  get #wantsEarlier(): boolean {
    const { oldest, last, isFromStart } = this.#journal ?? this.#blank(0);
    const { flow } = this.#parts.agent;
    const wanted = flow && !isReliable(flow) ? WANTED_IN_DATAGRAMS : WANTED_ENTRIES;
    return !isFromStart && last - oldest + 1 < wanted;
  }

  #readEarlier(): void {
    const known = this.#journal;
    if (!known || !this.#wantsEarlier) return;
    this.#isReadingEarlier = true;
    this.#link.fetch({ before: known.oldest, limit: PAGE_ENTRIES }).then(
      (page) => this.#parts.whileOpen(() => this.#earlierCame(known.oldest, page)),
      () => this.#parts.whileOpen(() => this.#later(this.#earlier)),
    );
  }

  #earlierCame(before: number, page: JournalPage): void {
    this.#isReadingEarlier = false;
    this.#failures = 0;
    const known = this.#journal;
    // It may have begun anew meanwhile.
    if (!known || known.oldest !== before) return;
    const oldest = page.entries[0]?.seq ?? before;
    // A page of nothing that is not the first either: there is no more to be had.
    const isFromStart = page.isWhole || page.entries.length === 0;
    this.#take(page, { ...known, oldest, isFromStart });
    this.#readEarlier();
  }

  #later(timer: Timer): void {
    const { endpoint } = this.#parts.agent;
    const wait = backOffMs(BACK_OFF, ++this.#failures, this.#random());
    endpoint.schedule(timer, endpoint.now + wait);
  }

  #random(): number {
    return this.#parts.agent.endpoint.ids.fraction();
  }
}

/** Up to where all is known with a page that follows on what was. */
const reached = ({ last }: Position, page: JournalPage): number =>
  Math.max(last, page.isWhole ? page.last : (page.entries.at(-1)?.seq ?? 0));
