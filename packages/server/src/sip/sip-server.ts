/**
 * The library's registrar and proxy on this house's accounts, with UDP at every address of the
 * machine. WebSockets join through the runner.
 */
import { mintToken } from "carillon/auth";
import { createEndpoint } from "carillon/endpoint";
import { dns, nodeCrypto, type Runner, run, type UdpSocket } from "carillon/node";
import { type Calls, type DomainOptions, domain, type LogEntry } from "carillon/roles";
import { bindFailure } from "../bind-failure.ts";
import type { LiveConfig } from "../config/live-config.ts";
import type { Tracing } from "../control/tracing.ts";
import type { TokenClaims } from "../http/house-context.ts";
import type { Log } from "../http/log.ts";
import { aliases } from "../own-addresses.ts";
import { PRODUCT } from "../product.ts";
import type { Store } from "../store/store.ts";
import { type Datagrams, datagrams } from "./datagrams.ts";

export interface SipServer {
  readonly runner: Runner;
  /** The UDP port, the same at every address. */
  readonly port: number;
  mintToken(claims: TokenClaims): string;
  close(): Promise<void>;
}

export interface SipParts {
  /** Addresses of this machine, each to be bound by its own. */
  readonly addresses: readonly string[];
  readonly sipPort: number;
  readonly hostname: string;
  readonly store: Store;
  readonly location: DomainOptions["location"];
  readonly calls: Calls;
  readonly log: Log;
  readonly config: LiveConfig;
  readonly tracing: Tracing;
}

/** Starts it. Throws CannotStart in words when the port is taken. */
export async function sipServer(parts: SipParts): Promise<SipServer> {
  const { hostname, store, location, calls, log, config } = parts;
  const crypto = nodeCrypto();
  const { house, accounts } = store;
  const role = domain({
    ...house,
    aliases: [...aliases(hostname), ...config.aliases],
    accounts,
    location,
    calls,
    crypto,
    policy: () => config.policy,
    trusts: ({ remote }) => config.trusts(remote.host),
    log: (entry) => logSip(log, entry),
  });
  const { key, node, tokenKey } = house;
  const trace = parts.tracing.see;
  const publicOnly = (host: string) => config.isPublicOnly(host);
  const servers = { transports: ["UDP"], publicOnly } as const;
  const endpoint = createEndpoint({ role, crypto, key, node, product: PRODUCT, trace, servers });
  // A defect costs the message that showed it, and not everybody's calls.
  const onFault = (fault: unknown) => log.error({ err: fault }, "fault");
  const runner = run(endpoint, { onFault, dns: dns(config.dns ? { servers: config.dns } : {}) });
  const sockets = await bindAll(runner, parts);
  return {
    runner,
    port: sockets[0]?.address.port ?? 0,
    mintToken: (claims) => mintToken(crypto, tokenKey, claims),
    close: async () => {
      runner.close();
      await closeAll(sockets);
    },
  };
}

/**
 * One socket for each address, not one for all: an answer has to leave from the address that was
 * asked, which a wildcard socket does not know.
 */
async function bindAll(runner: Runner, parts: SipParts): Promise<readonly UdpSocket[]> {
  const sockets: UdpSocket[] = [];
  const ways = await datagrams();
  if (ways.whyNot) parts.log.info({ why: ways.whyNot }, "datagrams go one by one");
  try {
    for (const host of parts.addresses) {
      // With port 0 the system chooses once, and the other addresses follow.
      const at = { host, port: sockets[0]?.address.port ?? parts.sipPort };
      const socket = await bindOne(runner, at, parts, ways);
      if (socket !== undefined) sockets.push(socket);
    }
    return sockets;
  } catch (error) {
    runner.close();
    await closeAll(sockets);
    throw error;
  }
}

async function bindOne(
  runner: Runner,
  at: { readonly host: string; readonly port: number },
  { addresses, log }: SipParts,
  { bind }: Datagrams,
): Promise<UdpSocket | undefined> {
  try {
    return await bind(runner, at);
  } catch (error) {
    const { code } = error as { code?: string };
    // Found a moment ago, yet not to be had: IPv6 switched off, an interface on its way out.
    if (addresses.length > 1 && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) {
      log.warn({ host: at.host, code }, "no SIP at this address");
      return undefined;
    }
    throw bindFailure(error, { ...at, protocol: "UDP", flag: "--sip-port", step: 10 }) ?? error;
  }
}

async function closeAll(sockets: readonly UdpSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}

/** What a peer wrote may be long; a line of the log is not. */
const MAX_LOGGED = 200;

function logSip(log: Log, { kind, at: _, ...entry }: LogEntry): void {
  const line: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(entry)) {
    line[name] = typeof value === "string" ? value.slice(0, MAX_LOGGED) : value;
  }
  // Being asked for credentials is how every sign-in starts, and calls are many: both for whoever
  // wants to see everything.
  const isUsual = kind === "Forwarded" || (kind === "Refused" && entry.why === "no credentials");
  log[isUsual ? "debug" : "info"](line, kind);
}
