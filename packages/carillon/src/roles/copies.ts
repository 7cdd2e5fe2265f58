/** The copies of a request that a proxy sends on. RFC 3261 §16.6. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { ASKS_FOR_LOAD } from "../endpoint/overload/via-question.ts";
import { MAX_HEADER_SECTION, MAX_HEADERS, MAX_MESSAGE } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { parseMessage, type Request } from "../message/message.ts";
import { SentRequest } from "../message/sent-request.ts";
import { type Flow, isStream } from "../transport/flow.ts";
import { isIpv6 } from "../uri/host.ts";
import type { Ready } from "./branch.ts";
import { type Cookies, type Devices, deviceName } from "./cookie.ts";
import { forwardRequest } from "./forward.ts";
import {
  branchAbout,
  MAKES_DIALOG,
  notifyRoutes,
  recordRoutes,
  statelessVia,
  viaOf,
} from "./path.ts";
import type { Routes } from "./routes.ts";
import { asItIs, type Shown } from "./shown.ts";

/** Lines that a copy may have more than what it was made of. */
const MAX_ADDED = 8;

/** Whether a copy is a message still, for all that was added. */
function fits(text: Octets, { headers, body }: Request): boolean {
  const head = text.length - body.length;
  const isPlain = head < MAX_HEADER_SECTION && headers.names.length < MAX_HEADERS - MAX_ADDED;
  // Near the limits, a reader has to tell.
  return isPlain ? text.length <= MAX_MESSAGE : parseMessage(text).ok;
}

/** Whether whoever reaches one of our addresses by it reaches the other one, too. */
const isSameWay = (one: Flow, other: Flow): boolean =>
  one.transport === other.transport && isIpv6(one.local.host) === isIpv6(other.local.host);

/** Where one copy goes. */
export interface Target {
  readonly flow: Flow;
  /** Its Request-URI. */
  readonly uri: Octets;
  /** Its share of the Max-Breadth. */
  readonly breadth: number;
  /** Proxies on the way there, the first hop first: values of its Path. RFC 3327 §5.4. */
  readonly path?: readonly Octets[] | undefined;
  /** The instance of the device that is there. */
  readonly device?: Octets | undefined;
  /** It goes to another domain's server, of which there may be several. */
  readonly isAbroad?: boolean;
  /** It comes from another domain's server, whoever that has shown to be. */
  readonly isFromAbroad?: boolean;
  /** Whole lines that it gets more, before those of their name. */
  readonly added?: readonly Octets[];
  /** How one side calls us in the route of the dialog, where that is no address of ours. */
  readonly standIn?: StandIn | undefined;
}

/** A name for us and for others that may stand in for us. RFC 3261 §16.6 step 4. */
export interface StandIn {
  readonly name: Octets;
  /** Which side: whoever sends the request, or whoever it goes to. */
  readonly at: "source" | "target";
}

/** It is looked up without a port, so that a service of that name may say another one. */
function namedBy(shown: Shown, from: Flow, { flow, standIn }: Target): Shown {
  if (!standIn) return shown;
  const named = standIn.at === "source" ? from : flow;
  const local = { host: standIn.name, port: 0 };
  return (one) => (one === named ? { ...shown(one), local } : shown(one));
}

export interface CopyOptions {
  readonly realm: Octets;
  /** Whether it comes from another domain's server, of which there may be several. */
  isPartner(from: Incoming): boolean;
  /** Whether it comes from a place that needs no credentials. */
  isTrusted?(from: Incoming): boolean;
  /** The instance of the device that it comes from, where that is known at once. */
  deviceOf?(from: Incoming): Octets | undefined;
  /** Whether one Record-Route is enough where two addresses of ours are in it. */
  isSingle?(): boolean;
  /** How a flow's other end knows ours; as it is, if left out. */
  readonly shown?: Shown;
}

export class Copies {
  readonly #endpoint: Endpoint;
  readonly #cookies: Cookies;
  readonly #options: CopyOptions;
  readonly #shown: Shown;

  constructor(endpoint: Endpoint, cookies: Cookies, options: CopyOptions) {
    this.#endpoint = endpoint;
    this.#cookies = cookies;
    this.#options = options;
    this.#shown = options.shown ?? asItIs;
  }

