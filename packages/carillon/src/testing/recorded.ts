/** An endpoint whose role takes everything on and writes down what it hears. */
import { portableCrypto } from "../auth/portable-crypto.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointOptions, Role } from "../endpoint/role.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import { seeded, seededBytes } from "./random.ts";
import { Wire } from "./wire.ts";

export interface Recorded {
  readonly wire: Wire;
  readonly endpoint: Endpoint;
  /** Methods, and what became of what was taken on, in order. */
  readonly heard: string[];
  /** The transaction that was taken on last. */
  readonly last: () => ServerTransaction;
}

export function recorded(options: Partial<EndpointOptions> = {}): Recorded {
  const heard: string[] = [];
  const servers: ServerTransaction[] = [];
  const user: ServerUser = {
    cancelled: () => heard.push("cancelled"),
    failed: (_, reason) => heard.push(`server failed: ${reason}`),
    terminated: () => heard.push("terminated"),
  };
  const role: Role = {
    attach() {},
    request(from) {
      heard.push(from.request.method);
      const server = endpoint.accept(from, user);
      if (server) servers.push(server);
    },
    ack: () => heard.push("ACK"),
    opened: () => heard.push("opened"),
    closed: () => heard.push("closed"),
  };
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const endpoint: Endpoint = createEndpoint({ role, crypto, product: "Carillon/test", ...options });
  const last = (): ServerTransaction => {
    const server = servers.at(-1);
    if (!server) throw new RangeError("nothing has been taken on");
    return server;
  };
  return { wire: new Wire(endpoint), endpoint, heard, last };
}
