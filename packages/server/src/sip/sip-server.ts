/**
 * The library's registrar and proxy on this house's accounts, with UDP, TCP and TLS at every
 * address of the machine. WebSockets join through the runner.
 */
import { mintToken } from "carillon/auth";
import { createInnerLineEndpoint } from "carillon/b2bua";
import { type BelowRole, createEndpoint } from "carillon/endpoint";
import { dialler, dns, nodeCrypto, type Runner, run } from "carillon/node";
import {
  type Bridge,
  type Calls,
  type DomainOptions,
  type DomainRole,
  domain,
  type LogEntry,
  type OutgoingStore,
  type Service,
  type Shield,
  type Wake,
} from "carillon/roles";
import type { PublicAddresses } from "../addresses/public-addresses.ts";
import type { LiveCredentials } from "../certificates/live-credentials.ts";
import type { LiveConfig } from "../config/live-config.ts";
import type { Tracing } from "../control/tracing.ts";
import type { TokenClaims } from "../http/house-context.ts";
import type { Log } from "../http/log.ts";
import { BOX_NAME, type FileBox } from "../msrp/file-box.ts";
import type { HouseOverload } from "../overload/house-overload.ts";
import { aliases } from "../own-addresses.ts";
import { PRODUCT } from "../product.ts";
import type { Store } from "../store/store.ts";
import { accountsWithBox, boxService, locationWithBox } from "./box-in-house.ts";
import { listeners } from "./listeners.ts";

export interface SipServer {
  readonly runner: Runner;
  /** The port of UDP and TCP, the same at every address. */
  readonly port: number;
  /** The port of TLS; undefined where it is not wanted. */
  readonly tlsPort: number | undefined;
  mintToken(claims: TokenClaims): string;
  /** How many calls people make. */
  readonly outgoing: DomainRole["outgoing"];
  /** The machine has these addresses now. */
  follow(addresses: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface SipParts {
  /** Addresses of this machine, each to be bound by its own. */
  readonly addresses: readonly string[];
  readonly sipPort: number;
  readonly tlsPort: number | undefined;
  readonly credentials: LiveCredentials;
  readonly hostname: string;
  readonly store: Store;
  readonly location: DomainOptions["location"];
  readonly calls: Calls;
  /** Where it is kept what people call elsewhere. */
  readonly outgoing?: OutgoingStore;
  /** Parts that answer requests themselves, in the order in which they are asked. */
  readonly services: readonly Service[];
  /** Has branches of calls end here, where their two sides do not understand each other. */
  readonly bridge?: Bridge;
  /** Wakes phones that sleep. */
  readonly push?: Wake;
  /** A device registered, or went, from there: `udp 192.0.2.1:5060`. */
  readonly registered?: (source: string) => void;
  /** Who is listened to, and how often they may try. */
  readonly shield?: Shield;
  /** How others know this machine, where a NAT is in front of it. */
  readonly known?: Pick<PublicAddresses, "advertise" | "isOwn">;
  /** What became of each request. */
  readonly logged?: (entry: LogEntry) => void;
  /** What came to nothing before it was a request. */
  readonly below?: BelowRole;
  readonly log: Log;
  readonly config: LiveConfig;
  readonly tracing: Tracing;
  /** Where `sip:files@…` leads; nowhere if left out. */
  readonly box?: FileBox | undefined;
  /** Who may come in when there is too much to do. */
  readonly overload: Pick<HouseOverload, "control" | "lateMs">;
}

/** Starts it. Throws CannotStart in words when the port is taken. */
export async function sipServer(parts: SipParts): Promise<SipServer> {
  const { hostname, store, location, calls, services, bridge, log, config } = parts;
  const crypto = nodeCrypto();
  const { house, accounts } = store;
  // One that was asked for need not be in the list of any interface: 127.0.0.2, say.
  let own: ReadonlySet<string> = new Set(parts.addresses);
  // Who has had its name all along keeps it.
  const box = accounts.has(BOX_NAME) ? undefined : parts.box;
  const role = domain({
    ...house,
    aliases: [...aliases(hostname), ...config.aliases],
    ...(parts.known && { advertise: parts.known.advertise }),
    isAlias: (host) => own.has(host) || parts.known?.isOwn(host) === true,
    accounts: accountsWithBox(accounts, box),
    location: locationWithBox(location, box),
    calls,
    services: box ? [boxService(), ...services] : services,
    ...(bridge && { bridge }),
    ...(parts.outgoing && { outgoing: parts.outgoing }),
    ...(parts.push && { wake: parts.push }),
    ...(parts.shield && { strangers: parts.shield }),
    crypto,
    policy: () => config.policy,
    trusts: ({ remote }) => config.trusts(remote.host),
    log: (entry) => {
      logSip(log, entry);
      parts.logged?.(entry);
      if (entry.kind === "Registered") parts.registered?.(entry.source);
    },
  });
  const { key, node, tokenKey } = house;
  const trace = parts.tracing.see;
  const publicOnly = (host: string) => config.isPublicOnly(host);
  const servers = { transports: ["UDP", "TCP", "TLS"], publicOnly } as const;
  const gate = parts.shield ? { gate: parts.shield } : {};
  const make = bridge ? createInnerLineEndpoint : createEndpoint;
  const { lateMs, control } = parts.overload;
  const below = parts.below ? { below: parts.below } : {};
  const options = { role, crypto, key, node, product: PRODUCT, trace, servers, ...gate, ...below };
  const endpoint = make({ ...options, ...(control && { admission: control }) });
  // A defect costs the message that showed it, and not everybody's calls.
  const onFault = (fault: unknown) => log.error({ err: fault }, "fault");
  const { credentials } = parts;
  const dial = dialler({ tls: () => credentials.now });
  const resolver = dns(config.dns ? { servers: config.dns } : {});
  const runner = run(endpoint, { onFault, dns: resolver, dialler: dial, lateMs });
  const now = { ...parts, credentials: credentials.now };
  const open = await listeners(runner, now).catch((error) => {
    runner.close();
    throw error;
  });
  credentials.whenRenewed((renewed) => open.renew(renewed));
  return {
    runner,
    port: open.port,
    tlsPort: open.tlsPort,
    mintToken: (claims) => mintToken(crypto, tokenKey, claims),
    outgoing: () => role.outgoing(),
    follow: (addresses) => {
      own = new Set(addresses);
      return open.follow(addresses);
    },
    close: async () => {
      runner.close();
      await open.close();
    },
  };
}

/** What a peer wrote may be long; a line of the log is not. */
const MAX_LOGGED = 200;

/**
 * What JSON leaves as it is and a terminal may obey: DEL and the controls of the upper half, where
 * one octet begins an escape sequence.
 */
const visible = (text: string): string =>
  text.replaceAll(/[\x7f-\x9f]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

function logSip(log: Log, { kind, at: _, ...entry }: LogEntry): void {
  const line: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(entry)) {
    line[name] = typeof value === "string" ? visible(value.slice(0, MAX_LOGGED)) : value;
  }
  // Being asked for credentials is how every sign-in starts, and calls are many: both for whoever
  // wants to see everything.
  const isUsual = kind === "Forwarded" || (kind === "Refused" && entry.why === "no credentials");
  log[isUsual ? "debug" : "info"](line, kind);
}
