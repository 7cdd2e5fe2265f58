/**
 * An edge: the first server of phones whose registrar is another one. It passes on what they send,
 * and puts itself into the Path of their REGISTERs with a token of the flow that each came over, so
 * that what is for them comes back over it. RFC 5626 §5, RFC 3327 §5.2.
 *
 * Nobody is asked here who they are: the registrar does that. What phones send goes to it and to
 * nobody else; what is for phones and starts something comes from it and from nobody else.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { findHeader } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import type { Branch } from "./branch.ts";
import { incomingBreadth } from "./breadth.ts";
import { type Cookie, ELSEWHERE } from "./cookie.ts";
import type { Copies, StandIn } from "./copies.ts";
import { EdgeWaker, type EdgeWakerParts, type ForPhone, type WokenHere } from "./edge-wake.ts";
import type { FlowTokens } from "./flow-token.ts";
import { flowTimer, isFirstHop } from "./outbound.ts";
import { uriOver } from "./path.ts";
import { ProxyContext } from "./proxy-context.ts";
import type { Relay } from "./relay.ts";
import type { Routes } from "./routes.ts";
import type { Shown } from "./shown.ts";
import { hasOptionTag, hopsOf } from "./validation.ts";
import type { Words } from "./words.ts";

/** What an operator decides about an edge. */
export interface EdgePolicy {
  /** Whether this domain, in lower case, is one whose phones come to this edge. */
  isServed(domain: string): boolean;
  /**
   * The registrar of these domains, and their proxy: a SIP URI, found as RFC 3263 has it. Of
   * several the next is asked where one does not answer: they know of the same phones.
   */
  readonly registrar: Octets | readonly Octets[];
  /** Whether what comes over this flow is that registrar's, or of another proxy of its house. */
  isHome(flow: Flow): boolean;
  /** Adds a Path for phones, too, that do not say that they know it. They are refused if not. */
  readonly addsPathForAll?: boolean;
  /**
   * A name, in lower case, that leads to this edge and to those that may stand in for it: what
   * phones have for it in the routes of their dialogs. RFC 3263. Its address if left out.
   */
  readonly name?: Octets | undefined;
  /**
   * No server behind this edge wakes phones: who asks for a push service that it has not hears 555.
   * Their REGISTER goes on if not, and another one may have it. RFC 8599 §5.6.1.
   */
  readonly isLastToWake?: boolean;
}

export interface EdgeParts extends EdgeWakerParts {
  readonly tokens: FlowTokens;
  readonly copies: Copies;
  readonly relay: Relay;
  readonly words: Words;
  /** How a flow's other end knows ours. */
  readonly shown: Shown;
  readonly policy: () => EdgePolicy | undefined;
}

export class Edge {
  /** Wakes its phones. */
  readonly phones: EdgeWaker;
  readonly #parts: EdgeParts;

  constructor(parts: EdgeParts) {
    this.#parts = parts;
    this.phones = new EdgeWaker(parts);
  }

