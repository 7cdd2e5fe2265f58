/**
 * No page without TLS: whoever comes without it is led to https, and told to come that way from
 * then on. RFC 6797.
 *
 * A browser that was told so keeps the port of an address and changes its scheme alone (§8.3), so
 * that the port for HTTP has to understand TLS, too.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureHttpServer } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { FastifyInstance } from "fastify";
import { CHALLENGE_PATH } from "../certificates/challenge-answers.ts";

/** Half a year, in seconds: shorter ones are held to be none. */
const MAX_AGE = 182 * 24 * 3600;
/** Whoever connects has said something by then. */
const FIRST_OCTET_MS = 5000;
/** Who has said nothing yet; of more the one goes that was there first. */
const MAX_SILENT = 1024;
/** The first octet of a TLS record with a handshake in it: RFC 8446 §5.1. */
const HANDSHAKE = 22;
/** What one's own machines ask for, and an authority, which need not follow: RFC 8555 §8.3. */
const PLAIN = ["/health", "/ready", "/metrics", CHALLENGE_PATH];

/** Leads people to https at this port; undefined while that is not known, when nobody is served. */
export function leadToHttps(app: FastifyInstance, securePort: () => number | undefined): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.raw.socket instanceof TLSSocket) {
      reply.header("strict-transport-security", `max-age=${MAX_AGE}`);
      return;
    }
    if (PLAIN.some((path) => request.url.startsWith(path))) return;
    // A permanent redirect: RFC 6797 §7.2.
    const to = addressOf(request.raw, securePort());
    if (to === undefined) return reply.code(404).send();
    return reply.code(308).header("location", to).send();
  });
}

/** The same address over https. A name that cannot stand in an address leads nowhere. */
function addressOf({ headers: { host }, url = "" }: IncomingMessage, port: number | undefined) {
  const at = `http://${host}`;
  if (port === undefined || host === undefined || !URL.canParse(at)) return undefined;
  if (!/^\/[\x21-\x7e]*$/.test(url)) return undefined;
  return `https://${new URL(at).hostname}:${port}${url}`;
}

/** Has a server for HTTP hand over those who speak TLS to this one. */
export function understandTls(plain: Server, secure: SecureHttpServer): { close(): void } {
  const listeners = plain.listeners("connection");
  plain.removeAllListeners("connection");
  const silent = new Set<Socket>();
  plain.on("connection", (socket: Socket) => {
    const [first] = silent;
    if (silent.size >= MAX_SILENT) first?.destroy();
    silent.add(socket);
    const forget = (): void => void silent.delete(socket);
    const tooLate = setTimeout(() => socket.destroy(), FIRST_OCTET_MS);
    const ended = (): void => {
      clearTimeout(tooLate);
      forget();
    };
    const failed = (): void => void socket.destroy();
    socket.once("close", ended);
    socket.once("error", failed);
    socket.once("readable", () => {
      ended();
      const first = socket.read(1) as Buffer | null;
      if (first === null) return void socket.destroy();
      socket.unshift(first);
      socket.removeListener("close", ended);
      socket.removeListener("error", failed);
      if (first[0] === HANDSHAKE) secure.emit("connection", socket);
      else for (const listener of listeners) listener.call(plain, socket);
    });
  });
  return {
    close() {
      for (const socket of silent) socket.destroy();
    },
  };
}
