/**
 * MSRP over WebSocket, the server's side: `/msrp` at the ports of the page. RFC 7977.
 *
 * A handshake proves nothing of who somebody is: the URIs of sessions are what nobody can guess,
 * and a relay asks for credentials. What it keeps out is a page that is not ours.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { MsrpLink, MsrpLinkUser } from "carillon/msrp";
import { Crowd } from "carillon/node";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { peerOf } from "../http/peer.ts";
import { hangUp } from "../sip/web-socket.ts";

export const MSRP_PATH = "/msrp";

export interface MsrpWebSocketOptions {
  isOwnOrigin(request: IncomingMessage): boolean;
  /** Takes a connection that is open. */
  readonly take: (link: MsrpLink) => MsrpLinkUser;
  readonly limits?: Partial<MsrpLimits>;
}

export interface MsrpLimits {
  readonly connections: number;
  readonly connectionsPerSource: number;
  /** One message, which is one chunk. */
  readonly messageBytes: number;
  /** What may wait for a peer before nothing more is written. */
  readonly waitingBytes: number;
  readonly pingMs: number;
  /** Who has said nothing by then that somebody here knows is a stranger no longer waited for. */
  readonly silentMs: number;
}

export const MSRP_LIMITS: MsrpLimits = {
  connections: 2048,
  connectionsPerSource: 256,
  messageBytes: 1024 * 1024,
  waitingBytes: 256 * 1024,
  pingMs: 30_000,
  //= RFC 4976 §6.1
  //# If no request is received in that time, the server closes the connection.
  silentMs: 30_000,
};

interface Line {
  readonly socket: Duplex;
  webSocket: WebSocket | undefined;
  isAlive: boolean;
}

/** Takes the upgrades of this HTTP server to `/msrp`. The result closes all of them. */
export function msrpWebSockets(
  server: Server | SecureServer,
  options: MsrpWebSocketOptions,
): { close(): void; readonly count: number } {
  const limits: MsrpLimits = { ...MSRP_LIMITS, ...options.limits };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: 1024,
    //= RFC 7977 §4.1
    //# The 101 reply from the Server MUST contain "msrp" in its corresponding
    //# Sec-WebSocket-Protocol header.
    handleProtocols: () => "msrp",
  });
  const open = new Crowd<Line>(limits, ({ socket }) => socket.destroy());
  const ping = setInterval(() => pingAll(open), limits.pingMs).unref();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isForMsrp(request)) return;
    if (!options.isOwnOrigin(request)) return hangUp(socket, "ORIGIN_REFUSED");
    if (!offersMsrp(request)) return hangUp(socket, "NOT_MSRP");
    const line: Line = { socket, webSocket: undefined, isAlive: true };
    if (!open.enter(line, peerOf(request).host)) return hangUp(socket, "TOO_MANY_CONNECTIONS");
    socket.once("close", () => open.leave(line));
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      line.webSocket = webSocket;
      webSocket.on("pong", () => {
        line.isAlive = true;
      });
      join(webSocket, limits, options.take, () => open.regard(line, "Known"));
    });
  });
  return {
    get count() {
      return open.size;
    },
    close: () => {
      clearInterval(ping);
      for (const { socket } of open) socket.destroy();
    },
  };
}

/** Whether this upgrade is one of ours. */
export const isForMsrp = ({ url }: IncomingMessage): boolean => url?.split("?", 1)[0] === MSRP_PATH;

function pingAll(open: Iterable<Line>): void {
  for (const line of open) {
    if (!line.isAlive) line.socket.destroy();
    else line.webSocket?.ping();
    line.isAlive = false;
  }
}

//= RFC 7977 §4.1
//# The Client MUST include the value "msrp" in the Sec-WebSocket-Protocol header in its handshake
//# request.
const offersMsrp = ({ headers }: IncomingMessage): boolean =>
  headers["sec-websocket-protocol"]?.split(",").some((one) => one.trim() === "msrp") ?? false;

function join(
  webSocket: WebSocket,
  limits: MsrpLimits,
  take: (link: MsrpLink) => MsrpLinkUser,
  known: () => void,
): void {
  const silent = setTimeout(() => webSocket.terminate(), limits.silentMs).unref();
  const user = take({
    isFramed: true,
    get room() {
      return limits.waitingBytes - webSocket.bufferedAmount;
    },
    write: (octets) => {
      if (webSocket.readyState !== webSocket.OPEN) return;
      webSocket.send(octets, { binary: true }, () => user.drained());
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: () => webSocket.terminate(),
    known: () => {
      clearTimeout(silent);
      known();
    },
  });
  webSocket.on("message", (data: RawData) => user.received(data as Buffer));
  webSocket.on("error", () => {});
  webSocket.on("close", () => {
    clearTimeout(silent);
    user.closed("The connection is gone.");
  });
}