  /** Takes what is for a phone of this edge, or from one; false leaves it to the house. */
  take(from: Incoming, routes: Routes): boolean {
    const { token } = routes;
    const policy = this.#parts.policy();
    //= RFC 5626 §5.3.1
    //# If the flow token has been tampered with, the proxy SHOULD send a 403 (Forbidden) response.
    if (token?.kind === "Forged") {
      this.#parts.words.explain(from, 403, "a flow token that is not of this server");
      return true;
    }
    //= RFC 5626 §5.3
    //# The proxy decodes the flow token and compares the flow in the flow token with the source of
    //# the request to determine if this is an "incoming" or "outgoing" request.
    if (token && !isSameFlow(token.flow, from.flow)) {
      this.#incoming(from, routes, token.flow, policy);
      return true;
    }
    if (!policy || routes.cookie || policy.isHome(from.flow)) return false;
    if (!this.#isOfPhone(from, routes, policy)) return false;
    this.#outgoing(from, routes, policy);
    return true;
  }

  /**
   * The same of an ACK. What is for a phone comes with a token where its dialog has another edge in
   * its route; what is from one comes without a cookie.
   */
  ack(from: Incoming, routes: Routes): boolean {
    const { token, cookie } = routes;
    const policy = this.#parts.policy();
    const breadth = incomingBreadth(from.request);
    if (token?.kind === "Forged" || !breadth.ok) return token !== undefined;
    if (token && !isSameFlow(token.flow, from.flow)) {
      const flow = liveFlow(this.#parts.endpoint, token.flow);
      const target = flow && { flow, uri: routes.uri, breadth: breadth.value };
      const text = target && this.#parts.copies.stateless(from, routes, target);
      if (flow && text !== undefined) this.#parts.endpoint.transmit(flow, text);
      return true;
    }
    if (!policy || cookie || policy.isHome(from.flow)) return false;
    if (!this.#isOfPhone(from, routes, policy)) return false;
    this.#parts.relay.ack(from, this.#towardsHome(from, routes, policy), breadth.value, false);
    return true;
  }

  /** Where the rest of its dialog is, if that is in the house; or to the registrar. */
  #towardsHome({ flow }: Incoming, routes: Routes, { isHome, registrar }: EdgePolicy): Routes {
    const hop = parseSipUri(routes.next ?? routes.uri);
    const { host, port = 5060 } = hop.ok ? hop.value : { host: "" };
    return isHome({ ...flow, remote: { host, port } })
      ? routes
      : { ...routes, next: [registrar].flat()[0] };
  }

  //= RFC 3261 §16.6
  //# The URI placed in the Record-Route header field MUST resolve to the element inserting it (or a
  //# suitable stand-in) when the server location procedures of [4] are applied to it, so that
  //# subsequent requests reach the same SIP element.
  /** Whether this is how phones call it, or an edge that it stands in for. */
  isCalled({ host }: SipUri): boolean {
    const { name } = this.#parts.policy() ?? {};
    return name !== undefined && host.toLowerCase() === name;
  }

  /**
   * Whether a dialog is of a phone of this edge, which may have come to a new flow since: only its
   * registrar could ask it who it is, and what it says goes to where the rest of the dialog is.
   */
  isOwnDialog({ essentials }: Incoming, { target }: Cookie): boolean {
    const policy = target.host === ELSEWHERE ? this.#parts.policy() : undefined;
    const uri = policy && parseSipUri(essentials.from.uri);
    return uri?.ok === true && policy?.isServed(uri.value.host.toLowerCase()) === true;
  }

  /** Whether it is for one of these domains, or is in the name of somebody there. */
  #isOfPhone({ essentials }: Incoming, { uri }: Routes, policy: EdgePolicy): boolean {
    return [uri, essentials.from.uri].some((text) => {
      const parsed = parseSipUri(text);
      return parsed.ok && policy.isServed(parsed.value.host.toLowerCase());
    });
  }

  //= RFC 5626 §5.3.1
  //# Next, whether the Route header field contained an "ob" URI parameter or not, the proxy removes
  //# the Route header field value and forwards the request over the 'logical flow' identified by
  //# the flow token, that is known to deliver data to the specific target UA instance.
  #incoming(from: Incoming, routes: Routes, flow: Flow, policy: EdgePolicy | undefined): void {
    const { endpoint, words, copies } = this.#parts;
    const startsSomething = from.essentials.toTag === "";
    // A token is read by all that a call goes through: alone it opens nobody's phone.
    if (startsSomething && (!policy?.isHome(from.flow) || from.request.method === "REGISTER")) {
      return words.explain(from, 403, "phones of this edge are called through their registrar");
    }
    const breadth = incomingBreadth(from.request);
    if (!breadth.ok) return words.explain(from, breadth.error.status, breadth.error.message);
    const open = liveFlow(endpoint, flow);
    const standIn = standInOf(policy, "target");
    // Our Record-Route is a cookie with that flow in it.
    //= RFC 5626 §5.3.1
    //# If the Route header value contains an "ob" URI parameter, and the request is a new
    //# dialog-forming request, the proxy needs to adjust the route set to ensure that subsequent
    //# requests in the dialog can be delivered over a valid flow to the UA instance identified by
    //# the flow token.
    //= RFC 8599 §6.2.2
    //# When the proxy receives an initial request for a dialog addressed towards the UA, and the
    //# proxy has generated a PURR value associated with the 'pn-*' parameters inserted in the SIP
    //# URI of the request (Section 6.2.2), the proxy MUST add a Record-Route header to the request
    //# to insert itself in the dialog route [RFC3261] before forwarding the request.
    const copyOver = (over: Flow, share: number): Branch | undefined => {
      const target = { flow: over, uri: routes.uri, breadth: share, isFromAbroad: true };
      const copy = startsSomething
        ? copies.first(from, routes, { ...target, standIn })
        : copies.next(from, routes, target);
      return copy && { ...copy, lostStatus: 430 };
    };
    if (startsSomething && this.#toPhone(from, routes, open, breadth.value, copyOver)) return;
    //= RFC 5626 §5.3.1
    //# If the flow no longer exists, the proxy SHOULD send a 430 (Flow Failed) response to the
    //# request.
    if (!open) return words.explain(from, 430, "the flow to that phone is gone");
    const copy = copyOver(open, breadth.value);
    if (!copy) return words.explain(from, 513, "no room left for our headers");
    this.#forward(from, copy);
  }

  /** Takes what is for a phone that can be woken; false where it is for another one. */
  #toPhone(
    from: Incoming,
    routes: Routes,
    flow: Flow | undefined,
    breadth: number,
    copy: ForPhone["copy"],
  ): boolean {
    const { endpoint, words } = this.#parts;
    if (!this.phones.knows(routes.uri)) return false;
    const context = ProxyContext.accept(endpoint, from);
    if (!context) return true;
    const branches = this.phones.branches({ context, uri: routes.uri, flow, breadth, copy });
    if (branches.length > 0) context.forward(branches);
    else words.refuse(context, 513, "no room left for our headers");
    return true;
  }

