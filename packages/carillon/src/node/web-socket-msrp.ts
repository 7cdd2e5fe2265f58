/** MSRP over a WebSocket, for programs that reach their server so. RFC 7977. */
import type { MsrpWorld } from "../msrp/link.ts";
import { openWebSocket } from "../msrp/web-socket-link.ts";

/**
 * Connections for the message sessions of a phone that has a server with MSRP over WebSocket:
 * `wss://house.example/msrp`. Nobody can connect to it. For `messageSessions` of `carillon/msrp`.
 */
export function webSocketMsrp(url: string): MsrpWorld {
  return {
    connect: (_, user) =>
      openWebSocket(new WebSocket(url, "msrp"), user, (ms, run) => {
        setTimeout(run, ms).unref();
      }),
  };
}
