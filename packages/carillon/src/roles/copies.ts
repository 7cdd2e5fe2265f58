/** The copies of a request that a proxy sends on. RFC 3261 §16.6. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { parseMessage } from "../message/message.ts";
import { type Flow, isStream } from "../transport/flow.ts";
import type { Cookies } from "./cookie.ts";
import { forwardRequest } from "./forward.ts";
import { branchAbout, branchVia, notifyRoutes, recordRoutes, statelessVia } from "./path.ts";
import type { Branch } from "./proxy-context.ts";
import type { Routes } from "./routes.ts";

/** Where one copy goes. */
export interface Target {
  readonly flow: Flow;
  /** Its Request-URI. */
  readonly uri: Octets;
  /** Its share of the Max-Breadth. */
  readonly breadth: number;
}

export class Copies {
  readonly #endpoint: Endpoint;
  readonly #cookies: Cookies;
  readonly #realm: Octets;

  constructor(endpoint: Endpoint, cookies: Cookies, realm: Octets) {
    this.#endpoint = endpoint;
    this.#cookies = cookies;
    this.#realm = realm;
  }

  /** Of a request outside of any dialog, on whose path we stay if it makes one. */
  first(from: Incoming, routes: Routes, target: Target): Branch | undefined {
    const own = recordRoutes(this.#cookies, from, target.flow);
    return this.#branch(from, routes, target, own);
  }

  /** Of a request in a dialog, whose route set stands, but for one that subscribed. */
  next(from: Incoming, routes: Routes, target: Target): Branch | undefined {
    const own = notifyRoutes(this.#cookies, from, target.flow, routes.cookie);
    return this.#branch(from, routes, target, own);
  }

  /** For an ACK, which has no transaction: the same each time it comes. */
  stateless(from: Incoming, routes: Routes, target: Target): Octets {
    const via = statelessVia(this.#endpoint.ids, target.flow, from);
    return this.#text(from, routes, target, via, []);
  }

  //= RFC 3261 §16.6
  //# Thus, the branch parameter provided with the Via header field inserted in step 8 MUST be
  //# different for each attempt.
  /** Undefined when what we add makes it larger than a message may be. */
  #branch(
    from: Incoming,
    routes: Routes,
    target: Target,
    own: readonly Octets[],
  ): Branch | undefined {
    const via = branchVia(this.#endpoint.ids, target.flow, branchAbout(from));
    const message = parseMessage(this.#text(from, routes, target, via, own));
    if (!message.ok || message.value.kind !== "Request") return undefined;
    return { request: message.value, flow: target.flow };
  }

  //= RFC 6665 §4.4.4
  //# Note that "Allow-Events" header fields MUST NOT be inserted by proxies.
  #text(
    from: Incoming,
    { used }: Routes,
    { flow, uri, breadth }: Target,
    via: Octets,
    own: readonly Octets[],
  ): Octets {
    return forwardRequest(from, {
      uri,
      via,
      breadth,
      recordRoutes: own,
      usedRoutes: used,
      realm: this.#realm,
      stream: isStream(flow),
    });
  }
}
