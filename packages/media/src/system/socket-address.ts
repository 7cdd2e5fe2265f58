/** Addresses as the system's calls have them: `sockaddr_in` and `sockaddr_in6`, octet by octet. */
import { type Address, isIpv6 } from "carillon/uri";
import { AF_INET, AF_INET6 } from "./system.ts";

/** Room for either, rounded up so that what follows stays aligned. */
export const SOCKADDR_BYTES = 32;

const [BYTES_4, BYTES_6] = [16, 28] as const;

/** Its octets. */
export function socketAddress({ host, port }: Address): Uint8Array {
  const isSix = isIpv6(host);
  const octets = new Uint8Array(isSix ? BYTES_6 : BYTES_4);
  const view = new DataView(octets.buffer);
  view.setUint16(0, isSix ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port);
  if (isSix) write6(view, 8, host);
  else octets.set(host.split(".").map(Number), 4);
  return octets;
}

/** The address that stands at `at`, IPv6 in the form of RFC 5952. */
export function readSocketAddress(view: DataView, at: number): Address {
  const port = view.getUint16(at + 2);
  const isFour = view.getUint16(at, true) === AF_INET;
  return { host: isFour ? text4(view, at + 4) : text6(view, at + 8), port };
}

const text4 = (view: DataView, at: number): string =>
  `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;

/** Zones are left out: link-local addresses are not for media. */
function text6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, n) => view.getUint16(at + 2 * n).toString(16));
  // The URL parser has the shortest form at hand.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function write6(view: DataView, at: number, host: string): void {
  // `::ffff:7f00:1` and never a dotted end: the URL parser again.
  const [front = "", back = ""] = new URL(`http://[${host}]/`).hostname.slice(1, -1).split("::");
  const [left = [], right = []] = [front, back].map((half) => half.split(":").filter(Boolean));
  const groups = [
    ...left,
    ...new Array<string>(8 - left.length - right.length).fill("0"),
    ...right,
  ];
  for (const [n, group] of groups.entries()) view.setUint16(at + 2 * n, Number.parseInt(group, 16));
}
