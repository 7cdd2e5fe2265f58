/**
 * Where SIP is listened to: UDP and TCP at one port of every address of the machine, and TLS at
 * another if that is wanted.
 *
 * One socket for each address, not one for all: an answer has to leave from the address that was
 * asked, and a Via has to name one that leads here, both of which a wildcard does not know.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { type Runner, type TlsCredentials, type TlsServer, tcp, tls } from "carillon/node";
import type { Address } from "carillon/uri";
import type { Log } from "../http/log.ts";
import { BoundWays, type Way } from "./bound-ways.ts";
import { datagrams } from "./datagrams.ts";

export interface ListenerOptions {
  /** Addresses of this machine, each to be bound by its own. */
  readonly addresses: readonly string[];
  /** For UDP and TCP; 0 takes any. */
  readonly sipPort: number;
  /** Undefined is no TLS. */
  readonly tlsPort: number | undefined;
  readonly credentials: TlsCredentials;
  readonly log: Log;
}

export interface Listeners {
  /** Of UDP and TCP, the same at every address. */
  readonly port: number;
  /** Undefined without TLS. */
  readonly tlsPort: number | undefined;
  /** Another certificate, from the next handshake on. Throws if it does not fit its key. */
  renew(credentials: TlsCredentials): void;
  /** The machine has these addresses now: listens at new ones, and no longer at those gone. */
  follow(addresses: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Binds everything, or nothing: throws CannotStart in words. */
export async function listeners(runner: Runner, options: ListenerOptions): Promise<Listeners> {
  const { credentials, log, tlsPort } = options;
  const port = options.sipPort || (await freePort(options.addresses));
  const { bind, whyNot } = await datagrams();
  if (whyNot) log.info({ why: whyNot }, "datagrams go one by one");
  const secure = new Set<TlsServer>();
  let shown = credentials;
  //= RFC 3261 §18.2.1
  //# For any port and interface that a server listens on for UDP, it MUST listen on that same port
  //# and interface for TCP.
  const sip = { port, flag: "--sip-port", step: 10 } as const;
  const ways: Way[] = [
    { ...sip, transport: "UDP", protocol: "UDP", bind: (at) => bind(runner, at) },
    { ...sip, transport: "TCP", protocol: "TCP", bind: (at) => tcp(runner, at) },
  ];
  if (tlsPort !== undefined) {
    const byTls = { protocol: "TCP", flag: "--tls-port", step: 10, port: tlsPort } as const;
    const bindTls = async (at: Address) => {
      const server = await tls(runner, at, shown);
      secure.add(server);
      const close = () => {
        secure.delete(server);
        return server.close();
      };
      return { address: server.address, close };
    };
    ways.push({ ...byTls, transport: "TLS", bind: bindTls });
  }
  const bound = await BoundWays.open(ways, runner, options);
  return {
    port,
    tlsPort: bound.portOf("TLS"),
    renew: (renewed) => {
      shown = renewed;
      for (const server of secure) server.reload(renewed);
    },
    follow: (addresses) => bound.follow(addresses),
    close: () => bound.close(),
  };
}

/** A port that TCP has to give away at all of these now; for UDP the chance is as good. */
async function freePort(addresses: readonly string[]): Promise<number> {
  let port = 0;
  const held = [];
  for (const host of addresses) {
    const server = createServer().listen({ host, port, exclusive: true });
    const isHeld = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isHeld) continue;
    held.push(server);
    port = (server.address() as { port: number }).port;
  }
  for (const server of held) {
    const closed = once(server, "close");
    server.close();
    await closed;
  }
  return port;
}
