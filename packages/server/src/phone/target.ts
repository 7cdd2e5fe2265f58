/** Whom a word means: a neighbour, somebody at one's own server, or an address. */
import { escapeUser, formatHost, isIpAddress, parseSipUri } from "carillon/uri";

export type Target =
  | { readonly ok: true; readonly uri: string }
  | { readonly ok: false; readonly words: string };

/** Who is on this network: the address that a word means. */
export interface Neighbours {
  get(word: string): string | undefined;
}

/**
 * `bob` is the neighbour of that name, else bob at `domain`; `bob@example.com`, `192.0.2.7` and
 * `sip:…` are addresses.
 */
export function targetOf(
  who: string,
  domain: string | undefined,
  neighbours: Neighbours = new Map(),
): Target {
  const near = neighbours.get(who.toLowerCase());
  if (near !== undefined) return { ok: true, uri: near };
  const uri = addressOf(who, domain);
  const read = uri === undefined ? undefined : parseSipUri(uri);
  if (uri !== undefined && read?.ok && read.value.headers === undefined) return { ok: true, uri };
  const words =
    uri === undefined
      ? `Nobody called “${who}” is on this network. An address has an @: ${who}@example.com`
      : `“${who}” is no address: sip:bob@example.com is one, so are bob@example.com and 192.0.2.7.`;
  return { ok: false, words };
}

function addressOf(who: string, domain: string | undefined): string | undefined {
  if (/^sips?:/i.test(who)) return who;
  if (who.includes("@")) return `sip:${who}`;
  const [host = ""] = /^\[[^\]]*\]/.exec(who) ?? who.split(":", 1);
  if (isIpAddress(host.replace(/^\[|\]$/g, ""))) return `sip:${who}`;
  return domain === undefined ? undefined : `sip:${escapeUser(who)}@${formatHost(domain)}`;
}
