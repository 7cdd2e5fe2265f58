/** A user agent client on Node: over UDP, TCP and TLS, with the DNS asked. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { type ClientOptions, UserAgentClient } from "../ua/user-agent-client.ts";
import type { Address } from "../uri/host.ts";
import { type DiallerOptions, dialler } from "./dialler.ts";
import { dns, type Resolve } from "./dns.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Runner, run } from "./runner.ts";
import { type UdpSocket, udp } from "./udp.ts";

/** A client on Node: what it says of itself, and where it asks from. */
export interface NodeClientOptions extends ClientOptions, DiallerOptions {
  /** Addresses of this machine that datagrams may leave from, each bound to a port of its own. */
  readonly hosts: readonly string[];
  /** The system's own if left out. */
  readonly dns?: Resolve;
}

/** Asks single questions, such as OPTIONS. Disposing of it closes its sockets. */
export interface NodeClient extends AsyncDisposable {
  /** Sends a request and resolves with the final answer, as `UserAgentClient.ask`. */
  readonly ask: UserAgentClient["ask"];
  /** What datagrams leave from. */
  readonly locals: readonly Address[];
}

/**
 * A client for single questions, with sockets of its own. An address that is not to be had is done
 * without; rejects if none is.
 */
export async function userAgentClient(options: NodeClientOptions): Promise<NodeClient> {
  let runner!: Runner;
  const resolve = options.dns ?? dns();
  const client = new UserAgentClient(options, {
    crypto: nodeCrypto(),
    run: (endpoint: Endpoint) => {
      runner = run(endpoint, { dialler: dialler(options), dns: resolve });
      return runner;
    },
  });
  const bound = await Promise.allSettled(
    options.hosts.map((host) => udp(runner, { host, port: 0 })),
  );
  const sockets = bound.flatMap((one): UdpSocket[] =>
    one.status === "fulfilled" ? [one.value] : [],
  );
  const refused = bound.find((one) => one.status === "rejected");
  if (sockets.length === 0 && refused) throw refused.reason;
  return {
    ask: (question) => client.ask(question),
    locals: sockets.map(({ address }) => address),
    async [Symbol.asyncDispose]() {
      client.close();
      await Promise.all(sockets.map((socket) => socket.close()));
    },
  };
}
