/**
 * The names and addresses under which this machine is asked for the house's domain.
 */
import { isIPv4 } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { plainAddress } from "./http/peer.ts";

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Every address of this machine, loopback included. */
export function ownAddresses(interfaces: Interfaces = networkInterfaces()): readonly string[] {
  const found = infos(interfaces).map(({ address }) => plainAddress(address));
  return [...new Set(["127.0.0.1", "::1", ...found])];
}

/** Whether this is no address in particular but all of them. */
export const isEverywhere = (host: string | undefined): boolean =>
  host === undefined || host === "::" || host === "0.0.0.0";

/**
 * The addresses to bind one by one where `host` is wanted. A link-local IPv6 address means nothing
 * without its interface, which no URI can carry, so it is left out.
 */
export function bindable(host: string | undefined, interfaces?: Interfaces): readonly string[] {
  if (host !== undefined && !isEverywhere(host)) return [host];
  const all = ownAddresses(interfaces).filter((address) => !/^fe[89ab]/i.test(address));
  return host === "0.0.0.0" ? all.filter((address) => isIPv4(address)) : all;
}

/** What stands for the domain in a URI besides its name; IPv6 bare, without brackets. */
export function aliases(hostname: string, interfaces?: Interfaces): readonly string[] {
  const own = hostname.toLowerCase();
  return [...new Set(["localhost", own, `${own}.local`, ...ownAddresses(interfaces)])];
}

/** An address that other devices in the same network can open, if there is one. */
export function lanAddress(interfaces: Interfaces = networkInterfaces()): string | undefined {
  const outside = infos(interfaces).filter(
    ({ internal, family }) => !internal && family === "IPv4",
  );
  const home = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;
  return (outside.find(({ address }) => home.test(address)) ?? outside[0])?.address;
}

function infos(interfaces: Interfaces): readonly NetworkInterfaceInfo[] {
  return Object.values(interfaces).flatMap((list) => list ?? []);
}

/** Calls `changed` when the addresses to bind are others than before. The result ends it. */
export function watchAddresses(
  host: string | undefined,
  changed: (addresses: readonly string[]) => void,
  everyMs = 2000,
  look: () => readonly string[] = () => bindable(host),
): () => void {
  const key = (addresses: readonly string[]) => [...addresses].sort().join(" ");
  let before = key(look());
  const timer = setInterval(() => {
    let now: readonly string[];
    try {
      now = look();
    } catch {
      // To look takes a file, of which there may be none left for a while.
      return;
    }
    if (key(now) === before) return;
    before = key(now);
    changed(now);
  }, everyMs).unref();
  return () => clearInterval(timer);
}
