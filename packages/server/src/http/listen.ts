/** Listening for HTTP: at the wanted address, else at all, IPv6 included where there is any. */
import { bindFailure } from "../bind-failure.ts";

export interface WantedAddress {
  /** Undefined is everywhere. */
  readonly host: string | undefined;
  readonly port: number;
  /** What the port is set by. */
  readonly flag: string;
}

/** `bind` is tried with one address after the other. Throws CannotStart in words. */
export async function listenAt(
  { host, port, flag }: WantedAddress,
  bind: (host: string) => Promise<unknown>,
): Promise<void> {
  const hosts = host === undefined ? ["::", "0.0.0.0"] : [host];
  for (const [i, one] of hosts.entries()) {
    try {
      await bind(one);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      const noIpv6 = code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
      if (noIpv6 && i + 1 < hosts.length) continue;
      throw bindFailure(error, { protocol: "TCP", host: one, port, flag, step: 1 }) ?? error;
    }
  }
}
