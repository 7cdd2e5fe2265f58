/** Every way in which this program is reached, each between two ends of the suite of transports. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { webSocketAt } from "carillon/endpoint";
import { dialler, nodeCrypto, type Runner, run, tcp, tls, udp } from "carillon/node";
import { certificate, type End, newEnd, type Pair } from "carillon/testing";
import type { Address } from "carillon/uri";
import { loadSystem, type System } from "carillon-media/system";
import { BatchedUdp } from "./batched/batched-udp.ts";
import { sipWebSockets } from "./web-socket.ts";

export type Way = "UDP" | "UDP in batches" | "TCP" | "TLS" | "WS" | "WSS";
export const HOSTS = ["127.0.0.1", "::1"] as const;
export const NAME = "house.example";

const authority = certificate({ name: "an authority", isAuthority: true });
const uris = [`sip:${NAME}`];
const shown = certificate({ name: "x", issuer: authority, uris, ips: ["127.0.0.1", "::1"] });
const credentials = { cert: shown.cert, key: shown.key, ca: authority.cert };

/** Something that listens, and how many are connected to it. */
export interface Listening {
  readonly address: Address;
  readonly count: number;
  close(): Promise<void>;
}

export async function listening(runner: Runner, way: Way, host: string): Promise<Listening> {
  const at = { host, port: 0 };
  if (way === "UDP") return { ...(await udp(runner, at)), count: 0 };
  if (way === "UDP in batches") {
    return { ...(await new BatchedUdp(await system(), Date.now).bind(runner, at)), count: 0 };
  }
  if (way === "TCP") return tcp(runner, at);
  if (way === "TLS") return tls(runner, at, credentials);
  return web(runner, way === "WS" ? createServer() : createSecureServer(credentials), at);
}

export async function system(): Promise<System> {
  const loaded = await loadSystem();
  if (typeof loaded === "string") throw new Error(loaded);
  return loaded;
}

async function web(runner: Runner, server: Server, { host }: Address): Promise<Listening> {
  const sockets = sipWebSockets(server, { runner, isOwnOrigin: () => true });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    get count() {
      return sockets.count;
    },
    close: async () => {
      sockets.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** An end with a runner of its own, which can open whatever there is. */
export function newRunner() {
  const crypto = nodeCrypto();
  const end = newEnd(crypto);
  const faults: unknown[] = [];
  const runner = run(end.endpoint, {
    dialler: dialler({ tls: () => credentials }),
    onFault: (fault) => faults.push(fault),
  });
  return { runner, faults, end: { ...end, call: (what: () => void) => runner.call(what) } as End };
}

/** The flow of a client to what listens there. */
export function reach(client: End, way: Way, address: Address): Pair["flow"] {
  let flow: Pair["flow"] | undefined;
  client.call(() => {
    flow = flowTo(client, way, address);
  });
  if (!flow) throw new Error("there is no way");
  return flow;
}

export function flowTo(client: End, way: Way, address: Address): Pair["flow"] | undefined {
  const { endpoint } = client;
  if (way === "TCP" || way === "TLS")
    return endpoint.reach({ transport: way, address, name: NAME });
  if (way === "UDP" || way === "UDP in batches") {
    return endpoint.reach({ transport: "UDP", address, name: NAME });
  }
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const dial = endpoint.open(webSocketAt(`${way.toLowerCase()}://${host}:${address.port}/sip`));
  // One that is asked for can be used before it is open.
  return { transport: way, local: NOWHERE, remote: address, connection: -dial };
}

const NOWHERE: Address = { host: "nowhere.invalid", port: 0 };

/** Two ends and the way between them. */
export async function pair(way: Way, host: string): Promise<Pair & { readonly server: End }> {
  const [one, other] = [newRunner(), newRunner()];
  const open = await listening(one.runner, way, host);
  const own = way.startsWith("UDP") ? await listening(other.runner, way, host) : undefined;
  return {
    ...{ server: one.end, client: other.end },
    flow: reach(other.end, way, open.address),
    nowhere: () => flowTo(other.end, way, { host, port: 9 }),
    hangUp: () => {
      one.end.call(() => one.end.endpoint.close(one.end.opened[0]?.connection ?? 0));
    },
    stop: async () => {
      for (const { runner } of [one, other]) runner.close();
      await Promise.all([open.close(), own?.close()]);
    },
  };
}

/** Has Node's WebSocket believe what is shown here; it takes no authorities for itself. */
export function believeThem(): void {
  setDefaultCACertificates([...getCACertificates("default"), authority.cert]);
}
