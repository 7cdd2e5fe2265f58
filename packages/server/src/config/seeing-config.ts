/** What an operator decides about who sees what. */
import { isIPv6 } from "node:net";
import type { HepConfig } from "../seeing/hep-sender.ts";
import type { Config } from "./config.ts";
import { networksOf } from "./protection-config.ts";

export interface SeeingConfig {
  /** Undefined: there are none. */
  readonly metrics: MetricsConfig | undefined;
  readonly hep: HepConfig | undefined;
}

export interface MetricsConfig {
  /** Whether this address may see them, beside this machine. */
  mayLook(host: string): boolean;
  readonly token: string | undefined;
}

export function seeingOf({ metrics = {}, hep }: Config): SeeingConfig {
  if (metrics === false) return { metrics: undefined, hep };
  const networks = networksOf(metrics.from ?? []);
  return {
    hep,
    metrics: {
      token: metrics.token,
      mayLook: (host) => networks.check(host, isIPv6(host) ? "ipv6" : "ipv4"),
    },
  };
}