  #forward(from: Incoming, branch: Branch): void {
    ProxyContext.accept(this.#parts.endpoint, from)?.forward([branch]);
  }

  #outgoing(from: Incoming, routes: Routes, policy: EdgePolicy): void {
    const { words, relay } = this.#parts;
    const isRegister = from.request.method === "REGISTER";
    const hasPath = hasOptionTag(from.request, "path");
    //= RFC 3327 §5.2
    //# If the UA has not indicated support for the extension and the proxy requires support for it
    //# in the registrar, the proxy SHOULD reject the request with a 421 response indicating a
    //# requirement for the extension.
    if (isRegister && !hasPath && policy.addsPathForAll !== true) {
      return words.explain(from, 421, "phones come to this edge with Path", [["Require", "path"]]);
    }
    if (isRegister && hopsOf(from) === 0) return words.explain(from, 483, "too many servers");
    const breadth = incomingBreadth(from.request);
    if (!breadth.ok) return words.explain(from, breadth.error.status, breadth.error.message);
    const woken = isRegister ? this.phones.register(from, policy.isLastToWake === true) : undefined;
    if (woken && "reply" in woken) {
      const { status, headers } = woken.reply;
      return words.explain(from, status, woken.why, headers);
    }
    const added = woken
      ? (to: Flow) => [
          ...[`Path: ${this.#pathOver(from, to)}\r\n`, ...(hasPath ? [REQUIRE] : [])],
          ...woken.lines,
        ]
      : undefined;
    //= RFC 8599 §6.2.2
    //# When a proxy receives an initial request for a dialog from a UA that contains a 'pn-purr'
    //# SIP URI parameter in the Contact header field URI with a PURR value that the proxy has
    //# generated (Section 6.2.1), the proxy MUST add a Record-Route header to the request to insert
    //# itself in the dialog route [RFC3261] before forwarding the request.
    // As it does in any other dialog.
    const branch = relay.via(from, routes, {
      breadth: breadth.value,
      hops: [policy.registrar].flat(),
      added,
      standIn: standInOf(policy, "source"),
    });
    if (!branch) return words.explain(from, 500, "the registrar of this edge has no SIP URI");
    this.#forward(from, woken ? this.#registering(from, branch, woken) : branch);
  }

  //= RFC 5626 §5.1
  //# If the edge proxy is the first hop, as indicated by the Via header field, it MUST insert its
  //# URI in a Path header field value as described in [RFC3327].
  //= RFC 5626 §5.1
  //# In addition, if the edge proxy is the first SIP node after the UAC, the edge proxy either MUST
  //# store a "flow token" (containing information about the flow from the previous hop) in its Path
  //# URI or reject the request.
  //= RFC 5626 §5.1
  //# In addition, the first node MUST include an "ob" URI parameter in its Path header field value.
  //# If the edge proxy is not the first SIP node after the UAC it MUST NOT place an "ob" URI
  //# parameter in a Path header field value.
  #pathOver({ request, flow }: Incoming, to: Flow): Octets {
    const ob = isFirstHop(request) ? ";ob" : "";
    return `<${uriOver(this.#parts.shown(to), this.#parts.tokens.make(flow))};lr${ob}>`;
  }

  /** Who is let in by the registrar is known here, too: silence does not end their connection. */
  #registering(from: Incoming, branch: Branch, woken: WokenHere): Branch {
    const { endpoint } = this.#parts;
    return {
      ...branch,
      heard: (response) => {
        const { status } = response;
        if (status >= 200 && status < 300) endpoint.keep(from.flow.connection);
        woken.heard(response);
      },
      adds: (response) => [
        ...(isFirstHop(from.request) ? flowTimerIn(response, from.flow) : []),
        ...woken.adds(response),
      ],
    };
  }
}

