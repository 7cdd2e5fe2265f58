/** Where a connection is to be opened to. RFC 3261 §18.1.1, RFC 7118 §5. */
import type { Address } from "../uri/host.ts";

/** Where a connection is to be opened to: by URL for WebSockets, by address for the others. */
export type Destination =
  | { readonly transport: "WS" | "WSS"; readonly url: string }
  | {
      readonly transport: "TCP" | "TLS";
      /** An IP address, and a port. */
      readonly remote: Address;
      /** Whom the certificate has to name, over TLS (RFC 5922); over TCP only for logs. */
      readonly name: string;
    };

/** The destination that a `ws:` or `wss:` URL means. Throws a RangeError for another URL. */
export function webSocketAt(url: string): Destination {
  const scheme = /^(wss?):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new RangeError(`no ws or wss URL: ${url}`);
  return { transport: scheme === "wss" ? "WSS" : "WS", url };
}
