/** Which WebSocket connections are certainly no browser's. */
import type { IncomingMessage } from "node:http";
import type { Flow } from "carillon/endpoint";
import type { Peer } from "../http/peer.ts";

//= RFC 6455 §4.1
//# The request MUST include a header field with the name |Origin| [RFC6454] if the request is
//# coming from a browser client.
/** Whoever is connected by WebSocket without an Origin. As many as there are connections. */
export class NoBrowsers {
  readonly #all = new Set<string>();

  /** One has come with this handshake; what is returned is called when they go. */
  met({ headers }: Pick<IncomingMessage, "headers">, peer: Pick<Peer, "host" | "port">) {
    if (headers.origin !== undefined) return undefined;
    const name = nameOf(peer);
    this.#all.add(name);
    return (): void => void this.#all.delete(name);
  }

  /** Whether whoever is at the other end of this flow is one of them. */
  has({ remote }: Pick<Flow, "remote">): boolean {
    return this.#all.has(nameOf(remote));
  }
}

const nameOf = ({ host, port }: Pick<Peer, "host" | "port">): string => `${host} ${port}`;
