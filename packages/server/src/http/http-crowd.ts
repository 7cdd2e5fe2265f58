/**
 * Who is connected to a server for HTTP, and who has to go when there are too many. Without it one
 * machine that opens as many connections as there may be, and asks for something on each now and
 * then, would keep everybody else from the page, and from SIP over WebSocket with it.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import { Crowd } from "carillon/node";
import { plainAddress } from "./peer.ts";
import { HTTP_CROWD, type HttpCrowdLimits, SERVER_LIMITS } from "./server-limits.ts";

type End = Pick<Socket, "remoteAddress" | "remotePort" | "localPort">;

/** A TLS connection is another object than the one below it, and has the same name. */
const nameOf = ({ remoteAddress, remotePort, localPort }: End): string =>
  `${remoteAddress} ${remotePort} ${localPort}`;

interface Members {
  readonly crowd: Crowd<string>;
  /** Connections of each account that make room for nobody. */
  readonly kept: Map<string, number>;
  readonly limits: HttpCrowdLimits;
}

const members = new WeakMap<object, Members>();

/** Watches all connections of this server from now on: before it listens. */
export function crowdAt(server: Server | SecureServer, limits: HttpCrowdLimits = HTTP_CROWD): void {
  const sockets = new Map<string, Socket>();
  const crowd = new Crowd<string>(limits, (name) => sockets.get(name)?.destroy());
  const kept = new Map<string, number>();
  members.set(server, { crowd, kept, limits });
  // The system's own limit turns away whoever comes last, and is for the worst.
  server.maxConnections = SERVER_LIMITS.maxConnections;
  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    const host = plainAddress(socket.remoteAddress ?? "");
    // A proxy on this machine brings everybody.
    const source = host === "::1" || host === "127.0.0.1" ? name : host;
    socket.once("close", () => {
      if (sockets.get(name) !== socket) return;
      sockets.delete(name);
      crowd.leave(name);
    });
    sockets.set(name, socket);
    if (!crowd.enter(name, source)) socket.destroy();
  });
  server.on("request", ({ socket }: IncomingMessage) => crowd.regard(nameOf(socket), "Heard"));
  server.on("upgrade", ({ socket }: IncomingMessage) => {
    // WebSockets are counted where they are taken; where they are not, nobody else ends them.
    if (server.listenerCount("upgrade") > 1) crowd.leave(nameOf(socket));
    else socket.destroy();
  });
}

/** This account has shown itself on this connection: it makes room for nobody, as some others. */
export function keepConnection({ socket }: IncomingMessage, account: string): void {
  // Node puts the server there.
  const { server } = socket as { readonly server?: object };
  const of = server && members.get(server);
  if (!of || keptFor.has(socket)) return;
  const count = of.kept.get(account) ?? 0;
  if (count >= of.limits.keptPerAccount) return;
  keptFor.add(socket);
  of.kept.set(account, count + 1);
  of.crowd.regard(nameOf(socket), "Known");
  socket.once("close", () => {
    const left = (of.kept.get(account) ?? 1) - 1;
    if (left > 0) of.kept.set(account, left);
    else of.kept.delete(account);
  });
}

const keptFor = new WeakSet<object>();
