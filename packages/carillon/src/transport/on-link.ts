/** Whether somebody is on a network of this machine. */
import type { Octets } from "../grammar/octets.ts";
import { ipOctets } from "./ip-octets.ts";

/** A network that this machine is in: an address of ours there, and how many bits all have. */
export interface Net {
  readonly address: string;
  readonly prefixLength: number;
}

/** Whether an IP address is in one of these networks, or on this very machine or link. */
export function isOnLink(host: string, nets: readonly Net[]): boolean {
  const octets = ipOctets(host);
  if (octets === undefined) return false;
  const all = [...ALWAYS, ...nets];
  return all.some(({ address, prefixLength }) => {
    const other = ipOctets(address);
    return other?.length === octets.length && sharedBits(octets, other) >= prefixLength;
  });
}

/** Loopback, and what no router forwards: RFC 6890. */
const ALWAYS: readonly Net[] = [
  { address: "127.0.0.0", prefixLength: 8 },
  { address: "169.254.0.0", prefixLength: 16 },
  { address: "::1", prefixLength: 128 },
  { address: "fe80::", prefixLength: 10 },
];

function sharedBits(one: Octets, other: Octets): number {
  for (let i = 0; i < one.length; i++) {
    const differing = one.charCodeAt(i) ^ other.charCodeAt(i);
    if (differing !== 0) return 8 * i + Math.clz32(differing) - 24;
  }
  return 8 * one.length;
}
