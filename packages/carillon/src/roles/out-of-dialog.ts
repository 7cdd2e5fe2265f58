/** What becomes of a request outside of any dialog whose sender is known. RFC 3261 §16.5, §16.6. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { HeaderField } from "../message/compose.ts";
import { gruuOf } from "../uri/gruu.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import { withAnswer } from "./answer.ts";
import type { Branch } from "./branch.ts";
import { incomingBreadth } from "./breadth.ts";
import type { Bridge, BridgeDecision } from "./bridge.ts";
import { type Calls, listenFor } from "./calls-told.ts";
import type { Considered } from "./considered.ts";
import type { Copies } from "./copies.ts";
import { type Gruus, isTemporary } from "./gruu.ts";
import type { Location } from "./location.ts";
import { orBridged } from "./or-bridged.ts";
import type { OutgoingCalls } from "./outgoing/outgoing-calls.ts";
import type { Asked, Decision, Policy } from "./policy.ts";
import { ProxyContext } from "./proxy-context.ts";
import type { Listener } from "./received.ts";
import { Trail } from "./recursion.ts";
import { redirection } from "./redirect.ts";
import type { Relay } from "./relay.ts";
import type { Routes } from "./routes.ts";
import type { ServedNames } from "./served-names.ts";
import type { ServiceRequest } from "./services.ts";
import type { ServicesAsked } from "./services-asked.ts";
import { ToPerson } from "./to-person.ts";
import { unsupported } from "./validation.ts";
import type { Waker } from "./waker.ts";
import type { Words } from "./words.ts";

export interface OutOfDialogParts {
  readonly endpoint: Endpoint;
  readonly names: ServedNames;
  readonly accounts: Accounts;
  readonly location: Location;
  readonly copies: Copies;
  readonly gruus: Gruus;
  readonly relay: Relay;
  readonly words: Words;
  /** Wakes phones that sleep. */
  readonly waker: Waker;
  /** Parts of this server that answer requests themselves. */
  readonly services: () => ServicesAsked;
  readonly policy: () => Policy;
  /** Hears of calls for people here. */
  readonly calls: Calls | undefined;
  /** Counts calls that people here make. */
  readonly outgoing: OutgoingCalls;
  /** Takes the place of branches whose two sides do not understand each other. */
  readonly bridge: Bridge | undefined;
}

export class OutOfDialog {
  readonly #parts: OutOfDialogParts;
  readonly #endpoint: Endpoint;
  readonly #words: Words;
  readonly #toPerson: ToPerson;

