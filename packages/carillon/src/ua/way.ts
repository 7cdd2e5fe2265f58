/**
 * How the requests of one dialog leave, and from where others are taken: by our server, or straight
 * to whoever is meant. Each session has its own and keeps it. RFC 3261 §8.1.2, §12.2.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { type Flow, isSameFlow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import type { Agent } from "./agent.ts";
import { type Outgoing, OutgoingRequest, type RequestUser } from "./outgoing-request.ts";

export interface Way {
  /** The flow that it leads over now, as far as that is known. */
  readonly flow: Flow | undefined;
  /** Sends a request; undefined while there is no way. */
  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined;
  /** Sends an ACK, for which nobody waits; the result sends the same again. */
  acknowledge(what: Acknowledgement): () => void;
  /** Whether it leads over this flow to the server. */
  isOver(flow: Flow): boolean;
  /** Leaves a flow that is gone where it is not a server's. True if there was one. */
  leave(isGone: (flow: Flow) => boolean): boolean;
  /** Whether a request in a dialog of this way may have come so. */
  admits(from: Incoming): boolean;
}

/** The ACK of a 2xx. */
export interface Acknowledgement {
  /** Its first Route, or else its Request-URI. */
  readonly nextHop: Octets;
  /** Its text with this value of Via. */
  readonly compose: (via: Octets) => Octets;
}

/** By the server, over the flow on which the dialog began, or after its end over another. */
export class ThroughServer implements Way {
  readonly #agent: Agent;
  #flow: Flow | undefined;

  constructor(agent: Agent, flow: Flow | undefined) {
    this.#agent = agent;
    this.#flow = flow;
  }

  get flow(): Flow | undefined {
    if (!this.#flow || !this.#agent.isOpen(this.#flow)) this.#flow = this.#agent.flow;
    return this.#flow;
  }

  //= RFC 3261 §8.1.2
  //# Unless there is local policy specifying otherwise, the destination MUST be determined by
  //# applying the DNS procedures described in [4] as follows.
  /** Sends it to the server, which is our policy. */
  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined {
    const { endpoint, credentials } = this.#agent;
    const { flow: to } = this;
    if (!to) return undefined;
    const via = (about: string) => this.#agent.via(about, to);
    const how = { endpoint, to, credentials, nextSeq, via };
    return new OutgoingRequest(this.#routed(what), how, user);
  }

  //= RFC 3608 §6.1
  //# If so, it uses the content of the Service-Route header field as a preloaded Route header field
  //# in outgoing initial requests [3].
  #routed(what: Outgoing): Outgoing {
    const { serviceRoute } = this.#agent;
    const isInitial = !what.headers.some(
      ([name, value]) => name === "To" && /;\s*tag=/.test(value),
    );
    if (serviceRoute.length === 0 || !isInitial) return what;
    const routes = serviceRoute.map((route): HeaderField => ["Route", route]);
    return { ...what, headers: [...routes, ...what.headers] };
  }

  isOver(flow: Flow): boolean {
    return this.#flow !== undefined && isSameFlow(this.#flow, flow);
  }

  leave(): boolean {
    return false;
  }

  acknowledge({ compose }: Acknowledgement): () => void {
    const { endpoint } = this.#agent;
    let sent: { readonly flow: Flow; readonly text: Octets } | undefined;
    const again = (): void => {
      const { flow } = this;
      if (!flow) return;
      if (sent?.flow !== flow) sent = { flow, text: compose(this.#agent.via("ACK", flow)) };
      endpoint.transmit(flow, sent.text);
    };
    again();
    return again;
  }

  admits(from: Incoming): boolean {
    return this.#agent.isFromServer(from);
  }
}

//= RFC 3261 §8.1.2
//# Otherwise, the procedures are applied to the first Route header field value in the request (if
//# one exists), or to the request's Request-URI if there is no Route header field present.
export function nextHopOf({ uri, headers }: Pick<Outgoing, "uri" | "headers">): Octets {
  const route = headers.find(([name]) => name === "Route")?.[1];
  const address = route === undefined ? undefined : parseNameAddr(route);
  return address?.ok ? address.value.uri : uri;
}
