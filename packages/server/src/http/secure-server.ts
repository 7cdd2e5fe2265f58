/** The same page over https, and with it SIP over secure WebSocket. RFC 7118 §9.1. */
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { SERVER_TLS, type TlsCredentials } from "carillon/node";
import { crowdAt } from "./http-crowd.ts";
import { listenAt } from "./listen.ts";
import { SERVER_LIMITS } from "./server-limits.ts";

export interface SecureServer {
  readonly server: Server;
  readonly port: number;
  /** From the next handshake on; connections that are open stay. */
  renew(credentials: TlsCredentials): void;
  close(): Promise<void>;
}

const HANDSHAKE_MS = 5_000;

/** Starts it. Throws CannotStart in words when the port is taken. */
export async function secureServer(
  listener: RequestListener,
  credentials: TlsCredentials,
  { host, port }: { readonly host: string | undefined; readonly port: number },
): Promise<SecureServer> {
  const { maxConnections: _, ...limits } = SERVER_LIMITS;
  const context = { ...SERVER_TLS, ...shown(credentials) };
  const server = createServer({ ...limits, ...context, handshakeTimeout: HANDSHAKE_MS }, listener);
  crowdAt(server);
  // A handshake that failed is its peer's business.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  await listenAt({ host, port, flag: "--https-port" }, (at) => {
    server.listen(port, at);
    return once(server, "listening");
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    renew: (renewed) => server.setSecureContext({ ...context, ...shown(renewed) }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** What we show; whom we believe is no matter here, since browsers show nothing. */
const shown = ({ cert, key }: TlsCredentials) => ({
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});
