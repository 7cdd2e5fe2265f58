/** MSRP over TLS: port 2855, for relays and programs. RFC 4975 §15.4, RFC 4976 §6.1. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { MsrpLink, MsrpLinkUser } from "carillon/msrp";
import { Crowd, joinMsrp, SERVER_TLS, type TlsCredentials } from "carillon/node";
import { plainAddress } from "../http/peer.ts";
import { MSRP_LIMITS, type MsrpLimits } from "./msrp-web-socket.ts";

export interface MsrpTls {
  readonly port: number;
  readonly count: number;
  renew(credentials: TlsCredentials): void;
  close(): Promise<void>;
}

const HANDSHAKE_MS = 5000;

/** Listens. Rejects with what the system says: a `code` such as `EADDRINUSE`. */
export async function msrpTls(
  at: { readonly host: string | undefined; readonly port: number },
  credentials: TlsCredentials,
  take: (link: MsrpLink) => MsrpLinkUser,
  limits: MsrpLimits = MSRP_LIMITS,
): Promise<MsrpTls> {
  const shown = contextOf(credentials);
  const server = createServer({ ...shown, handshakeTimeout: HANDSHAKE_MS });
  const crowd = crowdOf(server, limits);
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.on("secureConnection", (socket: TLSSocket) => {
    const line = crowd.of(socket);
    const silent = setTimeout(() => socket.destroy(), limits.silentMs).unref();
    socket.once("close", () => clearTimeout(silent));
    joinMsrp(socket, (link) =>
      take({
        ...linkOf(link),
        known: () => {
          clearTimeout(silent);
          if (line) crowd.open.regard(line, "Known");
        },
      }),
    );
  });
  server.listen({ port: at.port, ...(at.host !== undefined && { host: at.host }) });
  await once(server, "listening");
  server.on("error", () => {});
  return {
    port: (server.address() as AddressInfo).port,
    get count() {
      return crowd.open.size;
    },
    renew: (renewed) => server.setSecureContext(contextOf(renewed)),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of crowd.open) socket.destroy();
      }),
  };
}

/** Spread over, its room would be that of the moment. */
const linkOf = (link: MsrpLink): MsrpLink => ({
  isFramed: link.isFramed,
  get room() {
    return link.room;
  },
  write: (octets) => link.write(octets),
  pause: () => link.pause(),
  resume: () => link.resume(),
  close: () => link.close(),
});

/** Counts who comes; where there are too many, a stranger has to go, or who comes last. */
function crowdOf(server: Server, limits: MsrpLimits) {
  const open = new Crowd<Socket>(limits, (socket) => socket.destroy());
  // A TLS connection is another object than the socket below it; where it comes from is the same.
  const byRemote = new Map<string, Socket>();
  const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    if (!open.enter(socket, plainAddress(socket.remoteAddress ?? ""))) return socket.destroy();
    const key = keyOf(socket);
    byRemote.set(key, socket);
    socket.once("close", () => {
      open.leave(socket);
      byRemote.delete(key);
    });
    return undefined;
  });
  return { open, of: (socket: TLSSocket) => byRemote.get(keyOf(socket)) };
}

const contextOf = ({ cert, key }: TlsCredentials) => ({
  ...SERVER_TLS,
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});
