/**
 * A domain's server: stateful proxy that stays on the path, and registrar beside it, with every
 * request from outside a dialog authenticated. RFC 3261 §10, §16.
 */
import type { Crypto } from "../auth/crypto.ts";
import type { Endpoint, Role } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { warning } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import { elements, header } from "../message/headers.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, formatFlow } from "../transport/flow.ts";
import { parseSipUri, type SipUri, unescapeUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import { withAnswer } from "./answer.ts";
import type { FlowName } from "./cookie.ts";
import { forwardRequest } from "./forward.ts";
import { Guard, type Verdict } from "./guard.ts";
import type { Binding, Location } from "./location.ts";
import { branchAbout, branchVia, isLoop, recordRoutes } from "./path.ts";
import { ProxyContext } from "./proxy-context.ts";
import { Registrar } from "./registrar.ts";
import { type Routes, readRoutes } from "./routes.ts";
import { bindingFlow, namedFlow } from "./target.ts";

export interface DomainOptions {
  /** What stands behind the @ of the addresses served here. */
  readonly domain: string;
  /** Other names and addresses of this server that mean the same. */
  readonly aliases: readonly string[];
  /** Fixed for good: the stored HA1s are made with it. */
  readonly realm: string;
  readonly accounts: Accounts;
  readonly location: Location & { expire?(now: Millis): Millis };
  readonly crypto: Crypto;
  /** 32 bytes that sign nonces. */
  readonly key: Uint8Array;
  /** 32 bytes that sign the tokens of pages. */
  readonly tokenKey: Uint8Array;
  readonly node: string;
  readonly log?: (entry: LogEntry) => void;
}

/** What an operator may want to read later. Holds no credentials. */
export interface LogEntry {
  readonly kind: "Refused" | "Registered" | "Forwarded";
  readonly at: Millis;
  readonly method: string;
  readonly from: string;
  readonly source: string;
  readonly callId: string;
  readonly status?: number;
  /** In words: why it was refused, or where it went. */
  readonly why: string;
}

export function domain(options: DomainOptions): Role {
  return new Domain(options);
}

type Known = Extract<Verdict, { kind: "Known" }>;

/** What is asked about this often costs little and keeps the people list honest. */
const EXPIRY_ROUND_MS = 10_000;

class Domain implements Role {
  readonly #options: DomainOptions;
  readonly #hosts: ReadonlySet<string>;
  readonly #guard: Guard;
  readonly #registrar: Registrar;
  readonly #expiry: Timer = newTimer({ due: (now) => this.#expire(now) });
  #endpoint!: Endpoint;

  constructor(options: DomainOptions) {
    this.#options = options;
    const hosts = [options.domain, ...options.aliases];
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#guard = new Guard(options);
    this.#registrar = new Registrar(options.location);
  }

  attach(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
  }

  closed(flow: Flow): void {
    this.#options.location.drop(flow.connection);
  }

  request(from: Incoming): void {
    if (this.#expiry.at === NEVER) this.#expire(this.#endpoint.now);
    const routes = readRoutes(from, (uri) => this.#isOurs(uri, from.flow), this.#endpoint.ids);
    const refusal = this.#refusal(from, routes);
    if (refusal) return this.#refuse(from, refusal.status, refusal.why, refusal);
    const { cookie } = routes;
    if (cookie && isSource(cookie.source, from.flow)) return this.#inDialog(from, routes);
    const verdict = this.#guard.check(from, this.#endpoint.now);
    if (verdict.kind === "Asked") {
      this.#log(from, "Refused", verdict.why, verdict.reply.status);
      return this.#endpoint.reply(from, verdict.reply);
    }
    // Somebody we know, in a dialog but from another place than before: moved, not forged.
    if (cookie) return this.#inDialog(from, routes);
    this.#outOfDialog(from, routes, verdict);
  }

  ack(from: Incoming): void {
    //= RFC 3261 §16.11
    //# This is because retransmissions of a request need to have the same value
    const routes = readRoutes(from, (uri) => this.#isOurs(uri, from.flow), this.#endpoint.ids);
    const { cookie } = routes;
    if (!cookie || !isSource(cookie.source, from.flow)) return;
    if (header(from.request, "Max-Forwards") === "0") return;
    const flow = namedFlow(this.#endpoint, cookie.target, from);
    if (flow) this.#endpoint.transmit(flow, this.#forwardText(from, routes, flow));
  }

  // ---- checks before anything else, RFC 3261 §16.3 ---------------------------------------------

  #refusal(from: Incoming, routes: Routes): (Reply & { why: string }) | undefined {
    const { request } = from;
    const uri = parseSipUri(request.uri);
    //= RFC 3261 §16.3
    //# If the Request-URI has a URI whose scheme is not understood by the proxy, the proxy SHOULD
    //# reject the request with a 416 (Unsupported URI Scheme) response.
    if (!uri.ok) return { status: uri.error.status, why: uri.error.message };
    const hops = header(request, "Max-Forwards");
    if (hops !== undefined && parseNumber(hops, 255) === undefined) {
      return { status: 400, why: "Max-Forwards is not a number up to 255" };
    }
    //= RFC 3261 §16.3
    //# If the request contains a Max-Forwards header field with a field value of zero (0), the
    //# element MUST NOT forward the request.
    if (hops !== undefined && Number(hops) === 0 && request.method !== "REGISTER") {
      return { status: 483, why: "it has passed too many servers" };
    }
    if (isLoop(this.#endpoint.ids, from)) {
      return { status: 482, why: "it has been here before: its routing goes in a circle" };
    }
    if (routes.broken) return { status: 400, why: routes.broken };
    //= RFC 3261 §16.3
    //# If the request contains a Proxy-Require header field (Section 20.29) with one or more
    //# option-tags this element does not understand, the element MUST return a 420 (Bad Extension)
    //# response.
    const required = header(request, "Proxy-Require");
    if (required !== undefined) {
      const why = "a Proxy-Require that is not supported";
      //= RFC 3261 §16.3
      //# The response MUST include an Unsupported (Section 20.40) header field listing those
      //# option-tags the element did not understand.
      return { status: 420, why, headers: [["Unsupported", required]] };
    }
    return undefined;
  }

  // ---- in a dialog -----------------------------------------------------------------------------

  #inDialog(from: Incoming, routes: Routes): void {
    const target = routes.cookie && namedFlow(this.#endpoint, routes.cookie.target, from);
    if (!target) {
      return this.#refuse(from, 430, "the other side's connection is gone", { status: 430 });
    }
    const text = this.#forwardText(from, routes, target);
    new ProxyContext(this.#endpoint, from, [{ text, flow: target }]);
  }

  #forwardText(from: Incoming, routes: Routes, flow: Flow): string {
    const about = branchAbout(from);
    return forwardRequest(from, {
      via: branchVia(this.#endpoint.ids, flow, about),
      ownRoutes: routes.own,
      realm: this.#options.realm,
    });
  }

  // ---- outside of dialogs ----------------------------------------------------------------------

  #outOfDialog(from: Incoming, routes: Routes, known: Known): void {
    const { request, essentials } = from;
    const sender = parseSipUri(essentials.from.uri);
    if (!sender.ok || !this.#isAddressOf(sender.value, known.account)) {
      return this.#explain(from, 403, `From has to be the address of ${known.account}`);
    }
    const uri = parseSipUri(request.uri);
    if (!uri.ok) return;
    if (uri.value.scheme === "sips") {
      return this.#explain(from, 416, "sips is not served here: there is no TLS yet");
    }
    if (routes.foreign || !this.#isOurs(uri.value, from.flow)) {
      return this.#explain(from, 403, "requests to other domains are not forwarded here");
    }
    if (request.method === "REGISTER") return this.#register(from, known);
    if (essentials.toTag !== "") {
      return this.#explain(from, 481, "there is no such dialog here");
    }
    const user = uri.value.user === undefined ? "" : unescapeUri(uri.value.user);
    if (user === "") return this.#toServer(from);
    if (!this.#options.accounts.has(user)) {
      return this.#explain(from, 404, `nobody here is called ${user}`);
    }
    const found = this.#options.location.bindings(user, this.#endpoint.now);
    withAnswer(found, (bindings) => this.#fork(from, routes, user, bindings));
  }

  #fork(from: Incoming, routes: Routes, user: string, bindings: readonly Binding[]): void {
    const endpoint = this.#endpoint;
    const about = branchAbout(from);
    const { realm } = this.#options;
    const branches = bindings.flatMap((binding) => {
      const flow = bindingFlow(endpoint, binding);
      if (!flow) return [];
      //= RFC 3261 §16.6
      //# The Request-URI in the copy's start line MUST be replaced with the URI for this target.
      const text = forwardRequest(from, {
        uri: binding.contact,
        via: branchVia(endpoint.ids, flow, about),
        recordRoutes: recordRoutes(endpoint.ids, from, flow),
        ownRoutes: routes.own,
        realm,
      });
      return [{ text, flow }];
    });
    //= RFC 3261 §16.5
    //# If the target set remains empty after applying all of the above, the proxy MUST return an
    //# error response, which SHOULD be the 480 (Temporarily Unavailable) response.
    if (branches.length === 0) return this.#explain(from, 480, `${user} is not online`);
    this.#log(from, "Forwarded", `to ${branches.length} device(s) of ${user}`);
    new ProxyContext(endpoint, from, branches);
  }

  #register(from: Incoming, known: Known): void {
    const to = parseSipUri(from.essentials.to.uri);
    //= RFC 3261 §10.3
    //# The registrar SHOULD determine if the authenticated user is authorized to modify
    //# registrations for this address-of-record.
    if (!to.ok || !this.#isAddressOf(to.value, known.account)) {
      return this.#explain(from, 403, "devices can be registered for one's own address only");
    }
    const required = elements(from.request, "Require");
    if (required.ok && required.value.length > 0) {
      const headers = [["Unsupported", required.value.join(", ")] as const];
      return this.#explain(from, 420, "a Require that is not supported", headers);
    }
    this.#registrar.register(this.#endpoint, from, known.account, (status, why) => {
      this.#log(from, status === 200 ? "Registered" : "Refused", `${why} (${known.by})`, status);
    });
  }

  /** For the server itself: it can be asked what it is, and nothing else. */
  #toServer(from: Incoming): void {
    if (from.request.method !== "OPTIONS") {
      return this.#explain(from, 404, "the address names no person");
    }
    this.#endpoint.reply(from, {
      status: 200,
      headers: [
        ["Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE"],
        ["Accept", "application/sdp"],
      ],
    });
  }

  // ---- words -----------------------------------------------------------------------------------

  /** To somebody we know: the reason in words goes along. */
  #explain(from: Incoming, status: number, why: string, headers: Reply["headers"] = []): void {
    const agent = this.#endpoint.product.split("/")[0] || "sip";
    const said = [["Warning", warning(agent, why)] as const];
    this.#refuse(from, status, why, { status, headers: [...headers, ...said] });
  }

  #refuse(from: Incoming, status: number, why: string, reply: Reply): void {
    this.#log(from, "Refused", why, status);
    const { headers, reasonPhrase } = reply;
    this.#endpoint.reply(from, {
      status,
      ...(headers && { headers }),
      ...(reasonPhrase !== undefined && { reasonPhrase }),
    });
  }

  #log(from: Incoming, kind: LogEntry["kind"], why: string, status?: number): void {
    const { request, essentials, flow } = from;
    this.#options.log?.({
      kind,
      at: this.#endpoint.now,
      method: request.method,
      from: essentials.from.uri,
      source: formatFlow(flow),
      callId: essentials.callId,
      why,
      ...(status !== undefined && { status }),
    });
  }

  // ---- whose ------------------------------------------------------------------------------------

  /** A name or address of ours, at a port that we listen on. */
  #isOurs({ host, port }: SipUri, arrived: Flow): boolean {
    if (!this.#hosts.has(host)) return false;
    if (port === undefined || port === arrived.local.port) return true;
    return this.#endpoint.locals.some((local) => local.port === port);
  }

  #isAddressOf({ user, host }: SipUri, account: string): boolean {
    return user !== undefined && unescapeUri(user) === account && this.#hosts.has(host);
  }

  #expire(now: Millis): void {
    this.#options.location.expire?.(now);
    this.#endpoint.schedule(this.#expiry, now + EXPIRY_ROUND_MS);
  }
}

/**
 * Whether a request in a dialog comes from where that side of it was: the same connection, or the
 * same host over UDP, where a NAT may give another port at any time.
 */
const isSource = (name: FlowName, flow: Flow): boolean =>
  name.connection === flow.connection && name.host === flow.remote.host;
