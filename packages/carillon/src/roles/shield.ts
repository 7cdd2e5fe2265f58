/**
 * Protection by default: how often strangers may guess, how much they are answered, and who is not
 * listened to any more. HARDENING's rule is that none of it can be turned against somebody else:
 * no account is ever locked, a phone that has signed in goes on whatever others try in its name,
 * and nobody is banned for packets that only bear their address.
 *
 * Guesses are counted where a nonce of ours came back from: over UDP too that shows that answers
 * arrive there. What is over a budget is answered as a wrong password is, and not looked at.
 */
import type { Millis } from "../transaction/timers.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { sourceOf } from "../transport/source.ts";
import type { Ban, Bans } from "./bans.ts";
import { Budgets, type Leak } from "./budgets.ts";
import { Recent } from "./recent.ts";
import { isMadeUp } from "./reflectors.ts";
import type { Attempt, Strangers } from "./strangers.ts";

/** How much strangers may do. */
export interface ShieldLimits {
  /** Wrong passwords of one source for one account: with these, 10 in any ten minutes. */
  readonly pair: Leak;
  /** Wrong passwords for one account from all sources that it never came from: 100 in an hour. */
  readonly account: Leak;
  /** Wrong passwords of one source, whatever the account. */
  readonly source: Leak;
  /** Wrong passwords and tries over a budget, after which a source is banned. */
  readonly strikes: Leak;
  /** Answers to one source over UDP of which nothing is kept. */
  readonly answers: Leak;
  /** The same for a place from which somebody has signed in. */
  readonly knownAnswers: Leak;
  /** The same for one source over connections; more are strikes. */
  readonly streamAnswers: Leak;
}

/** What holds if nobody says otherwise; docs/decisions.md has the reasons. */
export const SHIELD_LIMITS: ShieldLimits = {
  pair: { burst: 5, drainMs: 120_000 },
  account: { burst: 40, drainMs: 60_000 },
  source: { burst: 30, drainMs: 20_000 },
  strikes: { burst: 60, drainMs: 5_000 },
  answers: { burst: 100, drainMs: 10 },
  knownAnswers: { burst: 1000, drainMs: 1 },
  streamAnswers: { burst: 1000, drainMs: 5 },
};

/** Entries of each of the tables; of more the one goes that was used longest ago. */
export const MAX_REMEMBERED = 20_000;
/** How long a place is known after somebody signed in there, in ms: a day. */
export const KNOWN_MS = 86_400_000;
/** Signing in again within this is no news. */
const NEWS_MS = 60_000;

/** What a shield is made of. */
export interface ShieldOptions {
  /** `SHIELD_LIMITS` where left out. */
  readonly limits?: Partial<ShieldLimits>;
  /** Those that hold; what is banned here goes into it. */
  readonly bans: Bans;
  /** Own networks and trusted places: never banned, and always answered. */
  readonly never?: (host: string) => boolean;
  /** Whether anybody is banned for what they do; everybody may be if left out. */
  readonly mayBan?: () => boolean;
  /** Called once for each ban. */
  readonly banned?: (ban: Ban) => void;
}

/** What it has done since it was made. */
export interface ShieldCensus {
  /** Credentials that were looked at and wrong. */
  readonly wrong: number;
  /** Credentials that were not looked at. */
  readonly unheard: number;
  /** Requests that got no answer. */
  readonly silenced: number;
  /** Messages from sources that are banned. */
  readonly refused: number;
}

/** One for a server: its endpoint's `gate`, and its domain's `strangers`. */
export class Shield implements Strangers {
  readonly #bans: Bans;
  readonly #never: (host: string) => boolean;
  readonly #mayBan: () => boolean;
  readonly #banned: (ban: Ban) => void;
  readonly #budgets: Readonly<Record<keyof ShieldLimits, Budgets>>;
  /** Guesses by those who have signed in before: at their own place for their own account. */
  readonly #own: Budgets;
  /** Places and Call-IDs with the account that signed in by them, sources with it, and places. */
  readonly #known = new Recent(KNOWN_MS, 3 * MAX_REMEMBERED);
  readonly #count = { wrong: 0, unheard: 0, silenced: 0, refused: 0 };

