/** Where a request or a response can be sent, as finding servers ends. RFC 3263 §4. */
import type { TransportName } from "../transport/flow.ts";
import { type Address, formatAddress } from "../uri/host.ts";

/** One way to one server. */
export interface Target {
  /** What to send over, which the topmost Via has to name. */
  readonly transport: TransportName;
  /** An IP address, and a port. */
  readonly address: Address;
  /**
   * Whom a certificate has to name, over TLS and WSS: the domain that was to be reached, and
   * never the host that the DNS made of it.
   */
  readonly name: string;
  /** The same server otherwise, if and only if this way is refused. RFC 3261 §18.1.1. */
  readonly ifRefused?: Target;
}

/** The most targets a search comes to, whatever the DNS says. */
export const MAX_TARGETS = 8;

/** True where the other side shows a certificate. */
export const isSecure = (transport: TransportName): boolean =>
  transport === "TLS" || transport === "WSS";

/** `TLS 192.0.2.1:5061 example.com`: the same text, the same target. */
export const targetKey = ({ transport, address, name }: Target): string =>
  isSecure(transport)
    ? `${transport} ${formatAddress(address)} ${name}`
    : `${transport} ${formatAddress(address)}`;
