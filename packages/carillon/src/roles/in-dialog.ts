/**
 * Requests in a dialog: the cookie in their Route says that they are, and where they go.
 * RFC 3261 §16.12.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { isSecure } from "../locate/target.ts";
import type { Response } from "../message/message.ts";
import { type Flow, formatFlow } from "../transport/flow.ts";
import { isGruu } from "../uri/gruu.ts";
import { sameHost } from "../uri/host.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import { withAnswer } from "./answer.ts";
import type { Branch, Held } from "./branch.ts";
import { incomingBreadth } from "./breadth.ts";
import { type Cookie, deviceName, ELSEWHERE, type FlowName, GONE, isOutside } from "./cookie.ts";
import type { Copies, Target } from "./copies.ts";
import type { Gruus } from "./gruu.ts";
import { boundTo } from "./gruu-targets.ts";
import { LastWays } from "./last-ways.ts";
import type { Binding, Location } from "./location.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { sameContact } from "./register.ts";
import { Relay } from "./relay.ts";
import type { Routes } from "./routes.ts";
import type { ServedNames } from "./served-names.ts";
import { isSips } from "./sips.ts";
import { bindingFlow, contactFlow, namedFlow } from "./target.ts";
import { SILENT_MS } from "./wake-doubt.ts";
import type { Named, Waker } from "./waker.ts";

/** What became of one. */
export interface Outcome {
  readonly status: number;
  readonly why: string;
}

export interface InDialogParts {
  readonly endpoint: Endpoint;
  readonly names: ServedNames;
  readonly location: Location;
  readonly copies: Copies;
  /** Undefined where none are given out. */
  readonly gruus?: Gruus;
  /** Who wakes phones that sleep; nobody if left out. */
  readonly wakers?: readonly Waker[];
}

/** A phone that can be woken, and who wakes it. */
interface Wakeable extends Named {
  readonly waker: Waker;
}

export class InDialog {
  readonly #endpoint: Endpoint;
  readonly #names: ServedNames;
  readonly #location: Location;
  readonly #copies: Copies;
  readonly #gruus: Gruus | undefined;
  readonly #relay: Relay;
  readonly #lastWays = new LastWays();
  readonly #wakers: readonly Waker[];

  constructor({ endpoint, names, location, copies, gruus, wakers = [] }: InDialogParts) {
    this.#wakers = wakers;
    this.#endpoint = endpoint;
    this.#names = names;
    this.#location = location;
    this.#copies = copies;
    this.#gruus = gruus;
    this.#relay = new Relay(endpoint, copies);
  }

