/** The way of what goes past every server of ours. RFC 3261 §8.1.2, RFC 3263. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Agent } from "./agent.ts";
import { type Outgoing, OutgoingRequest, type RequestUser } from "./outgoing-request.ts";
import { type Acknowledgement, nextHopOf, type Way } from "./way.ts";

/** Straight to the other side, found as RFC 3263 has it. */
export class Direct implements Way {
  readonly #agent: Agent;
  flow: Flow | undefined;
  /** Where the other side was, before we moved. */
  #peer: string | undefined;

  /** `flow` is the one that their first request came on. */
  constructor(agent: Agent, flow: Flow | undefined) {
    this.#agent = agent;
    this.flow = flow;
  }

  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined {
    const { endpoint } = this.#agent;
    const to = this.#hop(nextHopOf(what));
    if (!to) return undefined;
    const via = (about: string, flow: Flow): Octets => {
      this.flow = flow;
      return this.#agent.via(about, flow);
    };
    // Credentials are for the server alone: a stranger could guess at what it is shown of them.
    return new OutgoingRequest(what, { endpoint, to, credentials: undefined, nextSeq, via }, user);
  }

  acknowledge({ nextHop, compose }: Acknowledgement): () => void {
    const { endpoint } = this.#agent;
    const text = (flow: Flow): Octets => compose(this.#agent.via("ACK", flow));
    let again = (): void => {};
    const by = (flow: Flow): void => {
      const octets = text(flow);
      again = () => void endpoint.transmit(flow, octets);
      again();
    };
    const to = this.#hop(nextHop);
    if (to && "remote" in to) by(to);
    else if (to) {
      endpoint.servers.locate(to, (outcome) => {
        const [first] = outcome.kind === "Located" ? outcome.targets : [];
        const flow = first && endpoint.reach(first);
        if (flow) by(flow);
      });
    }
    return () => again();
  }

  isOver(): boolean {
    return false;
  }

  leave(isGone: (flow: Flow) => boolean): boolean {
    if (!this.flow || !isGone(this.flow)) return false;
    this.#peer = this.flow.remote.host;
    this.flow = undefined;
    return true;
  }

  /** Who knows the tags of a dialog, and calls from where calls are taken from or were made to. */
  admits(from: Incoming): boolean {
    const peer = this.flow?.remote.host ?? this.#peer;
    return peer === from.flow.remote.host || this.#agent.takesFrom(from.flow);
  }

  /** Their own connection, as long as there is one and they are what is at its other end. */
  #hop(text: Octets): Flow | Wanted | undefined {
    const uri = parseSipUri(text);
    if (!uri.ok) return undefined;
    const { flow } = this;
    const isTheirs = flow?.remote.host === uri.value.host && uri.value.scheme === "sip";
    if (flow && flow.connection !== 0 && isTheirs) {
      const open = this.#agent.endpoint.connection(flow.connection);
      if (open) return open;
    }
    return wantedByUri(uri.value);
  }
}
