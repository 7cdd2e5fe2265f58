/** How one server is reached. */
import type { Wanted } from "../locate/wanted.ts";
import { type Destination, webSocketAt } from "../transport/destination.ts";
import type { Flow } from "../transport/flow.ts";

/** A connection to open, an address for datagrams, or whom to look for by RFC 3263. */
export type ServerWay =
  | { readonly kind: "Open"; readonly to: Destination; readonly name?: string }
  | { readonly kind: "Flow"; readonly flow: () => Flow | undefined; readonly name?: string }
  | { readonly kind: "Locate"; readonly wanted: Wanted; readonly name?: string };

/** For a `ws:` or `wss:` URL. Throws a RangeError for anything else. */
export const webSocketWay = (url: string): ServerWay => ({
  ...{ kind: "Open", to: webSocketAt(url), name: url },
});

/** What people call it. */
export function serverName(way: ServerWay): string {
  if (way.name !== undefined) return way.name;
  if (way.kind === "Open") return "url" in way.to ? way.to.url : way.to.name;
  return way.kind === "Locate" ? way.wanted.host : "";
}
