/** Addresses that are not on the public internet: a push service has none of them. */
import { BlockList, isIPv6 } from "node:net";

const NOT_PUBLIC: readonly (readonly [address: string, prefix: number])[] = [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
  ...([
    ["::", 128],
    ["::1", 128],
    ["64:ff9b:1::", 48],
    ["100::", 64],
    ["2001:db8::", 32],
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
  ] as const),
];

const blocked = new BlockList();
for (const [address, prefix] of NOT_PUBLIC) {
  blocked.addSubnet(address, prefix, address.includes(":") ? "ipv6" : "ipv4");
}

/** Whether this address is on the public internet. IPv4 in IPv6 counts as what it maps. */
export const isPublic = (address: string): boolean =>
  !blocked.check(address, isIPv6(address) ? "ipv6" : "ipv4");
