/** Which of our addresses a datagram to somebody leaves from. */
import { type Address, isIpv6 } from "../uri/host.ts";

/**
 * Of our addresses the one that shares most with theirs: loopback with loopback, one network with
 * itself. Undefined when we have none of their family.
 */
export function localFor(locals: readonly Address[], host: string): Address | undefined {
  let best: Address | undefined;
  let most = -1;
  for (const local of locals) {
    if (isIpv6(local.host) !== isIpv6(host)) continue;
    const shared =
      sharedPrefix(local.host, host) + (isLoopback(local.host) === isLoopback(host) ? 100 : 0);
    if (shared > most) [best, most] = [local, shared];
  }
  return best;
}

const isLoopback = (host: string) => host.startsWith("127.") || host === "::1";

function sharedPrefix(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}
