/** MSRP in a page: over a WebSocket to its server, which has all connections. RFC 7977. */
import type { MsrpWorld } from "../msrp/link.ts";
import { openWebSocket } from "../msrp/web-socket-link.ts";

/**
 * Connections for the message sessions of a page's phone: `wss://house.example/msrp`. Nobody can
 * connect to a page, so all goes by its server. For `messageSessions` of `carillon/msrp`.
 */
export function webSocketMsrp(url: string): MsrpWorld {
  return {
    connect: (_, user) =>
      openWebSocket(new WebSocket(url, "msrp"), user, (ms, run) => void setTimeout(run, ms)),
  };
}
