/** What becomes of a request outside of any dialog whose sender is known. RFC 3261 §16.5, §16.6. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { gruuOf } from "../uri/gruu.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import { withAnswer } from "./answer.ts";
import type { Branch, Held } from "./branch.ts";
import { incomingBreadth } from "./breadth.ts";
import type { Bridge, BridgeAsked, BridgeDecision } from "./bridge.ts";
import { type Calls, listenFor } from "./calls-told.ts";
import type { Copies } from "./copies.ts";
import { type ForkTarget, type Reachable, targetGroups } from "./forking.ts";
import { type Gruus, isTemporary } from "./gruu.ts";
import { boundTo } from "./gruu-targets.ts";
import { isSame } from "./in-dialog.ts";
import type { Binding, Location } from "./location.ts";
import type { OutgoingCall } from "./outgoing/outgoing-call.ts";
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
import { admissible, NO_SIPS, SIPS_NOT_ALLOWED } from "./sips.ts";
import { bindingFlow } from "./target.ts";
import { unsupported } from "./validation.ts";
import { isSamePush } from "./wake-address.ts";
import { Doubts } from "./wake-doubt.ts";
import type { Waker } from "./waker.ts";
import { waysTo } from "./ways-to.ts";
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

/** And what the operator's route said of it, where it goes on all the same. */
interface Considered extends Asked {
  readonly bridge?: BridgeDecision;
  /** The call that it may become, where that is counted. */
  readonly call?: OutgoingCall | undefined;
}

/** Where a request for a person goes. */
interface Fork {
  readonly groups: readonly (readonly ForkTarget[])[];
  /** Those that have to be woken first. */
  readonly sleepers: readonly Binding[];
  /** Those that are taken to be awake. */
  readonly awake: readonly Binding[];
}

/** Whom there is of a person. */
interface Found {
  readonly online: readonly Reachable[];
  readonly sleepers: readonly Binding[];
}

interface Sleeper {
  readonly user: string;
  readonly binding: Binding;
  readonly sentOver?: Flow | undefined;
  readonly branchesTo: (targets: readonly ForkTarget[]) => readonly Branch[];
}

export class OutOfDialog {
  readonly #parts: OutOfDialogParts;
  readonly #endpoint: Endpoint;
  readonly #words: Words;

