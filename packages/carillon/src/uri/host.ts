/** Hosts and ports. RFC 3261 §25.1, with IPv6 as RFC 5954 corrects it. */
import { isDigits, isHostname, parseNumber } from "../grammar/chars.ts";

/** Where something is on a network: an IP address without brackets, or a host name. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** True for dotted decimal with four numbers up to 255 and no leading zeros to misread. */
export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return (
    parts.length === 4 &&
    parts.every((p) => (p === "0" || p[0] !== "0") && parseNumber(p, 255) !== undefined)
  );
}

/** True for an IPv6 address without brackets. */
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

/**
 * `hostname = *( domainlabel "." ) toplabel [ "." ]`. Underscores are let through: host names
 * with them are met in the field. Something all digits and dots has to be an IPv4 address.
 */
function isHost(host: string): boolean {
  if (host.length > 255 || host.startsWith(".") || host.includes("..")) return false;
  if (isDigits(host.replaceAll(".", ""))) return isIpv4(host);
  return isHostname(host) || isHostname(host.replaceAll("_", ""));
}
