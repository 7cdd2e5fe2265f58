/** Numbers in network byte order. */

export const uint16 = (octets: Uint8Array, at: number): number =>
  (octets[at]! << 8) | octets[at + 1]!;

export const uint32 = (octets: Uint8Array, at: number): number =>
  ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0;
