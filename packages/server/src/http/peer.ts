/**
 * Who is at the other end of an HTTP request, seen through a reverse proxy on this machine.
 *
 * Only a proxy on loopback is believed, and of X-Forwarded-For only the last address: the one it
 * wrote itself. Everything before it is what the client claims.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** Whether it came over TLS, to us or to the proxy. */
  readonly secure: boolean;
}

export function peerOf(request: IncomingMessage): Peer {
  const { socket, headers } = request;
  const host = plainAddress(socket.remoteAddress ?? "");
  const port = socket.remotePort ?? 0;
  const secure = (socket as TLSSocket).encrypted === true;
  if (!isLoopback(host)) return { host, port, secure };
  const forwarded = plainAddress(last(headers["x-forwarded-for"]));
  const protocol = last(headers["x-forwarded-proto"]);
  return {
    // Nothing but an address: it is written into Via headers and names rate limits.
    host: isIP(forwarded) === 0 ? host : forwarded,
    port,
    secure: secure || protocol === "https" || protocol === "wss",
  };
}

/** An address without the IPv6 dress of an IPv4 one, and without its zone. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}

const isLoopback = (host: string): boolean => host === "::1" || host.startsWith("127.");

function last(header: string | string[] | undefined): string {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return text.split(",").at(-1)?.trim() ?? "";
}
