/**
 * Transport addresses in attributes: XOR-MAPPED-ADDRESS and its like. RFC 8489 §14.2. IP addresses
 * are written as operating systems write them (RFC 5952), so that equal ones are equal texts.
 */
import { type Address, ipv6Groups, isIpv4, isIpv6 } from "../uri/host.ts";
import type { Family } from "./stun-attributes.ts";
import type { StunAttribute } from "./stun-message.ts";

/** Magic cookie; behind it goes the transaction id. */
const COOKIE: readonly number[] = [0x21, 0x12, 0xa4, 0x42];

/** The family of an IP address; undefined for what is none, and for one with a zone. */
export function ipFamily(host: string): Family | undefined {
  if (isIpv4(host)) return 4;
  return isIpv6(host) ? 6 : undefined;
}

//= RFC 8489 §14.2
//# If the IP address family is IPv4, X-Address is computed by XOR'ing the mapped IP address with
//# the magic cookie. If the IP address family is IPv6, X-Address is computed by XOR'ing the mapped
//# IP address with the concatenation of the magic cookie and the 96-bit transaction ID.
/** An attribute with this address. Throws a RangeError on a host that is no IP address. */
export function xorAddress(type: number, { host, port }: Address, id: Uint8Array): StunAttribute {
  const bytes = ipBytes(host);
  if (!bytes) throw new RangeError(`not an IP address: ${host}`);
  const value = new Uint8Array(4 + bytes.length);
  value[1] = bytes.length === 4 ? 1 : 2;
  value[2] = (port >>> 8) ^ COOKIE[0]!;
  value[3] = (port & 255) ^ COOKIE[1]!;
  for (let i = 0; i < bytes.length; i++) value[4 + i] = bytes[i]! ^ maskAt(i, id);
  return { type, value };
}

/** The address in a value; undefined if it is no address. */
export function readXorAddress(value: Uint8Array, id: Uint8Array): Address | undefined {
  const size = value[1] === 1 ? 4 : value[1] === 2 ? 16 : 0;
  if (size === 0 || value.length !== 4 + size) return undefined;
  const port = ((value[2]! ^ COOKIE[0]!) << 8) | (value[3]! ^ COOKIE[1]!);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = value[4 + i]! ^ maskAt(i, id);
  return { host: formatIpBytes(bytes), port };
}

const maskAt = (i: number, id: Uint8Array): number => (i < 4 ? COOKIE[i]! : id[i - 4]!);

/** The 4 or 16 bytes of an IP address; undefined for what is none. */
export function ipBytes(host: string): Uint8Array | undefined {
  if (isIpv4(host)) return Uint8Array.from(host.split(".", 4), Number);
  if (!isIpv6(host)) return undefined;
  return Uint8Array.from(ipv6Groups(host).flatMap((group) => [group >>> 8, group & 255]));
}

/** 4 or 16 bytes as text. RFC 5952 §4. */
export function formatIpBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!);
  const [start, end] = longestZeros(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (end - start < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(end))}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best[1] - best[0]) best = [start, end];
    if (end > start) start = end;
  }
  return best;
}
