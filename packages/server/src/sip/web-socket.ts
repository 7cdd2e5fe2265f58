/**
 * SIP over WebSocket, the server's side. RFC 7118.
 *
 * A cookie opens nothing here: it is not even sent to this path. Who somebody is, the SIP requests
 * themselves say (RFC 8898, RFC 3261 §22). What the handshake does keep out is a page that is not
 * ours, which would otherwise borrow its visitor's network.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Standing } from "carillon/endpoint";
import { type Connection, Crowd, type Runner } from "carillon/node";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { type Peer, peerOf, plainAddress } from "../http/peer.ts";
import { type RefusalCode, refusal } from "../refusal.ts";
import type { NoBrowsers } from "./no-browsers.ts";

export interface WebSocketOptions {
  readonly runner: Pick<Runner, "connection">;
  isOwnOrigin(request: IncomingMessage): boolean;
  /** Whether somebody else takes this upgrade. */
  isOthers?(request: IncomingMessage): boolean;
  readonly limits?: Partial<WebSocketLimits>;
  /** Told who is there by a handshake that is none of a browser's, while they are. */
  readonly others?: NoBrowsers;
}

export interface WebSocketLimits {
  /** Whoever comes later takes the place of the stranger who came first. */
  readonly connections: number;
  /** From one IPv4 address, or from one /64 of IPv6. */
  readonly connectionsPerSource: number;
  readonly messageBytes: number;
  /** What may wait for a peer that does not read. */
  readonly waitingBytes: number;
  /** A peer that has not answered one ping when the next is due is gone. */
  readonly pingMs: number;
  /** How long a message may take from its first byte to its last. */
  readonly messageMs: number;
  /** A connection on which nothing was said by then is closed. */
  readonly silentMs: number;
}

const defaults: WebSocketLimits = {
  connections: 2048,
  connectionsPerSource: 256,
  messageBytes: 64 * 1024,
  waitingBytes: 256 * 1024,
  pingMs: 30_000,
  messageMs: 10_000,
  silentMs: 30_000,
};

export interface SipWebSockets {
  /** Connections that are open. */
  readonly count: number;
  close(): void;
}

/** Takes the upgrades of this HTTP server to `/sip`; all others are refused. */
export function sipWebSockets(
  server: Server | SecureServer,
  options: WebSocketOptions,
): SipWebSockets {
  const limits: WebSocketLimits = { ...defaults, ...options.limits };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: 256,
    //= RFC 7118 §4.1
    //# The 101 reply from the server MUST contain "sip" in its corresponding Sec-WebSocket-Protocol
    //# header.
    handleProtocols: () => "sip",
  });
  const open = new Crowd<Line>(limits, ({ socket }) => socket.destroy());
  const ping = setInterval(() => pingAll(open), limits.pingMs).unref();

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (options.isOthers?.(request) === true) return;
    const peer = peerOf(request);
    const why = reasonAgainst(request, options);
    if (why !== undefined) return hangUp(socket, why);
    const line: Line = { socket, webSocket: undefined, alive: true };
    if (!open.enter(line, peer.host)) return hangUp(socket, "TOO_MANY_CONNECTIONS");
    const leave = options.others?.met(request, peer);
    socket.once("close", () => {
      open.leave(line);
      leave?.();
    });
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      line.webSocket = webSocket;
      webSocket.on("pong", () => {
        line.alive = true;
      });
      const regard = (as: Standing) => open.regard(line, as);
      attach({ webSocket, socket: request.socket, peer, limits, regard }, options.runner);
      watch(webSocket, request.socket, limits);
    });
  });

  return {
    get count() {
      return open.size;
    },
    close: () => {
      clearInterval(ping);
      for (const { socket, webSocket } of open) {
        webSocket?.close(1001, "The server is stopping.");
        setTimeout(() => socket.destroy(), CLOSE_MS).unref();
      }
    },
  };
}

/** How long a peer may take to answer a close. */
const CLOSE_MS = 1000;

interface Line {
  readonly socket: Duplex;
  /** Undefined until its handshake is over. */
  webSocket: WebSocket | undefined;
  alive: boolean;
}

function pingAll(open: Iterable<Line>): void {
  for (const line of open) {
    if (!line.alive) line.socket.destroy();
    else line.webSocket?.ping();
    line.alive = false;
  }
}

