/** Whose address it is, as far as budgets and bans go. */
import { ipOctets } from "./ip-octets.ts";

/**
 * An IPv4 address as it is; of an IPv6 one its network of 64 bits (`2001:db8:0:1::/64`), where the
 * rest is its owner's to choose. What is no IP address is its own source.
 */
export function sourceOf(host: string): string {
  if (!host.includes(":")) return host;
  const octets = ipOctets(host);
  if (octets?.length !== 16) return host;
  const groups = [0, 2, 4, 6].map((at) =>
    (octets.charCodeAt(at) * 256 + octets.charCodeAt(at + 1)).toString(16),
  );
  return `${groups.join(":")}::/64`;
}
