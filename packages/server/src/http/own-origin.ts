/**
 * Is this page ours? A browser names the page that asks in `Origin`; it has to be the very host
 * it asks, and that host has to be us. The second half stops DNS rebinding: a stranger's name
 * that suddenly points here is the same host twice, but not one of our names.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

export interface OwnNames {
  /** The house's domain: it and every name below it are ours. */
  readonly domain: string;
  /** This machine's name, without a domain. */
  readonly hostname: string;
}

/** True without an Origin: then it is not a browser, which alone can be lured. */
export function isOwnOrigin(request: IncomingMessage, names: OwnNames): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== "http:" && page.protocol !== "https:") return false;
  // Read as the page's own scheme reads it, so that a default port is left out on both sides.
  const asked = `${page.protocol}//${host}`;
  return (
    URL.canParse(asked) && new URL(asked).host === page.host && isOwnName(page.hostname, names)
  );
}

/** Endings that no public name can have, as home routers and mDNS give them. */
const localEndings = ["local", "lan", "home", "home.arpa", "internal", "localdomain", "fritz.box"];

function isOwnName(name: string, { domain, hostname }: OwnNames): boolean {
  // An address cannot be rebound: whoever asks an address reaches what is there.
  if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (name === domain || name.endsWith(`.${domain}`)) return true;
  const own = hostname.toLowerCase();
  return name === own || localEndings.some((ending) => name === `${own}.${ending}`);
}