function reasonAgainst(
  request: IncomingMessage,
  options: WebSocketOptions,
): RefusalCode | undefined {
  if (request.url?.split("?", 1)[0] !== "/sip") return "NOT_FOUND";
  if (!options.isOwnOrigin(request)) return "ORIGIN_REFUSED";
  //= RFC 6455 §4.2.1
  //# An HTTP/1.1 or higher GET request
  //= RFC 6455 §4.2.1
  //# A |Host| header field containing the server's authority.
  if (request.httpVersion === "1.0" || !request.headers.host) return "NOT_SIP";
  if (request.headers["sec-websocket-version"] !== VERSION) return "WEB_SOCKET_VERSION";
  return offersSip(request.headers["sec-websocket-protocol"]) ? undefined : "NOT_SIP";
}

/** Drafts of the protocol, which the library below would still take, framed otherwise. */
const VERSION = "13";

const offersSip = (header: string | undefined): boolean =>
  header?.split(",").some((protocol) => protocol.trim() === "sip") ?? false;

/** Answers in plain HTTP what is not becoming a WebSocket. */
export function hangUp(socket: Duplex, code: RefusalCode): void {
  const { status, message, hint } = refusal(code);
  const body = JSON.stringify({ error: { code, message, hint } });
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    "Connection: close",
    //= RFC 6455 §4.4
    //# If the server doesn't support the requested version, it MUST respond with a
    //# |Sec-WebSocket-Version| header field (or multiple |Sec-WebSocket-Version| header fields)
    //# containing all versions it is willing to use.
    ...(code === "WEB_SOCKET_VERSION" ? [`Sec-WebSocket-Version: ${VERSION}`] : []),
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

interface Attached {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly peer: Peer;
  readonly limits: WebSocketLimits;
  /** Who it is that is there. */
  regard(as: Standing): void;
}

/** Joins one WebSocket to the endpoint, both ways. */
function attach(
  { webSocket, socket, peer, limits, regard }: Attached,
  runner: Pick<Runner, "connection">,
): void {
  const connection: Connection = runner.connection(
    {
      transport: peer.secure ? "WSS" : "WS",
      local: { host: plainAddress(socket.localAddress ?? ""), port: socket.localPort ?? 0 },
      remote: { host: peer.host, port: peer.port },
    },
    {
      send: (octets) => send(webSocket, octets, limits),
      close: (reason) => close(webSocket, reason),
      regard,
    },
  );
  let cause: Error | undefined;
  webSocket.on("message", (data: RawData) => {
    //= RFC 7118 §4.2
    //# SIP WebSocket Clients and SIP WebSocket Servers MUST accept both text and binary frames.
    connection.received((data as Buffer).toString("latin1"));
  });
  webSocket.on("error", (error) => {
    cause = error;
  });
  webSocket.on("close", () => connection.closed(cause));
}

/** Hangs up on who says nothing at all, and on who never comes to the end of what they say. */
function watch(webSocket: WebSocket, socket: Socket, limits: WebSocketLimits): void {
  const silent = setTimeout(() => webSocket.terminate(), limits.silentMs).unref();
  let unfinished: NodeJS.Timeout | undefined;
  const finished = (): void => {
    clearTimeout(unfinished);
    unfinished = undefined;
  };
  // Before ws's own listener, which may announce the whole message from inside its turn.
  socket.prependListener("data", () => {
    unfinished ??= setTimeout(() => webSocket.terminate(), limits.messageMs).unref();
  });
  webSocket.on("ping", finished).on("pong", finished);
  webSocket.on("message", () => clearTimeout(silent)).on("message", finished);
  webSocket.on("close", () => clearTimeout(silent)).on("close", finished);
}

function send(webSocket: WebSocket, octets: string, limits: WebSocketLimits): void {
  if (webSocket.readyState !== webSocket.OPEN) return;
  const bytes = Buffer.from(octets, "latin1");
  // Whoever does not read cannot be told to: what waits for them would fill our memory.
  if (webSocket.bufferedAmount + bytes.length > limits.waitingBytes) {
    webSocket.terminate();
    return;
  }
  //= RFC 7118 §4.2
  //# If there is at least one non-UTF-8 symbol in the whole SIP message (including headers and the
  //# body), then the whole message MUST be sent within a WebSocket binary message.
  const binary = !isUtf8(bytes);
  //= RFC 7118 §5
  //# Each SIP message MUST be carried within a single WebSocket message, and a WebSocket message
  //# MUST NOT contain more than one SIP message.
  webSocket.send(bytes, { binary });
}

function close(webSocket: WebSocket, reason = ""): void {
  // RFC 6455 §5.5: a control frame carries 125 bytes at most, two of them the code.
  webSocket.close(
    1000,
    Buffer.from(reason)
      .subarray(0, 120)
      .toString("latin1")
      .replace(/[^ -~]/g, "?"),
  );
  setTimeout(() => webSocket.terminate(), CLOSE_MS).unref();
}
