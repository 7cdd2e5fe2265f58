/** The networks that this machine is in, and a look at them now and then. */
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { Net } from "../transport/on-link.ts";

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Each of this machine's addresses with its network, loopback among them. */
export function ownNetworks(interfaces: Interfaces = networkInterfaces()): readonly Net[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? []);
  return all.map(({ address, cidr }) => {
    const bits = Number(cidr?.split("/")[1]);
    const prefixLength = Number.isInteger(bits) ? bits : address.includes(":") ? 128 : 32;
    return { address, prefixLength };
  });
}

/**
 * Those to listen at, one by one. A link-local IPv6 address means nothing without its interface,
 * which no URI can carry, so it is left out.
 */
export const bindableAddresses = (interfaces?: Interfaces): readonly string[] =>
  ownNetworks(interfaces)
    .map(({ address }) => address)
    .filter((address) => !/^fe[89ab]/i.test(address));

/** One that others can send sound to: IPv4 before IPv6, loopback where there is nothing else. */
export function soundAddress(interfaces?: Interfaces): string {
  const all = bindableAddresses(interfaces);
  const outside = all.filter((address) => address !== "::1" && !address.startsWith("127."));
  return outside.find((address) => !address.includes(":")) ?? outside[0] ?? all[0] ?? "127.0.0.1";
}

/** Further than that the calendar gets ahead of the other clock only where that stood still. */
const SLEPT_MS = 5_000;

/**
 * Calls `changed` when the addresses are others than before, or when the machine has slept: what
 * was registered may have ended, and no timer knows, since they slept as well. The result ends it.
 */
export function watchAddresses(
  changed: (addresses: readonly string[]) => void,
  everyMs = 1000,
  look: () => readonly string[] = bindableAddresses,
  calendarAheadMs = (): number => Date.now() - performance.now(),
): () => void {
  let before = key(look());
  let aheadMs = calendarAheadMs();
  const timer = setInterval(() => {
    const now = seen(look);
    if (now === undefined) return;
    const wasAhead = aheadMs;
    aheadMs = calendarAheadMs();
    if (key(now) === before && aheadMs - wasAhead < SLEPT_MS) return;
    before = key(now);
    changed(now);
  }, everyMs);
  // A program is not kept running by it.
  timer.unref();
  return () => clearInterval(timer);
}

/** To look takes a socket: a process that has no file left for one knows nothing for a while. */
function seen(look: () => readonly string[]): readonly string[] | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const key = (addresses: readonly string[]): string => [...addresses].sort().join(" ");
