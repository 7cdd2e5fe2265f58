/**
 * Whether the relay connects to an address. Its people say where to, and what they write goes
 * there as it is: a database that reads lines would take it for its own. RFC 4976 §6.4.2
 */
import { isPublicAddress } from "carillon/locate";
import { formatIpBytes, ipBytes } from "carillon/turn";

/** Ports below are other services', which nobody should make us talk to. */
const FIRST_USER_PORT = 1024;
const LINK_LOCAL = /^(?:169\.254\.|fe[89ab])/;
/** Nowhere, and this machine; addresses of one family that are written in the other. */
const HERE = /^(?:0\.|127\.|::)/;

/** Where it is to go: the scheme and port of the URI, and an IP address. */
export interface HopAsked {
  readonly scheme: "msrp" | "msrps";
  readonly port: number;
  readonly address: string;
}

/**
 * `own` are the addresses of this machine, as a system writes them: what listens there takes what
 * comes from here for a friend's. In networks that are not the internet's only TLS goes out, whose
 * other end has to be whom the URI names before it gets an octet of anybody's.
 */
export function isHop({ scheme, port, address }: HopAsked, own: ReadonlySet<string>): boolean {
  const bytes = ipBytes(address);
  if (!bytes || port < FIRST_USER_PORT) return false;
  // As a system writes it: 0:0:0:0:0:0:0:1 is ::1.
  const host = formatIpBytes(bytes);
  if (HERE.test(host) || LINK_LOCAL.test(host) || own.has(host)) return false;
  return scheme === "msrps" || isPublicAddress(host);
}
