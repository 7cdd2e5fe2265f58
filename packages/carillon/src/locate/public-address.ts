/**
 * Whether an address is on the public internet. Where only public servers are to be reached, a
 * DNS answer that points into our own network is an attack (rebinding), and is refused.
 */
import { isIpv4, isIpv6 } from "../uri/host.ts";

/** The networks of RFC 6890 and its successors that no public server is in: base and bits. */
const NOT_PUBLIC_V4: readonly (readonly [base: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  // Multicast, reserved, broadcast.
  ["224.0.0.0", 3],
];

/**
 * False for private, shared, local and reserved networks, multicast, and for what is no IP address.
 * `host` is without brackets. RFC 6890.
 */
export function isPublicAddress(host: string): boolean {
  if (isIpv4(host)) return isPublicV4(numberOf(host));
  return isIpv6(host) && isPublicV6(groupsOf(host));
}

function isPublicV4(address: number): boolean {
  return NOT_PUBLIC_V4.every(([base, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) !== Math.floor(numberOf(base) / size);
  });
}

/** Only 2000::/3 is given out; within it some prefixes carry an IPv4 address, or nobody's. */
function isPublicV6(groups: readonly number[]): boolean {
  const [first = 0, second = 0, third = 0] = groups;
  // 64:ff9b::/96 reaches an IPv4 address through a translator.
  if (first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0)) {
    return isPublicV4(joined(groups[6], groups[7]));
  }
  if (first < 0x2000 || first > 0x3fff) return false;
  // 6to4.
  if (first === 0x2002) return isPublicV4(joined(second, third));
  const isProtocol = first === 0x2001 && second < 0x200;
  const isDocumentation =
    (first === 0x2001 && second === 0xdb8) || (first === 0x3fff && second < 0x1000);
  return !isProtocol && !isDocumentation;
}

const joined = (high = 0, low = 0) => high * 65_536 + low;

const numberOf = (ipv4: string): number =>
  ipv4.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** The eight groups of an IPv6 address that `isIpv6` holds for. */
function groupsOf(ipv6: string): readonly number[] {
  const [head = "", tail] = ipv6.split("::");
  const front = groupsIn(head);
  if (tail === undefined) return front;
  const back = groupsIn(tail);
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function groupsIn(half: string): readonly number[] {
  if (half === "") return [];
  return half.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const number = numberOf(part);
    return [Math.floor(number / 65_536), number % 65_536];
  });
}
