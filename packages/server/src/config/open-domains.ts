/**
 * Which other domains people may send to: names, `*.example` for all below one, `*` for any. An
 * open relay is what this must never become, so that everything is closed that is not written down.
 */
import { type SipUri, sameHost } from "carillon/uri";

export interface OpenDomains {
  /** Whether what names this URI may leave the house. */
  allows(uri: SipUri): boolean;
  /** Whether this domain is among them. */
  names(domain: string): boolean;
  /** Whether only addresses on the public internet will do for this host. */
  isPublicOnly(host: string): boolean;
}

/** Ports below are other services', which no URI should make this server talk to. */
const FIRST_USER_PORT = 1024;

export function openDomains(domains: readonly string[]): OpenDomains {
  const whole = new Set(domains.map((one) => one.toLowerCase()));
  const isAnyOpen = whole.delete("*");
  const endings = [...whole].filter((one) => one.startsWith("*.")).map((one) => one.slice(1));
  const isNamed = (host: string) =>
    whole.has(host) || endings.some((ending) => host.endsWith(ending));
  return {
    allows({ host, port, params }) {
      // What it says is not where it leads.
      const maddr = params.get("maddr");
      if (maddr !== undefined && !sameHost(maddr.toLowerCase(), host)) return false;
      if (port !== undefined && port < FIRST_USER_PORT) return false;
      const name = host.endsWith(".") ? host.slice(0, -1) : host;
      return isAnyOpen || isNamed(name);
    },
    names: (domain) => isAnyOpen || isNamed(domain.toLowerCase()),
    // Where anybody's domain will do, anybody can have its name point into this network.
    isPublicOnly: (host) => isAnyOpen && !isNamed(host),
  };
}
