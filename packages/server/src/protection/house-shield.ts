/**
 * The library's shield with this house's bans: read when it starts, followed while it runs, since
 * `carillon bans` changes them beside it, and written when somebody's behaviour makes one.
 */
import { isIP } from "node:net";
import { type Ban, Bans, type Binding, Shield, type ShieldCensus } from "carillon/roles";
import type { Clock } from "../clock.ts";
import type { ProtectionConfig } from "../config/protection-config.ts";
import type { Log } from "../http/log.ts";
import type { HouseWrites } from "../store/commands.ts";
import type { Store } from "../store/store.ts";
import { readBans } from "./ban-table.ts";

export interface HouseShield {
  readonly shield: Shield;
  /** The ban that holds for this address now. Its times are the calendar's. */
  banOf(host: string): Ban | undefined;
  /** Whoever has these bindings signed in with them before this start. */
  remember(account: string, bindings: readonly Binding[]): void;
  /** What it has done since the start, and how many bans hold. */
  census(): ProtectionStatus;
  close(): void;
}

export interface ProtectionStatus extends ShieldCensus {
  readonly bans: number;
}

export interface HouseShieldParts {
  readonly store: Pick<Store, "db">;
  readonly writes: Pick<HouseWrites, "putBan">;
  readonly clock: Clock;
  /** Asked each time: it may be read again. */
  readonly config: {
    readonly protection: ProtectionConfig;
    trusts(host: string): boolean;
  };
  readonly log: Log;
}

/** How often it looks whether another process has changed bans. Costs 5 µs. */
const FOLLOW_MS = 500;

/** Bindings of an earlier run that are known: of more those would go that were first. */
const MAX_EARLIER = 10_000;

export function houseShield(parts: HouseShieldParts): HouseShield {
  const { store, clock, config, log } = parts;
  const bans = new Bans();
  // Bans are kept by the calendar; the endpoint's clock does not jump with it.
  const aheadMs = () => clock.steady() - clock.wall();
  const moved = (ban: Ban, byMs: number): Ban => ({
    ...ban,
    // The endpoint's clock has fractions, the table has none.
    since: Math.round(ban.since + byMs),
    until: Math.round(ban.until + byMs),
  });
  /** On their way to the disk; what is followed meanwhile has not got them. */
  const unwritten = new Set<Ban>();
  let generation = -1;
  const follow = () => {
    const now = store.db.generation();
    if (now === generation) return;
    generation = now;
    const kept = readBans(store.db).map((ban) => moved(ban, aheadMs()));
    bans.replace([...kept, ...unwritten]);
  };
  let room = MAX_EARLIER;
  follow();
  const timer = setInterval(follow, FOLLOW_MS).unref();
  const never = (host: string) =>
    isThisMachine(host) || config.trusts(host) || config.protection.isNever(host);
  const shield = new Shield({
    ...{ bans, limits: config.protection.limits },
    never,
    mayBan: () => config.protection.mayBan,
    banned(ban) {
      const kept = moved(ban, -aheadMs());
      const { source, reason, times } = kept;
      log.warn({ source, reason, times, until: new Date(kept.until).toISOString() }, "banned");
      unwritten.add(ban);
      const written = () => unwritten.delete(ban);
      parts.writes.putBan(kept).then(written, (cause) => {
        log.warn({ source, cause: String(cause) }, "this ban will not outlive a restart");
      });
    },
  });
  return {
    shield,
    remember(account, bindings) {
      for (const one of bindings) {
        if (room-- > 0) shield.remembers({ ...one, account }, clock.steady());
      }
    },
    banOf(host) {
      const now = clock.steady();
      const ban = isIP(host) === 0 || never(host) ? undefined : bans.of(host, now);
      return ban && moved(ban, -aheadMs());
    },
    census: () => ({ bans: bans.list(clock.steady()).length, ...shield.census() }),
    close: () => clearInterval(timer),
  };
}

/** A reverse proxy, which would be everybody at once; and programs of this machine. */
const isThisMachine = (host: string): boolean => host === "127.0.0.1" || host === "::1";