  constructor(parts: OutOfDialogParts) {
    this.#parts = parts;
    this.#endpoint = parts.endpoint;
    this.#words = parts.words;
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
      (bindings) => this.#fork(context, routes, counted, user, bindings),
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
    context.forward([this.#orBridged(from, counted, undefined, target, branch)]);
  }

  /** This branch, or one that ends here and begins anew, where the two need that. */
  #orBridged(
    from: Incoming,
    { account, bridge: decided, call: counted }: Considered,
    callee: string | undefined,
    { uri, flow, path, device }: Pick<BridgeAsked, "uri" | "flow" | "path" | "device">,
    branch: Branch,
  ): Branch {
    const { bridge } = this.#parts;
    if (!bridge || from.request.method !== "INVITE") return branch;
    const heard = (response: Response): void => bridge.heard?.(asked, response);
    const forwarded = { ...branch, heard };
    const asked: BridgeAsked = {
      ...{ from, account, callee, uri, flow, path, device },
      ...{ forwarded, counted, decided },
    };
    const instead = bridge.instead(asked);
    if (instead) return instead;
    return {
      ...forwarded,
      misunderstood: (response) => {
        const after = bridge.after(asked, response);
        return after ? [after] : [];
      },
    };
  }

  //= RFC 3261 §16.5
  //# If a target URI is already present in the set (based on the definition of equality for the URI
  //# type), it MUST NOT be added again.
  /** The registrar keeps each contact once. */
  #fork(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    registered: readonly Binding[],
  ): void {
    const bound = boundTo(this.#parts.gruus, asked.uri, registered);
    if (!bound.ok) return this.#words.refuse(context, bound.error.status, bound.error.message);
    const bindings = bound.value;
    const sleepers = this.#parts.waker.sleepers(bindings);
    // However many bindings a phone has that sleeps.
    const awake = bindings.filter(
      ({ contact }) => !sleepers.some((one) => isSamePush(one.contact, contact)),
    );
    waysTo(this.#endpoint, awake, (online) =>
      this.#forkTo(context, routes, asked, user, { online, sleepers }),
    );
  }

  #forkTo(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    { online, sleepers }: Found,
  ): void {
    // Taken back while an edge was looked up.
    if (context.isOver) return;
    const devices = admissible(context.from.request.uri, online);
    //= RFC 3261 §16.5
    //# If the target set remains empty after applying all of the above, the proxy MUST return an
    //# error response, which SHOULD be the 480 (Temporarily Unavailable) response.
    if (online.length === 0 && sleepers.length === 0) {
      return this.#words.refuse(context, 480, `${user} is not online`);
    }
    //= RFC 5630 §5.3
    //# If the proxy needs to reject the request for that reason, the proxy MUST reject it with a
    //# 480 (Temporarily Unavailable) response. In this case, the proxy SHOULD include a Warning
    //# header with warn-code 380 "SIPS Not Allowed".
    if (devices.length === 0 && sleepers.length === 0) {
      return this.#words.refuse(context, 480, NO_SIPS, [["Warning", SIPS_NOT_ALLOWED]]);
    }
    const breadth = incomingBreadth(context.from.request);
    // Each of those that sleep has a breadth of one, as long as one is left for the others.
    const woken = sleepers.slice(0, breadth.ok ? breadth.value - Math.min(1, devices.length) : 0);
    const forking = this.#policy.forking ?? "parallel";
    const groups = breadth.ok
      ? targetGroups(devices, forking, breadth.value - woken.length)
      : breadth;
    if (!groups.ok) return this.#words.refuse(context, groups.error.status, groups.error.message);
    this.#sendTo(context, routes, asked, user, {
      ...{ groups: groups.value, sleepers: woken },
      awake: online.map(({ binding }) => binding),
    });
  }

  /** For a device that sleeps: as for any other one, once it is awake. */
  #whenAwake(
    from: Incoming,
    { account: by }: Considered,
    { user: account, binding, branchesTo, sentOver }: Sleeper,
  ): readonly Held[] {
    const branches = (back: Binding): readonly Branch[] => {
      const flow = bindingFlow(this.#endpoint, back);
      const isThere = flow && sentOver && isSame(sentOver, flow);
      const found = flow && !isThere ? admissible(from.request.uri, [{ binding: back, flow }]) : [];
      const groups = targetGroups(found, "parallel", 1);
      return groups.ok ? groups.value.flatMap(branchesTo) : [];
    };
    return this.#parts.waker.branch({ from, by, account, binding, branches });
  }

  #sendTo(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    { groups, sleepers, awake }: Fork,
  ): void {
    const { from } = context;
    const [first = [], ...later] = groups;
    const { follow3xx, ringMs } = this.#policy;
    //= RFC 5627 §6.1
    //# However, forwarding services, such as call forwarding, SHOULD NOT be provided for requests
    //# sent to a GRUU.
    const trail = follow3xx && !gruuOf(asked.uri) ? this.#trail(from, routes, asked) : undefined;
    // Those of later groups are in the target set, too.
    for (const { uri } of groups.flat()) trail?.see(uri);
    const branchesTo = (targets: readonly ForkTarget[]): readonly Branch[] =>
      targets.flatMap((target) => {
        const breadth = doubts.breadthFor(target.uri, target.breadth);
        const copy = this.#parts.copies.first(from, routes, { ...target, breadth });
        if (!copy) return [];
        const bridged = this.#orBridged(from, asked, user, target, copy);
        const branch = trail ? trail.watched(bridged, breadth) : bridged;
        const whole = withOthers(branch, target.others, branchesTo);
        return [doubts.orWoken(whole, target.uri, target.breadth, target.flow)];
      });
    const whenAwake = (binding: Binding, sentOver?: Flow): readonly Held[] =>
      this.#whenAwake(from, asked, { user, binding, branchesTo, sentOver });
    const doubts = new Doubts(awake, (...doubted) => {
      this.#parts.waker.tell(context, user);
      return whenAwake(...doubted);
    });
    const held = sleepers.flatMap((one) => whenAwake(one));
    const branches = [...branchesTo(first), ...held];
    if (branches.length === 0) {
      return this.#words.refuse(context, 513, "no room left for our headers");
    }
    if (context.isOver) return;
    this.#words.log(from, "Forwarded", `to ${branches.length} device(s) of ${user}`);
    if (held.length > 0) this.#parts.waker.tell(context, user);
    const waiting = later.map((targets) => () => branchesTo(targets));
    context.forward(branches, waiting, ringMs);
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

//= RFC 5626 §7
//# If a request for a particular AOR and instance-id fails with a 430 (Flow Failed) response, the
//# proxy SHOULD replace the failed branch with another target (if one is available) with the same
//# AOR and instance-id, but a different reg-id.
/** The same branch, in whose place one over the next flow to its device comes if its own fails. */
function withOthers(
  branch: Branch,
  [next, ...rest]: readonly ForkTarget[],
  branchesTo: (targets: readonly ForkTarget[]) => readonly Branch[],
): Branch {
  if (!next) return branch;
  return { ...branch, flowFailed: () => branchesTo([{ ...next, others: rest }]) };
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
