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
import { bindFailure, type Wanted } from "../bind-failure.ts";
import type { Log } from "../http/log.ts";
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
  close(): Promise<void>;
}

interface Bound {
  readonly address: Address;
  close(): Promise<void>;
}

type Way = Pick<Wanted, "protocol" | "flag" | "step"> & {
  readonly port: number;
  bind(at: Address): Promise<Bound>;
};

/** Binds everything, or nothing: throws CannotStart in words. */
export async function listeners(runner: Runner, options: ListenerOptions): Promise<Listeners> {
  const { credentials, log } = options;
  const port = options.sipPort || (await freePort(options.addresses));
  const { bind, whyNot } = await datagrams();
  if (whyNot) log.info({ why: whyNot }, "datagrams go one by one");
  const open: Bound[] = [];
  const secure: TlsServer[] = [];
  //= RFC 3261 §18.2.1
  //# For any port and interface that a server listens on for UDP, it MUST listen on that same port
  //# and interface for TCP.
  const sip = { port, flag: "--sip-port", step: 10 } as const;
  const ways: Way[] = [
    { ...sip, protocol: "UDP", bind: (at) => bind(runner, at) },
    { ...sip, protocol: "TCP", bind: (at) => tcp(runner, at) },
  ];
  try {
    for (const way of ways) open.push(...(await everywhere(way, options)));
    const { tlsPort } = options;
    if (tlsPort !== undefined) {
      const byTls = { protocol: "TCP", flag: "--tls-port", step: 10, port: tlsPort } as const;
      const bindTls = async (at: Address) => {
        const server = await tls(runner, at, credentials);
        secure.push(server);
        return server;
      };
      open.push(...(await everywhere({ ...byTls, bind: bindTls }, options)));
    }
  } catch (error) {
    await closeAll([...open, ...secure]);
    throw error;
  }
  return {
    port,
    tlsPort: secure[0]?.address.port,
    renew: (renewed) => {
      for (const server of secure) server.reload(renewed);
    },
    close: () => closeAll(open),
  };
}

async function everywhere(way: Way, options: ListenerOptions): Promise<readonly Bound[]> {
  const open: Bound[] = [];
  try {
    for (const host of options.addresses) {
      // With port 0 the system chooses once, and the other addresses follow.
      const one = await bindOne(way, { host, port: open[0]?.address.port ?? way.port }, options);
      if (one) open.push(one);
    }
    return open;
  } catch (error) {
    await closeAll(open);
    throw error;
  }
}

async function bindOne(
  way: Way,
  at: Address,
  { addresses, log }: ListenerOptions,
): Promise<Bound | undefined> {
  try {
    return await way.bind(at);
  } catch (error) {
    const { code } = error as { code?: string };
    // Found a moment ago, yet not to be had: IPv6 switched off, an interface on its way out.
    if (addresses.length > 1 && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) {
      log.warn({ host: at.host, code, protocol: way.protocol }, "no SIP at this address");
      return undefined;
    }
    const { protocol, flag, step } = way;
    throw bindFailure(error, { ...at, protocol, flag, step }) ?? error;
  }
}

async function closeAll(open: readonly Bound[]): Promise<void> {
  await Promise.all(open.map((one) => one.close()));
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