  //= RFC 3262 §3
  //# Of course, unlike a UAS, when the proxy element receives a PRACK that does not match any
  //# outstanding reliable provisional response, the PRACK MUST be proxied.
  /** Sends it on; `refused` hears if it cannot be. */
  forward(
    context: ProxyContext,
    routes: Routes,
    cookie: Cookie,
    refused: (outcome: Outcome) => void,
  ): void {
    if (cookie.target.host === ELSEWHERE) {
      const outcome = this.#sendAbroad(context, routes, isOutside(cookie.target));
      return outcome && refused(outcome);
    }
    const { from } = context;
    this.#find(from, routes, cookie, (ways) =>
      this.#named(routes.uri, (phone) => {
        const branch = phone
          ? this.#orWoken(from, routes, ways, cookie, phone)
          : this.#branch(from, routes, ways, cookie);
        if ("why" in branch) refused(branch);
        else context.forward([branch]);
      }),
    );
  }

  /** The phone that the PURR in a Request-URI names, and who wakes it. */
  #named(
    uri: Octets,
    told: (phone: Wakeable | undefined) => void,
    [waker, ...others]: readonly Waker[] = this.#wakers,
  ): void {
    if (!waker) return told(undefined);
    waker.named(uri, (named) => {
      if (named) told({ ...named, waker });
      else this.#named(uri, told, others);
    });
  }

  //= RFC 8599 §6.2.3
  //# When the proxy receives a mid-dialog SIP request addressed towards the UA that contains a
  //# 'pn-purr' SIP URI parameter, and the proxy is able to retrieve the stored information needed
  //# to request that a push notification be sent to the UA (Section 6.2.1), the proxy MUST place
  //# the SIP request in the SIP Request Push Bucket and request that a push notification be sent to
  //# the UA.
  // Who talks is awake, which RFC 8599 §5.6.2 lets us know: only silence says that somebody is not.
  /** Over the ways there are, and if nothing comes back held until the phone is awake. */
  #orWoken(
    from: Incoming,
    routes: Routes,
    known: readonly Way[],
    cookie: Cookie,
    { waker, account, binding }: Wakeable,
  ): Branch | Outcome {
    const endpoint = this.#endpoint;
    const own = bindingFlow(endpoint, binding);
    const isKnown = !own || known.some(({ flow }) => isSame(flow, own));
    const ways = isKnown ? known : [{ flow: own, path: binding.path }, ...known];
    const branches = (back: Binding): readonly Branch[] => {
      const flow = bindingFlow(endpoint, back);
      //= RFC 8599 §6.2.3
      //# If the bucket contains such a request, the proxy MUST remove the SIP request from the SIP
      //# Request Push Bucket and forward it towards the UA.
      // What was sent over the same one is there when it wakes.
      if (!flow || ways.some((one) => isSame(one.flow, flow))) return [];
      const next = this.#branch(from, routes, [{ flow, path: back.path }], cookie);
      return "why" in next ? [] : [next];
    };
    const gone = goneFor(from, cookie);
    let isWoken = false;
    const held = (): readonly Branch[] => {
      if (isWoken) return [];
      isWoken = true;
      // It may have come to another flow by itself, since this was sent.
      let there: readonly Branch[] = [];
      waker.named(routes.uri, (named) => {
        const isHere = named && named.binding.flow.connection !== GONE;
        there = isHere ? branches(named.binding) : [];
      });
      if (there.length > 0) return there;
      const all = waker.branch({ from, by: undefined, account, binding, branches });
      return all.map((one) => refusedAs(one, gone.status));
    };
    const branch = this.#branch(from, routes, ways, cookie);
    if (ways.length === 0) return held()[0] ?? gone;
    if ("why" in branch) return branch;
    return {
      ...branch,
      silent: { afterMs: SILENT_MS, beside: held, isLeft: true },
      flowFailed: () => {
        if (isWoken) return [];
        const others = branch.flowFailed?.() ?? [];
        return others.length > 0 ? others : held();
      },
    };
  }

  //= RFC 3261 §16.11
  //# In particular, a retransmitted request MUST be forwarded to the same destination each time it
  //# is processed.
  //= RFC 3261 §16.11
  //# Furthermore, when handling a request statelessly, an element MUST NOT generate its own 100
  //# (Trying) or any other provisional response.
  //= RFC 3261 §16.11
  //# A stateless proxy MUST choose one and only one target from the target set.
  //= RFC 3261 §16.11
  //# All other message transformations specified in Section 16.6 MUST result in the same
  //# transformation of a retransmitted request.
  //= RFC 3261 §16.11
  //# A stateless proxy MUST follow the request processing steps described in Section 16.6 with the
  //# following exceptions:
  //= RFC 3261 §16.11
  //# As for the Via branch parameter, this implies that the transformations MUST be based on
  //# time-invariant configuration or retransmission-invariant properties of the request.
  forwardAck(from: Incoming, routes: Routes, cookie: Cookie): void {
    if (cookie.target.host === ELSEWHERE) {
      const breadth = incomingBreadth(from.request);
      if (breadth.ok) this.#relay.ack(from, routes, breadth.value, isOutside(cookie.target));
      return;
    }
    this.#find(from, routes, cookie, ([way]) => {
      if (!way || (isSips(routes.uri) && !isSecure(way.flow.transport))) return;
      const target = targetOf(from, routes, way);
      if (!target.ok) return;
      const text = this.#copies.stateless(from, routesFor(routes, way), target.value);
      this.#endpoint.transmit(target.value.flow, text);
    });
  }

  #sendAbroad(context: ProxyContext, routes: Routes, publicOnly: boolean): Outcome | undefined {
    const breadth = incomingBreadth(context.from.request);
    if (!breadth.ok) return { status: breadth.error.status, why: breadth.error.message };
    const branch = this.#relay.next(context.from, routes, breadth.value, publicOnly);
    if (!branch) return { status: 416, why: "its next hop is no SIP URI" };
    context.forward([branch]);
    return undefined;
  }

  /** To the first of these ways, and if its flow fails to the next. */
  #branch(
    from: Incoming,
    routes: Routes,
    [way, ...others]: readonly Way[],
    cookie: Cookie,
  ): Branch | Outcome {
    if (!way) return goneFor(from, cookie);
    //= RFC 3261 §16.6
    //# Independently of which URI is being used as input to the procedures of [4], if the
    //# Request-URI specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the
    //# input URI were a SIPS URI.
    if (isSips(routes.uri) && !isSecure(way.flow.transport)) return { status: 480, why: NO_TLS };
    const target = targetOf(from, routes, way);
    if (!target.ok) return { status: target.error.status, why: target.error.message };
    const copy = this.#copies.next(from, routesFor(routes, way), target.value);
    if (!copy) return { status: 513, why: `too large to be sent on to ${formatFlow(way.flow)}` };
    if (others.length === 0) return copy;
    return {
      ...copy,
      flowFailed: () => {
        const [other] = others;
        const next = this.#branch(from, routes, others, cookie);
        if (!other || "why" in next) return [];
        const heard = ({ status }: Response) => {
          if (status >= 200 && status < 300) this.#lastWays.note(from.essentials, other);
        };
        return [{ ...next, heard }];
      },
    };
  }

  /** In the order in which they are tried. */
  #find(
    from: Incoming,
    routes: Routes,
    cookie: Cookie,
    goOn: (ways: readonly Way[]) => void,
  ): void {
    this.#search(from, routes, cookie, (ways) => goOn(this.#lastWays.first(from.essentials, ways)));
  }

  /**
   * The flow of the cookie, while it is registered there; then those on which they have registered
   * this contact, or this device, since. Their connection may have broken, or died without anybody
   * having noticed, or their address changed.
   */
  #search(
    { essentials }: Incoming,
    routes: Routes,
    { target }: Cookie,
    goOn: (ways: readonly Way[]) => void,
  ): void {
    const endpoint = this.#endpoint;
    const gruu = this.#gruuIn(routes.uri);
    if (gruu) return this.#findInstance(gruu, routes, target, goOn);
    const flow = namedFlow(endpoint, target, routes.uri, routes.local);
    const asWays = (one: Flow | undefined): readonly Way[] => (one ? [{ flow: one }] : []);
    const last = () => asWays(flow ?? contactFlow(endpoint, target, routes.uri, routes.local));
    const isWhereItWas = flow?.connection === 0 && isHostOf(routes.uri, flow);
    const user = isWhereItWas ? undefined : this.#names.userIn(essentials.to.uri);
    if (user === undefined) return goOn(last());
    const isOfDevice = ({ instance }: Binding) =>
      instance !== undefined && deviceName(endpoint.ids, instance) === target.device;
    const pick = (bindings: readonly Binding[]) => {
      const registered = bindings
        .filter((one) => isOfDevice(one) || sameContact(one.contact, routes.uri))
        .flatMap((one): readonly Way[] => {
          const its = bindingFlow(endpoint, one);
          return its ? [{ flow: its, path: one.path }] : [];
        })
        .reverse();
      const others = registered.filter((one) => !flow || !isSame(one.flow, flow));
      const isThere = others.length < registered.length;
      goOn(isThere ? [...asWays(flow), ...others] : [...others, ...last()]);
    };
    withAnswer(this.#location.bindings(user, endpoint.now), pick, () => goOn(last()));
  }

  /** What the Request-URI says where it is a GRUU of ours, and whose it is. */
  #gruuIn(text: Octets): { readonly uri: SipUri; readonly account: string } | undefined {
    if (!this.#gruus || !isGruu(text)) return undefined;
    const uri = parseSipUri(text);
    const account = uri.ok ? this.#names.userIn(text) : undefined;
    return uri.ok && account !== undefined ? { uri: uri.value, account } : undefined;
  }

  //= RFC 5627 §6.1
  //# This is the case for both out-of-dialog requests targeted to the GRUU, and mid-dialog requests
  //# targeted to the GRUU (in which case the incoming request would have a Route header field value
  //# containing the URI that the proxy used for record-routing.).
  //= RFC 5627 §6.1
  //# Note that the "gr" URI parameter is retained just for the purposes of finding the GRUU in the
  //# location service; if a match is found, the Request-URI will be rewritten with the registered
  //# contacts, replacing the GRUU and its "gr" URI parameter.
  /**
   * The flow that the dialog began on, as long as the device has it, then the others on which it is
   * registered, the latest first. Where it has none, the dialog's own flow is all that is known of
   * it, which is that of whoever took part in it, whatever a registrar says.
   */
  #findInstance(
    { uri, account }: { readonly uri: SipUri; readonly account: string },
    { local }: Routes,
    target: FlowName,
    goOn: (ways: readonly Way[]) => void,
  ): void {
    const endpoint = this.#endpoint;
    const pick = (all: readonly Binding[]) => {
      const bound = this.#gruus ? boundTo(this.#gruus, uri, all) : undefined;
      const ways = (bound?.ok ? bound.value : []).flatMap(({ contact, path, ...one }): Way[] => {
        const flow = bindingFlow(endpoint, { contact, ...one });
        return flow ? [{ flow, path, uri: requestUri(contact) }] : [];
      });
      const known = ways.findLast(({ flow }) => isSource(target, flow));
      const others = ways.filter((one) => one !== known).reverse();
      if (known) return goOn([{ ...known, path: undefined }, ...others]);
      const flow = namedFlow(endpoint, target, "", local);
      goOn(others.length > 0 || !flow ? others : [{ flow }]);
    };
    withAnswer(this.#location.bindings(account, endpoint.now), pick, () => pick([]));
  }

  /**
   * Whether whoever a request says it is from has registered over the flow it came on: they have
   * shown there who they are. `told` is called at most once.
   */
  ifRegisteredThere({ essentials, flow }: Incoming, told: () => void): void {
    const user = this.#names.userIn(essentials.from.uri);
    if (user === undefined) return;
    const isThere = (bindings: readonly Binding[]) =>
      bindings.some((one) => isRegisteredOver(one, flow));
    const pick = (bindings: readonly Binding[]) => void (isThere(bindings) && told());
    withAnswer(this.#location.bindings(user, this.#endpoint.now), pick, () => {});
  }
}

/** A flow that leads there, and the proxies behind it, where they are others than the dialog's. */
interface Way {
  readonly flow: Flow;
  /** In place of the Request-URI. */
  readonly uri?: Octets;
  readonly path?: readonly Octets[] | undefined;
}

/** What is left of the route set: another Path takes the place of all of it. */
const routesFor = (routes: Routes, { path }: Way): Routes =>
  path ? { ...routes, used: routes.all } : routes;

/** The same connection, or over UDP the same address. */
export const isSame = (one: Flow, other: Flow): boolean =>
  one.connection === other.connection &&
  one.remote.host === other.remote.host &&
  (one.connection !== 0 || one.remote.port === other.remote.port);

/**
 * Whether somebody who has registered so may be heard over this flow: it is the one, or it is from
 * the same server on their Path, which may take TCP for what is large. RFC 3261 §18.1.1.
 */
export const isRegisteredOver = ({ flow: own, path = [] }: Binding, flow: Flow): boolean =>
  isSame(own, flow) || (path.length > 0 && own.remote.host === flow.remote.host);

function isHostOf(text: Octets, { remote }: Flow): boolean {
  const uri = parseSipUri(text);
  return uri.ok && sameHost(uri.value.host, remote.host);
}

//= RFC 8599 §6.2.3
//# When a proxy sends an error response to a mid-dialog request (e.g., due to a transaction time
//# out), the proxy SHOULD select a response code that only impacts the transaction associated with
//# the request [RFC5079].
/** The same branch, whose phone is not to be reached in these words: 480 is about a whole call. */
const refusedAs = (held: Held, status: number): Held => ({
  ...held,
  hold: (user) =>
    held.hold({
      ...user,
      failed: (said, why) => user.failed(said === 480 ? status : said, why),
    }),
});

const NO_TLS = "the other side of this call is not reached over TLS, which a sips address demands";

/** The one copy there is, with all of the Max-Breadth. */
function targetOf({ request }: Incoming, routes: Routes, way: Way): Result<Target> {
  const { flow, path, uri = routes.uri } = way;
  const breadth = incomingBreadth(request);
  return breadth.ok ? ok({ flow, uri, path, breadth: breadth.value }) : breadth;
}

/**
 * 430 is about one request alone: a page that comes back finds its call going on. To a BYE, 481
 * says what RFC 3261 §15.1.1 has its sender take for the end; another server may know another way.
 */
const goneFor = ({ request }: Incoming, { source }: Cookie): Outcome => ({
  status: request.method === "BYE" && source.host !== ELSEWHERE ? 481 : 430,
  why: "the other side's connection is gone",
});

/**
 * Whether a request in a dialog comes from where that side of it was: the same connection, or the
 * same host over UDP, where a NAT may give another port at any time. Another domain's side may be
 * anywhere.
 */
export const isSource = (name: FlowName, flow: Flow): boolean =>
  name.host === ELSEWHERE ||
  (name.connection === flow.connection && name.host === flow.remote.host);