  /** Of a request outside of any dialog, on whose path we stay if it makes one. */
  first(from: Incoming, routes: Routes, target: Target): Ready | undefined {
    const { isPartner, isSingle } = this.#options;
    const source = target.isFromAbroad === true || isPartner(from);
    const abroad = { source, target: target.isAbroad === true };
    const devices = this.#devices(from, target);
    const shown = namedBy(this.#shown, from.flow, target);
    //= RFC 5627 §6.2
    //# then the authoritative proxy MUST record-route.
    //= RFC 5627 §6.2
    //# If a proxy in the terminating domain requires mid-dialog requests to pass through it for
    //# whatever reason (firewall traversal, accounting, etc.), the proxy MUST still record-route,
    //# and MUST NOT assume that a UA will utilize its GRUU in the Contact header field of its
    //# response (which would cause mid-dialog requests to pass through the proxy without
    //# record-routing).
    const own = recordRoutes(this.#cookies, from, target.flow, abroad, shown, devices);
    if (own.length === 2 && isSingle?.() && isSameWay(from.flow, target.flow)) own.pop();
    return this.#branch(from, routes, target, own);
  }

  #devices(from: Incoming, { device }: Target): Devices {
    const { ids } = this.#endpoint;
    const own = MAKES_DIALOG.has(from.request.method) ? this.#options.deviceOf?.(from) : undefined;
    return {
      caller: own === undefined ? undefined : deviceName(ids, own),
      callee: device === undefined ? undefined : deviceName(ids, device),
    };
  }

  /** Of a request in a dialog, whose route set stands, but for one that subscribed. */
  next(from: Incoming, routes: Routes, target: Target): Ready | undefined {
    const own = notifyRoutes(this.#cookies, from, target.flow, routes.cookie, this.#shown);
    return this.#branch(from, routes, target, own);
  }

  /** For an ACK, which has no transaction: the same each time it comes. */
  stateless(from: Incoming, routes: Routes, target: Target): Octets {
    const via = statelessVia(this.#endpoint.ids, this.#shown(target.flow), from);
    return this.#text(from, routes, target, via, []);
  }

  //= RFC 3261 §16.6
  //# Thus, the branch parameter provided with the Via header field inserted in step 8 MUST be
  //# different for each attempt.
  //= RFC 3261 §16.6
  //# A proxy choosing to detect loops SHOULD create a branch parameter separable into two parts by
  //# the implementation. The first part MUST satisfy the constraints of Section 8.1.1.7 as
  //# described above. The second is used to perform loop detection and distinguish loops from
  //# spirals.
  //= RFC 3261 §16.6
  //# In particular, CANCEL and ACK requests (for non-2xx responses) MUST have the same branch value
  //# as the corresponding request they cancel or acknowledge.
  //= RFC 5393 §4.2.1
  //# The first part of the branch value MUST satisfy the constraints of Section 8.1.1.7. The second
  //# part is used to perform loop detection and distinguish loops from spirals.
  //= RFC 5393 §4.2.1
  //# CANCEL and non-200 ACK requests MUST have the same branch parameter value as the corresponding
  //# request they cancel or acknowledge.
  /** Undefined when what we add makes it larger than a message may be. */
  #branch(
    from: Incoming,
    routes: Routes,
    target: Target,
    own: readonly Octets[],
  ): Ready | undefined {
    const { flow, uri } = target;
    const branch = this.#endpoint.ids.branch(branchAbout(from));
    const shown = this.#shown(flow);
    // To servers, which may have too much to do; not to phones.
    const asks = target.isAbroad === true ? ASKS_FOR_LOAD : "";
    const text = this.#text(from, routes, target, `${viaOf(shown, branch)}${asks}`, own);
    if (!fits(text, from.request)) return undefined;
    const via = { branch, host: shown.local.host.toLowerCase(), port: shown.local.port };
    return { request: new SentRequest(from.request.method, uri, text), via, flow };
  }

  //= RFC 6665 §4.4.4
  //# Note that "Allow-Events" header fields MUST NOT be inserted by proxies.
  #text(
    from: Incoming,
    { used }: Routes,
    { flow, uri, breadth, path, added }: Target,
    via: Octets,
    own: readonly Octets[],
  ): Octets {
    const { isPartner, isTrusted } = this.#options;
    return forwardRequest(from, {
      uri,
      via,
      breadth,
      recordRoutes: own,
      usedRoutes: used,
      ...(path && { preloaded: path }),
      ...(added && { added }),
      realm: this.#options.realm,
      stream: isStream(flow),
      isBelieved: () => isTrusted?.(from) === true || isPartner(from),
    });
  }
}
