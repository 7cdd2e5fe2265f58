/**
 * Requests to other domains: their servers are found by name, and tried one after the other.
 * RFC 3261 §16.6 step 7, RFC 3263.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { Servers } from "../endpoint/servers.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import type { Request } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Sought } from "./branch.ts";
import type { Copies, StandIn, Target } from "./copies.ts";
import type { Routes } from "./routes.ts";

export class Relay {
  readonly #endpoint: Endpoint;
  readonly #copies: Copies;

  constructor(endpoint: Endpoint, copies: Copies) {
    endpoint.find(() => new Servers(endpoint, endpoint.serversOptions));
    this.#endpoint = endpoint;
    this.#copies = copies;
  }

  /** Of a request outside of any dialog. Undefined when its next hop is no SIP URI. */
  first(from: Incoming, routes: Routes, breadth: number): Sought | undefined {
    const wanted = nextHop(from.request.uri, routes);
    return this.#sought(from, wanted, (flow) => {
      const target: Target = { flow, uri: requestUri(routes.uri), breadth, isAbroad: true };
      return this.#copies.first(from, routes, target)?.request;
    });
  }

  /**
   * Of a request outside of any dialog, to the servers of these URIs, whatever it names itself: of
   * the first that answers. `added` are whole lines that the copy gets more, by the flow that it
   * takes. Undefined where one of `hops` is no SIP URI.
   */
  via(from: Incoming, routes: Routes, { breadth, hops, added, standIn }: Via): Sought | undefined {
    const { uri } = from.request;
    const wanted = hops.flatMap((hop) => nextHop(uri, { ...routes, next: hop }) ?? []);
    if (wanted.length < hops.length) return undefined;
    return this.#sent(from, wanted, (flow) => {
      const more = added && { added: added(flow) };
      const target: Target = { flow, uri: routes.uri, breadth, isAbroad: true, standIn, ...more };
      return this.#copies.first(from, routes, target)?.request;
    });
  }

  /** Of a request in a dialog whose other side is in another domain; see `isOutside`. */
  next(from: Incoming, routes: Routes, breadth: number, publicOnly: boolean): Sought | undefined {
    const wanted = nextHop(from.request.uri, routes, publicOnly);
    return this.#sought(from, wanted, (flow) => {
      const target: Target = { flow, uri: routes.uri, breadth, isAbroad: true };
      return this.#copies.next(from, routes, target)?.request;
    });
  }

  /** An ACK has no transaction: it goes to the first server, and each time to the same. */
  ack(from: Incoming, routes: Routes, breadth: number, publicOnly: boolean): void {
    const wanted = nextHop(from.request.uri, routes, publicOnly);
    if (!wanted) return;
    this.#endpoint.servers.locate(wanted, (outcome) => {
      const [first] = outcome.kind === "Located" ? outcome.targets : [];
      const flow = first && this.#endpoint.reach(first);
      if (!flow) return;
      const text = this.#copies.stateless(from, routes, { flow, uri: routes.uri, breadth });
      this.#endpoint.transmit(flow, text);
    });
  }

  #sought(
    from: Incoming,
    wanted: Wanted | undefined,
    compose: (flow: Flow) => Request | undefined,
  ): Sought | undefined {
    return wanted && this.#sent(from, [wanted], compose);
  }

  #sent(
    { request }: Incoming,
    wanted: readonly Wanted[],
    compose: (flow: Flow) => Request | undefined,
  ): Sought {
    const { servers } = this.#endpoint;
    return { pursue: (user) => servers.send(wanted, request.method, { compose, ...user }) };
  }
}

interface Via {
  readonly breadth: number;
  /** At least one. */
  readonly hops: readonly Octets[];
  readonly added?: ((flow: Flow) => readonly Octets[]) | undefined;
  readonly standIn?: StandIn | undefined;
}

//= RFC 3261 §16.6
//# Independently of which URI is being used as input to the procedures of [4], if the
//# Request-URI specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the
//# input URI were a SIPS URI.
/** The first Route that is not ours, or else the Request-URI. */
function nextHop(
  requestUriText: Octets,
  { next, uri }: Pick<Routes, "next" | "uri">,
  publicOnly = false,
): Wanted | undefined {
  const hop = parseSipUri(next ?? uri);
  const isSecure = /^sips:/i.test(requestUriText);
  if (!hop.ok) return undefined;
  const wanted = wantedByUri(hop.value, isSecure || hop.value.scheme === "sips");
  return publicOnly ? { ...wanted, publicOnly } : wanted;
}
