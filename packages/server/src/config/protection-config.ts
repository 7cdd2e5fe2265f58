/** What an operator decides about strangers, with what holds where nothing is said. */
import { BlockList, isIP, isIPv6 } from "node:net";
import type { ShieldLimits } from "carillon/roles";
import type { Config } from "./config.ts";

/** The same as the table of `docs/configuration.md` has it. */
export interface ProtectionConfig {
  readonly limits: Partial<ShieldLimits>;
  /** Whether what a source does can have it banned. */
  readonly mayBan: boolean;
  /** Own networks, which are never banned, and always answered. */
  isNever(host: string): boolean;
}

const [TEN_MINUTES_MS, HOUR_MS] = [600_000, 3_600_000];

export function protectionOf({ protection = {} }: Pick<Config, "protection">): ProtectionConfig {
  const { never = [], bans = true, passwords = {}, answersPerSecond } = protection;
  const { ofSourceForPerson, forPerson, ofSource } = passwords;
  const networks = networksOf(never);
  return {
    limits: {
      ...(ofSourceForPerson && { pair: within(ofSourceForPerson, TEN_MINUTES_MS) }),
      ...(forPerson && { account: within(forPerson, HOUR_MS) }),
      ...(ofSource && { source: within(ofSource, HOUR_MS) }),
      ...(answersPerSecond && {
        answers: { burst: answersPerSecond, drainMs: 1000 / answersPerSecond },
      }),
    },
    mayBan: bans,
    isNever: (host) => isIP(host) !== 0 && networks.check(host, isIPv6(host) ? "ipv6" : "ipv4"),
  };
}

/** So many in any span of this length: half of them at once, and half as they leak out. */
function within(count: number, spanMs: number) {
  const burst = Math.ceil(count / 2);
  return { burst, drainMs: spanMs / (count - burst) };
}

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
export function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = "", prefix] = text.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
