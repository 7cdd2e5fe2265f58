/** Sources that are not listened to, each with a reason and an end. */
import { Oldest } from "../grammar/oldest.ts";
import type { Millis } from "../transaction/timers.ts";
import { sourceOf } from "../transport/source.ts";

/** One of them. Times are ms since 1970. */
export interface Ban {
  /** As `sourceOf` of `carillon/roles` writes it: `192.0.2.7`, `2001:db8:0:1::/64`. */
  readonly source: string;
  /** In words, for people. */
  readonly reason: string;
  /** By a person, or by what the source did. */
  readonly by: "person" | "behaviour";
  /** When it began. */
  readonly since: Millis;
  /** When it is over. */
  readonly until: Millis;
  /** How many there have been of this source, this one among them. */
  readonly times: number;
}

/** Sources at a time. Of more the one goes that was banned first. */
export const MAX_BANS = 10_000;
/** The first time, in ms; each one after that within a day lasts four times as long. */
export const FIRST_BAN_MS = 600_000;
/** None lasts longer by behaviour alone, in ms. What is over is remembered for as long, too. */
export const LONGEST_BAN_MS = 86_400_000;

/** The bans of a server, the first one first. */
export class Bans {
  readonly #capacity: number;
  readonly #bans = new Map<string, Ban>();
  readonly #oldest = new Oldest(this.#bans);

  constructor(capacity: number = MAX_BANS) {
    this.#capacity = capacity;
  }

  /** How many are remembered, those among them that are over. */
  get size(): number {
    return this.#bans.size;
  }

  /** The ban that holds for this IP address now. */
  of(host: string, now: Millis): Ban | undefined {
    if (this.#bans.size === 0) return undefined;
    const ban = this.#bans.get(sourceOf(host));
    return ban && ban.until > now ? ban : undefined;
  }

  /** A longer one each time: for what this source has done. Undefined while one holds already. */
  add(host: string, reason: string, now: Millis): Ban | undefined {
    const source = sourceOf(host);
    const before = this.#bans.get(source);
    if (before && before.until > now) return undefined;
    const isRemembered = before !== undefined && now - before.until < LONGEST_BAN_MS;
    const times = isRemembered ? before.times + 1 : 1;
    const lastsMs = Math.min(LONGEST_BAN_MS, FIRST_BAN_MS * 4 ** (times - 1));
    const ban: Ban = {
      ...{ source, reason, by: "behaviour", since: now, until: now + lastsMs, times },
    };
    this.#put(ban);
    return ban;
  }

  /** These hold, and no others. */
  replace(bans: Iterable<Ban>): void {
    this.#bans.clear();
    for (const ban of bans) this.#put(ban);
  }

  /** Those that hold now. */
  list(now: Millis): readonly Ban[] {
    return [...this.#bans.values()].filter(({ until }) => until > now);
  }

  #put(ban: Ban): void {
    this.#bans.delete(ban.source);
    this.#oldest.makeRoom(this.#capacity);
    this.#bans.set(ban.source, ban);
  }
}
