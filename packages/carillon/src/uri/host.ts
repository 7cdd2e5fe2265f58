/** Hosts and ports. RFC 3261 §25.1, with IPv6 as RFC 5954 corrects it. */
import { isHostCode, parseNumber } from "../grammar/chars.ts";

/** Where something is on a network: an IP address without brackets, or a host name. */
export interface Address {
  /** Without brackets; `formatHost` adds them where a URI or a Via needs them. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * True for dotted decimal with four numbers up to 255 and no leading zeros to misread.
 * RFC 3261 §25.1.
 */
export function isIpv4(host: string): boolean {
  let numbers = 0;
  for (let at = 0; at <= host.length; at++) {
    const start = at;
    let value = 0;
    for (let digit = digitAt(host, at); digit >= 0; digit = digitAt(host, ++at)) {
      value = value * 10 + digit;
    }
    const digits = at - start;
    if (digits === 0 || value > 255) return false;
    if (digits > 1 && digitAt(host, start) === 0) return false;
    if (at < host.length && host.charCodeAt(at) !== DOT) return false;
    numbers++;
  }
  return numbers === 4;
}

const DOT = 0x2e;

/** The digit at this place, or something below zero. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 0x30;
  return digit <= 9 ? digit : -1;
}

/** True for an IPv6 address without brackets. RFC 5954 §4.1. */
export function isIpv6(host: string): boolean {
  if (!host.includes(":") || host.length > 45) return false;
  const halves = host.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [h, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    for (const [i, part] of parts.entries()) {
      const last = h === halves.length - 1 && i === parts.length - 1;
      if (last && part.includes(".")) {
        if (!isIpv4(part)) return false;
        groups += 2;
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/**
 * Whether two hosts, in lower case, are the same. IPv6 is compared by value: `::1` is `0:…:1`.
 * RFC 5954 §4.2.
 */
export function sameHost(a: string, b: string): boolean {
  if (a === b || !a.includes(":") || !b.includes(":")) return a === b;
  return ipv6Groups(a).join() === ipv6Groups(b).join();
}

/** The eight numbers of an IPv6 address. */
export function ipv6Groups(host: string): readonly number[] {
  const [head = "", tail] = host.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(Math.max(0, missing)).fill(0), ...after];
}

function groupsOf(half: string): readonly number[] {
  if (half === "") return [];
  return half.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** True for IPv4, or IPv6 without brackets; false for a host name. */
export const isIpAddress = (host: string): boolean => isIpv4(host) || isIpv6(host);

/** An address as a URI or a Via writes it: IPv6 in brackets. */
export const formatHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** `host:port` as a URI writes it. */
export const formatAddress = ({ host, port }: Address): string => `${formatHost(host)}:${port}`;

/**
 * Reads `host [ ":" port ]`. The host comes back in lower case and without brackets.
 *
 * `hostport = host [ ":" port ]`, `host = hostname / IPv4address / IPv6reference`
 */
export function readHostPort(text: string): { host: string; port: number | undefined } | undefined {
  const bracketed = text.charCodeAt(0) === 0x5b;
  const close = bracketed ? text.indexOf("]") : -1;
  if (bracketed && close < 0) return undefined;
  const colon = text.indexOf(":", bracketed ? close : 0);
  const hostEnd = colon < 0 ? text.length : colon;
  // RFC 5118 §4.10: the grammar of RFC 3261 wanted a third colon before an IPv4 address.
  const host = bracketed
    ? text.slice(1, close).replace(/:::(?=\d+\.)/, "::")
    : text.slice(0, hostEnd);
  if (bracketed ? close + 1 !== hostEnd || !isIpv6(host) : !isHost(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase(), port: undefined };
  const port = parseNumber(text.slice(colon + 1), 65_535);
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

//= RFC 3261 §19.1.2
//# Current implementations MUST NOT attempt to improve robustness by treating received escaped
//# characters in the host component as literally equivalent to their unescaped counterpart.
/**
 * `hostname = *( domainlabel "." ) toplabel [ "." ]`, where no label starts or ends with a hyphen.
 * Underscores are let through: host names with them are met in the field, and so are last labels
 * that start with a digit. One that is digits alone ends an IPv4 address, or is refused.
 */
export function isHost(host: string): boolean {
  if (host.length === 0 || host.length > 255) return false;
  if (isIpv4(host)) return true;
  let numeric = true;
  let named = false;
  let before = DOT;
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    const isEdge = before === DOT;
    if (code === DOT ? isEdge || before === HYPHEN : isEdge && code === HYPHEN) return false;
    if (code !== UNDERSCORE && !isHostCode(code)) return false;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (code !== DOT) numeric = isDigit && (numeric || isEdge);
    named ||= code !== UNDERSCORE;
    before = code;
  }
  return named && before !== HYPHEN && !numeric;
}

const UNDERSCORE = 0x5f;
const HYPHEN = 0x2d;
