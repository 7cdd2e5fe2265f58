/**
 * How much each person calls elsewhere: legs at a time, and calls and talk a day. A day begins with
 * a person's first call in it, so that there is no midnight at which everybody has twice as much.
 */
import { flat } from "../../grammar/octets.ts";
import { type Millis, NEVER } from "../../transaction/timers.ts";
import type { SavedBook } from "./kept-calls.ts";

/** What one person may. */
export interface OutgoingLimits {
  /** Legs at a time that lead out of the house. */
  readonly atOnce: number;
  /** What one of them may last, in ms. */
  readonly longestMs: Millis;
  /** In a day. */
  readonly callsEachDay: number;
  /** In a day, of all legs together, in ms. */
  readonly talkEachDayMs: Millis;
  /** Calls at a time to people of the house. */
  readonly insideAtOnce: number;
}

/** What holds where nothing else is said. */
export const OUTGOING_LIMITS: OutgoingLimits = {
  ...{ atOnce: 4, longestMs: 4 * 3_600_000, callsEachDay: 200, talkEachDayMs: 10 * 3_600_000 },
  insideAtOnce: 1000,
};

/** One person's book. */
export interface Spent {
  /** When their day began, in ms. */
  readonly since: Millis;
  readonly calls: number;
  readonly talkMs: Millis;
}

/** Who is at a limit, for an operator. */
export interface AtLimit {
  /** Whose it is. */
  readonly account: string;
  /** Legs that lead out of the house now. */
  readonly outside: number;
  /** Calls to people of the house now. */
  readonly inside: number;
  /** Calls to elsewhere since their day began. */
  readonly callsToday: number;
  /** What was talked on those, in ms. */
  readonly talkTodayMs: Millis;
}

const DAY_MS = 24 * 3_600_000;

interface Book {
  readonly account: string;
  outside: number;
  inside: number;
  /** Of those outside: the ones that have been answered. */
  talking: number;
  since: Millis;
  calls: number;
  talkMs: Millis;
  /** Until when `talkMs` has been counted. */
  countedAt: Millis;
}

export class Ledger {
  readonly #limitsOf: (account: string) => OutgoingLimits;
  readonly #save: (book: SavedBook) => void;
  readonly #books = new Map<string, Book>();

  /** `save` hears of each change of what somebody has spent. */
  constructor(
    limitsOf: (account: string) => OutgoingLimits,
    save: (book: SavedBook) => void = () => {},
  ) {
    this.#limitsOf = limitsOf;
    this.#save = save;
  }

  /** Goes on with a book of an earlier run, whose legs follow. A clock may have been set since. */
  restore({ account, since, calls, talkMs, countedAt }: SavedBook, now: Millis): void {
    const book = this.#open(account, Math.min(since, now));
    Object.assign(book, { calls, talkMs, countedAt: Math.min(countedAt, now) });
  }

  /** A leg of an earlier run goes on. Its call is in the book, and its talk until `countedAt`. */
  resume(account: string, isTalking: boolean, now: Millis): void {
    const book = this.#books.get(account) ?? this.#open(account, now);
    book.outside++;
    if (isTalking) book.talking++;
  }

  /** Books that are kept. */
  get size(): number {
    return this.#books.size;
  }

  /** Why this account may begin no call out of the house now; undefined: it may. */
  objection(account: string, now: Millis): string | undefined {
    const limits = this.#limitsOf(account);
    const book = this.#upTo(account, now);
    if ((book?.outside ?? 0) >= limits.atOnce) {
      return `too many calls to elsewhere at a time: ${account} may have ${limits.atOnce}`;
    }
    if ((book?.calls ?? 0) >= limits.callsEachDay) {
      return `too many calls to elsewhere today: ${account} may make ${limits.callsEachDay}`;
    }
    if ((book?.talkMs ?? 0) < limits.talkEachDayMs) return undefined;
    const minutes = Math.floor(limits.talkEachDayMs / 60_000);
    return `too much talk to elsewhere today: ${account} may talk for ${minutes} minutes`;
  }