  constructor(options: ShieldOptions) {
    const { bans, limits, never = () => false, mayBan = () => true, banned } = options;
    this.#bans = bans;
    this.#never = never;
    this.#mayBan = mayBan;
    this.#banned = banned ?? (() => {});
    const leaks = Object.entries({ ...SHIELD_LIMITS, ...limits });
    this.#budgets = Object.fromEntries(
      leaks.map(([name, leak]) => [name, new Budgets(leak, MAX_REMEMBERED)]),
    ) as Readonly<Record<keyof ShieldLimits, Budgets>>;
    this.#own = new Budgets({ ...SHIELD_LIMITS, ...limits }.pair, MAX_REMEMBERED);
  }

  /** What it has done since it was made: plain numbers. */
  census(): ShieldCensus {
    return { ...this.#count };
  }

  /** Whether somebody has signed in there within a day. */
  knows(flow: Flow, now: Millis): boolean {
    return this.#known.has(placeOf(flow), now);
  }

  /** See `Gate`. Who has signed in there is heard whatever others beside them did. */
  hears(flow: Flow, now: Millis): boolean {
    if (isMadeUp(flow)) {
      this.#count.refused++;
      return false;
    }
    const ban = this.#bans.of(flow.remote.host, now);
    if (!ban || this.#known.has(placeOf(flow), now)) return true;
    if (this.#never(flow.remote.host)) return true;
    this.#count.refused++;
    return false;
  }

  /** See `Gate`. Over a connection always; too much of it leads to a ban. */
  answers(flow: Flow, now: Millis): boolean {
    const { host } = flow.remote;
    if (this.#never(host)) return true;
    const { streamAnswers, knownAnswers, answers } = this.#budgets;
    if (isReliable(flow)) {
      if (!streamAnswers.take(sourceOf(host), now)) this.#strike(host, "asked too much", now);
      return true;
    }
    const place = placeOf(flow);
    const isAnswered = this.#known.has(place, now)
      ? knownAnswers.take(place, now)
      : answers.take(sourceOf(host), now);
    if (!isAnswered) this.#count.silenced++;
    return isAnswered;
  }

  /** See `Strangers`. */
  mayTry(attempt: Attempt, now: Millis): boolean {
    if (this.#budgetsOf(attempt, now).every(([budget, key]) => budget.hasRoom(key, now))) {
      return true;
    }
    this.#count.unheard++;
    this.#strike(attempt.flow.remote.host, "guessed passwords", now);
    return false;
  }

  /** See `Strangers`. */
  failed(attempt: Attempt, now: Millis): void {
    this.#count.wrong++;
    for (const [budget, key] of this.#budgetsOf(attempt, now)) budget.take(key, now);
    this.#strike(attempt.flow.remote.host, "guessed passwords", now);
  }

  /** See `Strangers`. From now on there is a budget for this place, and one for this phone. */
  succeeded(attempt: Attempt & { readonly account: string }, now: Millis): void {
    const [own, call, source] = this.#names(attempt);
    const isNews = !this.#known.has(own, now, NEWS_MS) || !this.#known.has(call, now);
    if (!isNews) return;
    this.remembers(attempt, now);
    this.#budgets.pair.forget(`${source} ${attempt.account}`);
    this.#own.forget(own);
  }

  /**
   * Somebody had signed in so before the program was started anew, and is registered by it still:
   * else whoever guesses beside them would have all of them banned until the next REGISTER.
   */
  remembers(attempt: Attempt & { readonly account: string }, now: Millis): void {
    const { flow, account } = attempt;
    const [own, call, source] = this.#names(attempt);
    for (const key of [own, call, placeOf(flow), source, `${source} ${account}`]) {
      this.#known.add(key, now);
    }
  }

  /** The place with the account, the phone, and the source. */
  #names({ flow, account, callId }: Attempt): readonly [string, string, string] {
    const call = `call ${account} ${callId.slice(0, MAX_CALL_ID)}`;
    return [`${placeOf(flow)} ${account}`, call, sourceOf(flow.remote.host)];
  }

  /**
   * Somebody at `host`, which is not made up, did what only guessers do often: over HTTP, say.
   * `what` is for people: "guessed invites".
   */
  misbehaved(host: string, what: string, now: Millis): void {
    this.#strike(host, what, now);
  }

  /** What a wrong password counts against. */
  #budgetsOf(
    { flow, account, callId }: Attempt,
    now: Millis,
  ): readonly (readonly [Budgets, string])[] {
    const source = sourceOf(flow.remote.host);
    const { pair, account: accounts, source: sources } = this.#budgets;
    if (account === undefined) return [[sources, source]];
    const own = `${placeOf(flow)} ${account}`;
    if (this.#known.has(own, now)) return [[this.#own, own]];
    const call = `call ${account} ${callId.slice(0, MAX_CALL_ID)}`;
    if (this.#known.has(call, now)) return [[this.#own, call]];
    const both = `${source} ${account}`;
    // Where this account has been before, it is not shut out by what others try elsewhere.
    if (this.#known.has(both, now)) return [[pair, both]];
    return [
      [pair, both],
      [accounts, account],
      [sources, source],
    ];
  }

  #strike(host: string, what: string, now: Millis): void {
    const source = sourceOf(host);
    if (this.#budgets.strikes.take(source, now)) return;
    // Somebody who lives here is there, or was: whoever is beside them has budgets and no more.
    if (!this.#mayBan() || this.#never(host) || this.#known.has(source, now)) return;
    const ban = this.#bans.add(host, what, now);
    if (ban) this.#banned(ban);
  }
}

/** Of a peer's Call-ID; a longer one is as good as its beginning. */
const MAX_CALL_ID = 128;

/** A connection, or an address and a port. */
const placeOf = ({ connection, remote }: Flow): string =>
  connection === 0 ? `${remote.host} ${remote.port}` : `#${connection}`;
