/** MSRP over TCP and TLS: listening and connecting. RFC 4975 §5.4, §6.2. */
import { createServer, connect as dialTcp, isIP, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, connect as dialTls, type TLSSocket } from "node:tls";
import { isIdentifiedAs } from "../locate/tls-identity.ts";
import type { MsrpLink, MsrpLinkUser, MsrpWorld, OwnPlace } from "../msrp/link.ts";
import type { MsrpUri } from "../msrp/msrp-uri.ts";
import { identitiesOf } from "./peer-identity.ts";
import type { TlsCredentials } from "./tls.ts";

/** Where MSRP is listened for, and what is shown and believed over TLS. */
export interface StreamMsrpOptions {
  /** An address of this machine, to be put into URIs. Without it nobody can connect to this end. */
  readonly host?: string;
  /** 0, if left out: any. */
  readonly port?: number;
  /** Over TLS: whom to believe, and what to show. With a certificate it is listened for TLS. */
  readonly tls?: TlsCredentials;
}

/** A world with sockets of its own, until it is closed. */
export interface StreamMsrp extends MsrpWorld {
  /** Stops listening, and closes what is open. */
  close(): void;
}

/** What may wait in a socket before nothing more is written. */
const CAPACITY = 256 * 1024;
const CONNECT_MS = 10_000;
/** Connections that others have opened, at a time. */
const MAX_CONNECTIONS = 1000;

/**
 * Listens, if a host is given, and connects. For `messageSessions` of `carillon/msrp`. Rejects with
 * what the system says: a `code` such as `EADDRINUSE`.
 */
export async function streamMsrp(options: StreamMsrpOptions = {}): Promise<StreamMsrp> {
  const { host, port = 0, tls = {} } = options;
  const sockets = new Set<Socket>();
  let take: ((link: MsrpLink) => MsrpLinkUser) | undefined;
  const accepted = (socket: Socket): void => {
    if (!take || sockets.size >= MAX_CONNECTIONS) return void socket.destroy();
    joinMsrp(socket, take);
    keep(sockets, socket);
  };
  const isSecure = tls.cert !== undefined;
  const server = host === undefined ? undefined : serverOf(tls, accepted);
  const own =
    server && host !== undefined ? await listenAt(server, host, port, isSecure) : undefined;
  return {
    own,
    listen: (taker) => {
      take = taker;
      return () => {
        take = undefined;
      };
    },
    connect: async (to, user) => {
      const socket = await dial(to, tls);
      keep(sockets, socket);
      joinMsrp(socket, user);
    },
    close: () => {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

function serverOf(tls: TlsCredentials, accepted: (socket: Socket) => void): Server {
  if (tls.cert === undefined || tls.key === undefined) return createServer(accepted);
  const server = createTlsServer({ cert: tls.cert, key: tls.key, minVersion: "TLSv1.2" });
  server.on("secureConnection", accepted);
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function listenAt(
  server: Server,
  host: string,
  port: number,
  isSecure: boolean,
): Promise<OwnPlace> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      server.on("error", () => {});
      const bound = (server.address() as { port: number }).port;
      const scheme = isSecure ? "msrps" : "msrp";
      resolve({ scheme, host, port: bound, transport: "tcp" });
    });
  });
}

//= RFC 4975 §5.4
//# Connections using the "msrps" scheme MUST use TLS.
function dial(to: MsrpUri, tls: TlsCredentials): Promise<Socket> {
  const { host, port = 2855, scheme, transport } = to;
  if (transport.toLowerCase() !== "tcp") {
    return Promise.reject(new Error(`nobody here connects to MSRP over ${transport}`));
  }
  return new Promise((resolve, reject) => {
    const { cert, key, ca } = tls;
    const shown = { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca: ca as string }) };
    const named = isIP(host) === 0 ? { servername: host } : {};
    const socket: Socket =
      scheme === "msrps"
        ? dialTls({ host, port, ...shown, ...named, checkServerIdentity: () => undefined })
        : dialTcp({ host, port });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error("nobody answered in time")));
    socket.once("error", reject);
    socket.once(scheme === "msrps" ? "secureConnect" : "connect", () => {
      //= RFC 4975 §5.4
      //# The SubjectAltName in the received certificate MUST match the hostname part of the URI and
      //# the certificate MUST be valid according to RFC 3280 [16], including having a date that is
      //# valid and being signed by an acceptable certification authority.
      if (scheme === "msrps" && !speaksFor(socket as TLSSocket, host)) {
        return void socket.destroy(new Error(`the certificate does not speak for ${host}`));
      }
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

const speaksFor = (socket: TLSSocket, host: string): boolean =>
  isIdentifiedAs(host, identitiesOf(socket)) ||
  (socket.getPeerX509Certificate()?.checkIP(host) ?? undefined) !== undefined;

/** Joins a socket that is open: what it reads goes to the user, what the user writes to it. */
export function joinMsrp(socket: Socket, take: (link: MsrpLink) => MsrpLinkUser): MsrpLinkUser {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  const user = take({
    isFramed: false,
    get room() {
      return CAPACITY - socket.writableLength;
    },
    write: (octets) => void (socket.writable && socket.write(octets)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  });
  socket.on("data", (octets: Buffer) => user.received(octets));
  socket.on("drain", () => user.drained());
  socket.on("end", () => socket.destroy());
  socket.once("close", () => user.closed("The connection is gone."));
  return user;
}