  /** The same of a call to somebody of the house. */
  insideObjection(account: string): string | undefined {
    const { insideAtOnce } = this.#limitsOf(account);
    const { inside = 0 } = this.#books.get(account) ?? {};
    if (inside < insideAtOnce) return undefined;
    return `too many calls at a time: ${account} may have ${insideAtOnce}`;
  }

  /** One leg more. `isCall`: it begins a call, and is no fork of one. */
  take(account: string, where: "outside" | "inside", now: Millis, isCall = true): void {
    const book = this.#upTo(account, now) ?? this.#open(account, now);
    book[where]++;
    if (where === "inside") return;
    if (isCall) book.calls++;
    this.#wrote(book);
  }

  /** One of those outside has been answered. */
  answered(account: string, now: Millis): void {
    const book = this.#upTo(account, now);
    if (!book) return;
    book.talking++;
    this.#wrote(book);
  }

  /** It counts no more; `wasTalking`: after it was answered. */
  free(account: string, where: "outside" | "inside", wasTalking: boolean, now: Millis): void {
    const book = this.#upTo(account, now);
    if (!book) return;
    book[where]--;
    if (wasTalking && where === "outside") book.talking--;
    if (where === "outside") this.#wrote(book);
    const isIdle = book.outside === 0 && book.inside === 0;
    if (isIdle && book.calls === 0 && book.talkMs === 0) this.#books.delete(account);
  }

  /** When all that this account may talk in a day has been talked, if nobody hangs up. */
  exhaustedAt(account: string, now: Millis): Millis {
    const book = this.#upTo(account, now);
    if (!book || book.talking === 0) return NEVER;
    const left = this.#limitsOf(account).talkEachDayMs - book.talkMs;
    return Math.min(now + Math.max(0, left) / book.talking, book.since + DAY_MS);
  }

  /** Whether it has been by now. */
  isExhausted(account: string, now: Millis): boolean {
    const book = this.#upTo(account, now);
    return book !== undefined && book.talkMs >= this.#limitsOf(account).talkEachDayMs;
  }

  /** Those who have as many as they may, or nothing left for today. */
  atLimit(now: Millis): readonly AtLimit[] {
    const all = [...this.#books.keys()].flatMap((account) => {
      const isAt =
        this.objection(account, now) !== undefined || this.insideObjection(account) !== undefined;
      const book = isAt ? this.#books.get(account) : undefined;
      if (!book) return [];
      const { outside, inside, calls: callsToday, talkMs: talkTodayMs } = book;
      return [{ account, outside, inside, callsToday, talkTodayMs }];
    });
    return all;
  }

  /** Legs out of the house, of everybody. */
  get outside(): number {
    return [...this.#books.values()].reduce((sum, { outside }) => sum + outside, 0);
  }

  /** What an account has spent today; undefined: nothing. */
  spent(account: string, now: Millis): Spent | undefined {
    const book = this.#upTo(account, now);
    return book && { since: book.since, calls: book.calls, talkMs: book.talkMs };
  }

  /** Its book, with what was talked until now in it. */
  #upTo(account: string, now: Millis): Book | undefined {
    const book = this.#books.get(account);
    if (!book) return undefined;
    book.talkMs += book.talking * (now - book.countedAt);
    book.countedAt = now;
    if (now - book.since >= DAY_MS) Object.assign(book, { since: now, calls: 0, talkMs: 0 });
    return book;
  }

  #wrote({ account, since, calls, talkMs, countedAt }: Book): void {
    this.#save({ account, since, calls, talkMs, countedAt });
  }

  #open(account: string, now: Millis): Book {
    const name = flat(account);
    const counts = { outside: 0, inside: 0, talking: 0, calls: 0, talkMs: 0 };
    const book: Book = { account: name, ...counts, since: now, countedAt: now };
    this.#books.set(name, book);
    return book;
  }
}