const standInOf = (policy: EdgePolicy | undefined, at: StandIn["at"]): StandIn | undefined =>
  policy?.name === undefined ? undefined : { name: policy.name, at };

//= RFC 3327 §5.2
//# If the UA has indicated support and the proxy requires the registrar to support the Path
//# extension, then the proxy SHOULD insert a Requires header field value for this extension.
const REQUIRE = "Require: path\r\n";

//= RFC 3608 §6.2
//# Consequently, intermediate proxies SHOULD NOT alter the value of Service-Route in REGISTER
//# responses, and if they do, the UA MUST NOT be required to accept the alteration.
// This is all that is added to the answer, and nothing of it is changed.
//= RFC 5626 §5.4
//# The last proxy to forward a successful registration response to a UA MAY include a Flow-Timer
//# header field if the response contains the outbound option-tag in a Require header field value
//# in the response.
function flowTimerIn(response: Response, flow: Flow): readonly Octets[] {
  const is2xx = response.status >= 200 && response.status < 300;
  if (!is2xx || findHeader(response, "Flow-Timer") >= 0) return [];
  if (!hasOptionTag(response, "outbound", "Require")) return [];
  return [`Flow-Timer: ${flowTimer(isReliable(flow))}\r\n`];
}

/** The flow, while it is there: a datagram's always is, where we still have its address. */
function liveFlow(endpoint: Endpoint, flow: Flow): Flow | undefined {
  if (flow.connection !== 0) return endpoint.connection(flow.connection);
  const isOurs = endpoint.locals.some(
    ({ host, port }) => host === flow.local.host && port === flow.local.port,
  );
  return isOurs ? flow : undefined;
}

//= RFC 5626 §5.3
//# If the flow in the flow token identified by the topmost Route header field value matches the
//# source IP address and port of the request, the request is an "outgoing" request; otherwise, it
//# is an "incoming" request.
const isSameFlow = (one: Flow, other: Flow): boolean =>
  one.transport === other.transport &&
  one.connection === other.connection &&
  one.remote.host === other.remote.host &&
  one.remote.port === other.remote.port;