  constructor(parts: OutOfDialogParts) {
    this.#parts = parts;
    this.#endpoint = parts.endpoint;
    this.#words = parts.words;
    const { endpoint, copies, gruus, words, waker, bridge, policy } = parts;
    this.#toPerson = new ToPerson({
      ...{ endpoint, copies, gruus, words, waker, bridge, policy },
      trail: (...followed) => this.#trail(...followed),
    });
  }

  /** `account` sends it, or a trusted place; `register` takes what is for the registrar. */
  take(from: Incoming, routes: Routes, account: string | undefined, register: () => void): void {
    const { names } = this.#parts;
    const { request, essentials } = from;
    const uri = parseSipUri(request.uri);
    if (!uri.ok) return;
    const isOurs = names.isOurs(uri.value, from.flow, this.#endpoint.addresses);
    if (isOurs && request.method === "REGISTER") return register();
    const asked: Asked = { method: request.method, uri: uri.value, account, isOurs, request };
    const referral = this.#parts.outgoing.referral(from, account);
    if (referral) return this.#words.explain(from, referral.status, referral.why);
    const services = this.#parts.services();
    // A dialog of the server's own is known by its tags, whatever address of ours was dialled.
    if (essentials.toTag !== "" && services.inDialog(from, routes, asked)) return;
    if (isOurs && essentials.toTag !== "") {
      return this.#words.explain(from, 481, "there is no such dialog here");
    }
    const { route } = this.#policy;
    const usual = (bridge?: BridgeDecision) => {
      const considered: Considered = bridge ? { ...asked, bridge } : asked;
      if (isForDevice(asked) || !services.take(from, routes, asked)) {
        this.#usual(from, routes, considered);
      }
    };
    if (!route || routes.foreign) return usual();
    withAnswer(
      route(asked),
      (decision) => {
        if (!decision || decision.kind === "Bridge") usual(decision);
        else this.#decided(from, routes, asked, decision);
      },
      (cause) => this.#words.explain(from, 500, `the route failed: ${cause}`),
    );
  }

  /** For a service: past all services. */
  usual({ from, routes, uri, account, isOurs }: ServiceRequest): void {
    const { request } = from;
    this.#usual(from, routes, { method: request.method, uri, account, isOurs, request });
  }

  #decided(
    from: Incoming,
    routes: Routes,
    asked: Asked,
    decision: Exclude<Decision, BridgeDecision>,
  ): void {
    if (decision.kind === "Refuse") {
      const { status, why, moreAt = [] } = decision;
      const headers = moreAt.map((uri): HeaderField => ["Error-Info", `<${uri}>`]);
      return this.#words.explain(from, status, why, headers);
    }
    const reply = redirection(decision);
    if (!reply.ok) return this.#words.explain(from, reply.error.status, reply.error.message);
    const redirect = () => {
      const contacts = decision.contacts.map(({ uri }) => uri).join(", ");
      this.#words.log(from, "Redirected", `to ${contacts}`, reply.value.status);
    };
    const isFollowed = this.#policy.follow3xx === true && reply.value.status <= 302;
    if (isFollowed && startsSomething(from)) {
      return this.#pursue(from, routes, asked, decision.contacts, redirect, reply.value);
    }
    redirect();
    this.#words.reply(from, reply.value);
  }

  /** An operator's own redirection, followed from here; answered where nothing of it can be. */
  #pursue(
    from: Incoming,
    routes: Routes,
    asked: Asked,
    contacts: Extract<Decision, { kind: "Redirect" }>["contacts"],
    redirected: () => void,
    reply: Reply,
  ): void {
    const breadth = incomingBreadth(from.request);
    if (!breadth.ok) {
      return this.#words.explain(from, breadth.error.status, breadth.error.message);
    }
    const user = asked.isOurs ? this.#parts.names.userIn(from.request.uri) : undefined;
    const isPerson = user !== undefined && this.#parts.accounts.has(user);
    const call = this.#parts.outgoing.begin(from, asked.account);
    const full = call?.stay();
    if (full !== undefined) return this.#words.explain(from, 403, full);
    const context = this.#accept(from, { ...asked, call }, isPerson ? user : undefined);
    if (!context) return;
    const answered = (branches: readonly Branch[]) => {
      if (branches.length > 0) return context.forward(branches);
      redirected();
      context.refuse(reply);
    };
    const followed = this.#trail(from, routes, { ...asked, call });
    const branches = followed.follow(contacts, breadth.value);
    withAnswer(branches, answered, () => answered([]));
  }

  #trail(from: Incoming, routes: Routes, { account, call }: Considered): Trail {
    const { relay } = this.#policy;
    return new Trail(this.#parts, {
      ...{ from, routes },
      isOpen: (uri) => relay?.(account, uri) === true && call?.leave(uri) === undefined,
      onFollow: (targets) =>
        this.#words.log(from, "Forwarded", `to ${targets} target(s) of a redirection`),
    });
  }

  /** What becomes of a request where no route says otherwise. */
  #usual(from: Incoming, routes: Routes, asked: Considered): void {
    const { accounts, location, names } = this.#parts;
    const { request } = from;
    if (routes.foreign || !asked.isOurs) return this.#abroad(from, routes, asked);
    const user = names.userIn(request.uri);
    if (user === undefined) return this.#toServer(from);
    //= RFC 3261 §16.5
    //# If the Request-URI indicates a resource at this proxy that does not exist, the proxy MUST
    //# return a 404 (Not Found) response.
    if (!accounts.has(user)) {
      return this.#words.explain(from, 404, `nobody here is called ${user}`);
    }
    const call = this.#parts.outgoing.begin(from, asked.account);
    const full = call?.stay();
    if (full !== undefined) return this.#words.explain(from, 403, full);
    const counted = { ...asked, call };
    const context = this.#accept(from, counted, user);
    if (!context) return;
    //= RFC 3261 §16.5
    //# When accessing the location service constructed by a registrar, the Request-URI MUST first
    //# be canonicalized as described in Section 10.3 before being used as an index.
    const found = location.bindings(user, this.#endpoint.now);
    withAnswer(
      found,
      (bindings) => this.#toPerson.fork(context, routes, counted, user, bindings),
      (cause) => {
        this.#words.log(from, "Refused", `the location service failed: ${cause}`, 503);
        context.refuse({ status: 503, headers: [["Retry-After", "10"]] });
      },
    );
  }

  //= RFC 3261 §16.5
  //# A proxy MUST NOT add additional targets to the target set if the Request-URI of the original
  //# request does not indicate a resource this proxy is responsible for.
  /**
   * To another domain, if that is allowed: by name, and never along a route that was brought. What
   * is redirected there the caller follows.
   */
  #abroad(from: Incoming, routes: Routes, asked: Considered): void {
    const { uri, account } = asked;
    if (!startsSomething(from) || routes.foreign || !this.#policy.relay?.(account, uri)) {
      return this.#words.explain(from, 403, "requests to other domains are not forwarded here");
    }
    const call = this.#parts.outgoing.begin(from, account);
    const objection = call?.objection(uri);
    if (objection !== undefined) return this.#words.explain(from, 403, objection);
    const breadth = incomingBreadth(from.request);
    if (!breadth.ok) {
      return this.#words.explain(from, breadth.error.status, breadth.error.message);
    }
    const branch = this.#parts.relay.first(from, routes, breadth.value);
    if (!branch) return this.#words.explain(from, 416, "its next hop is no SIP URI");
    const counted = { ...asked, call };
    const context = this.#accept(from, counted, undefined);
    if (!context) return;
    call?.leave(uri);
    this.#words.log(from, "Forwarded", `to the servers of ${uri.host}`);
    const target = { uri: routes.uri, flow: undefined };
    const whole = { from, asked: counted, callee: undefined, target };
    context.forward([orBridged(this.#parts.bridge, branch, whole)]);
  }

  /** Takes it on, and whoever counts and tells of calls hears of it; undefined when full. */
  #accept(from: Incoming, asked: Considered, callee: string | undefined): ProxyContext | undefined {
    const { call } = asked;
    const listener = this.#listener(from, asked, callee);
    const context = ProxyContext.accept(this.#endpoint, from, listener, call?.heard);
    if (!context) call?.heard(503, undefined);
    else if (call) call.cancel = () => context.abandon();
    return context;
  }

  /** Who is told what becomes of what starts a call. */
  #listener(from: Incoming, asked: Asked, callee: string | undefined): Listener | undefined {
    const { calls } = this.#parts;
    if (!calls || from.request.method !== "INVITE") return undefined;
    // Whoever is called by the rights of somebody else is called by whom From names.
    const caller = from.essentials.from.uri;
    const isOwn =
      asked.account === undefined || this.#parts.names.isAddressOf(caller, asked.account);
    const callerAccount = isOwn ? asked.account : this.#parts.names.userIn(caller);
    const who = { callerAccount, callee };
    return listenFor(calls, from, who, this.#endpoint);
  }

  /** For the server itself: it can be asked what it is, and nothing else. */
  #toServer(from: Incoming): void {
    const required = unsupported(from, "Require");
    if (required) {
      return this.#words.explain(from, required.status, required.why, required.headers);
    }
    if (from.request.method !== "OPTIONS") {
      return this.#words.explain(from, 404, "the address names no person");
    }
    const services = this.#parts.services();
    this.#words.reply(from, {
      status: 200,
      headers: [
        ["Allow", [...new Set([...METHODS, ...services.methods])].join(", ")],
        ["Accept", "application/sdp"],
        ...services.headers,
      ],
    });
  }

  get #policy(): Policy {
    return this.#parts.policy();
  }
}

/** What the server answers or passes on without any service. */
const METHODS: readonly string[] = [
  ...["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "MESSAGE"],
];

//= RFC 5627 §3.1
//# It routes to a specific UA instance.
/**
 * Who subscribes to a GRUU asks that device itself, and not what the house knows of its owner. Who
 * has a temporary one is to know no more than that: nothing that is for its owner takes it.
 */
const isForDevice = ({ method, uri, isOurs }: Asked): boolean =>
  isOurs && (isTemporary(uri) || (method === "SUBSCRIBE" && gruuOf(uri) !== undefined));

/** What may leave the house from outside of a dialog. */
const startsSomething = ({ request, essentials }: Incoming): boolean =>
  request.method !== "REGISTER" && essentials.toTag === "";
