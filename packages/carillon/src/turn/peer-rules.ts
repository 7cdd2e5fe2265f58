/**
 * To whom a TURN server relays. Its users would else reach, from inside, what a firewall keeps from
 * them: the machine itself, its network, a cloud's metadata at 169.254.169.254 (CVE-2020-26262).
 * RFC 8656 §21.2.
 */
import { isPublicAddress } from "../locate/public-address.ts";
import type { Address } from "../uri/host.ts";
import { formatIpBytes, ipBytes } from "./stun-address.ts";

/** What a world knows and its operator allows. All functions answer at once. */
export interface PeerWorld {
  /** Addresses of this machine, as an operating system writes them; loopback is always one. */
  isOwn(host: string): boolean;
  /**
   * Whether at this address of ours is something that a relay may talk to: media of our own, which
   * anybody can reach from outside as well. Relayed addresses of the server need not be told.
   */
  isOwnMedia(address: Address): boolean;
  /** What the operator opens. A network never opens this machine: only its own address does. */
  isOpened(host: string, how: "address" | "network"): boolean;
}

/**
 * - `Allowed`: every port of that host.
 * - `Guarded`: that port of this machine, and as long as it is what it is now.
 * - `Refused`: not this one.
 */
export type PeerVerdict = "Allowed" | "Guarded" | "Refused";

//= RFC 8656 §10.2
//# The server MAY impose restrictions on the IP address allowed in the XOR-PEER-ADDRESS attribute;
//# if a value is not allowed, the server rejects the request with a 403 (Forbidden) error.
/**
 * Whether a relay may talk to this peer. `isRelay` knows the relayed addresses of the server.
 * Addresses in which another one is written (mapped, NAT64, 6to4, Teredo) are never allowed.
 */
export function judgePeer(
  { host, port }: Address,
  world: PeerWorld,
  isRelay: (address: Address) => boolean,
): PeerVerdict {
  const bytes = ipBytes(host);
  // A port 0 is nobody's.
  if (bytes === undefined || port === 0 || carriesAnother(bytes)) return "Refused";
  const address: Address = { host: formatIpBytes(bytes), port };
  if (isOwnHost(address.host, bytes, world)) {
    if (isRelay(address) || world.isOwnMedia(address)) return "Guarded";
    return world.isOpened(address.host, "address") ? "Allowed" : "Refused";
  }
  if (isEverybody(bytes)) return "Refused";
  const isOpen = isPublicAddress(address.host) || world.isOpened(address.host, "network");
  return isOpen ? "Allowed" : "Refused";
}

/** Loopback is this machine's, whatever the world knows; and so is the unspecified address. */
function isOwnHost(host: string, bytes: Uint8Array, world: PeerWorld): boolean {
  if (bytes.length === 4) return bytes[0] === 127 || bytes[0] === 0 || world.isOwn(host);
  return host === "::1" || host === "::" || world.isOwn(host);
}

/** Multicast, broadcast and reserved: no operator can open them. */
const isEverybody = (bytes: Uint8Array): boolean =>
  bytes.length === 4 ? bytes[0]! >= 224 : bytes[0] === 0xff;

/** IPv6 addresses that lead to an IPv4 one by some translator, or are one. RFC 6890, RFC 6052. */
function carriesAnother(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return false;
  const starts = (...first: readonly number[]) => first.every((byte, i) => bytes[i] === byte);
  // ::/96 but for :: and ::1, which are this machine's; ::ffff:0:0/96; ::ffff:0:0:0/96.
  if (bytes.subarray(0, 8).every((byte) => byte === 0)) {
    const low = bytes.subarray(8);
    return (
      low[0] !== 0 || low[1] !== 0 || low.subarray(2, 7).some((byte) => byte !== 0) || low[7]! > 1
    );
  }
  const isNat64 = starts(0x00, 0x64, 0xff, 0x9b);
  const isTeredo = starts(0x20, 0x01, 0x00, 0x00);
  const is6to4 = starts(0x20, 0x02);
  // ISATAP: ::0:5efe:a.b.c.d in any network.
  const isIsatap =
    (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isNat64 || isTeredo || is6to4 || isIsatap;
}
