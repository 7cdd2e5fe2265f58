/**
 * A domain's server: stateful proxy that stays on the path, and registrar beside it, with every
 * request from outside a dialog authenticated. RFC 3261 §10, §16.
 */
import type { Crypto } from "../auth/crypto.ts";
import type { Endpoint, Role } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerUser } from "../endpoint/server-transaction.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { toHex } from "../grammar/hex.ts";
import { elements } from "../message/headers.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, formatFlow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Accounts } from "./accounts.ts";
import { withAnswer } from "./answer.ts";
import { incomingBreadth } from "./breadth.ts";
import { type Calls, callAnswered, callEnded } from "./calls-told.ts";
import { type Cookie, Cookies } from "./cookie.ts";
import { Copies, type Target } from "./copies.ts";
import { targetGroups } from "./forking.ts";
import { Guard, type Verdict } from "./guard.ts";
import { InDialog, isSource } from "./in-dialog.ts";
import type { Binding, Location } from "./location.ts";
import { isLoop } from "./path.ts";
import type { Asked, Decision, Policy } from "./policy.ts";
import { ProxyContext } from "./proxy-context.ts";
import { redirection } from "./redirect.ts";
import { Registrar } from "./registrar.ts";
import { Relay } from "./relay.ts";
import { type Routes, readRoutes } from "./routes.ts";
import { ServedNames } from "./served-names.ts";
import { bindingFlow } from "./target.ts";
import { refusalOf, unsupported } from "./validation.ts";

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
  /** The https URI where a page gets such tokens, if it is known: whoever is challenged is told. */
  readonly authzServer?: string;
  readonly node: string;
  /**
   * From where requests need no credentials: a gateway, another PBX of the house. They may come in
   * anybody's name, so it has to be a place from which nobody else can send, and over UDP one whose
   * address nobody can forge.
   */
  readonly trusts?: (flow: Flow) => boolean;
  /** What the operator decides; looked at for each request, so that it may change. */
  readonly policy?: () => Policy;
  readonly log?: (entry: LogEntry) => void;
  /** Hears of calls for people here, and of their ends. */
  readonly calls?: Calls;
}

/** What an operator may want to read later. Holds no credentials. */
export interface LogEntry {
  readonly kind: "Refused" | "Registered" | "Forwarded" | "Redirected";
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

/** Who may go on: somebody known, or whoever comes from a place that is trusted. */
type Admitted = Extract<Verdict, { kind: "Known" }> | { readonly kind: "Trusted" };
const TRUSTED = { kind: "Trusted" } as const;
const TRUSTED_PLACE = { by: "a trusted place", credential: undefined } as const;

const DEFAULTS: Policy = {};

/** What is asked about this often costs little and keeps the people list honest. */
const EXPIRY_ROUND_MS = 10_000;

class Domain implements Role {
  readonly #options: DomainOptions;
  readonly #names: ServedNames;
  readonly #guard: Guard;
  readonly #registrar: Registrar;
  readonly #expiry: Timer = newTimer({ due: (now) => this.#expire(now) });
  #endpoint!: Endpoint;
  #cookies!: Cookies;
  #copies!: Copies;
  #relay!: Relay;
  #dialogs!: InDialog;

  constructor(options: DomainOptions) {
    this.#options = options;
    this.#names = new ServedNames([options.domain, ...options.aliases]);
    this.#guard = new Guard(options);
    this.#registrar = new Registrar(options.location);
  }

  attach(endpoint: Endpoint): void {
    const { crypto, realm, location } = this.#options;
    this.#endpoint = endpoint;
    this.#cookies = new Cookies(endpoint.ids, toHex(crypto.randomBytes(4)));
    this.#copies = new Copies(endpoint, this.#cookies, realm);
    this.#relay = new Relay(endpoint, this.#copies);
    this.#dialogs = new InDialog(endpoint, this.#names, location, this.#copies);
  }

  closed({ connection }: Flow): void {
    this.#options.location.drop(connection);
  }

  //= RFC 3261 §16.2
  //# For all new requests, including any with unknown methods, an element intending to proxy the
  //# request MUST:
  //= RFC 3261 §16.1
  //# When responding directly to a request, the element is playing the role of a UAS and MUST
  //# behave as described in Section 8.2.
  request(from: Incoming): void {
    if (this.#expiry.at === NEVER) this.#expire(this.#endpoint.now);
    const routes = this.#routes(from);
    const refusal = refusalOf(from, routes, isLoop(this.#endpoint.ids, from));
    if (refusal) {
      this.#log(from, "Refused", refusal.why, refusal.status);
      const { why: _, ...reply } = refusal;
      return this.#endpoint.reply(from, reply);
    }
    // Nobody registers inside a dialog.
    const cookie = from.request.method === "REGISTER" ? undefined : routes.cookie;
    if (cookie && isSource(cookie.source, from.flow)) return this.#inDialog(from, routes, cookie);
    //= RFC 3261 §16.3
    //# If an element requires credentials before forwarding a request, the request MUST be
    //# inspected as described in Section 22.3.
    const isTrusted = this.#options.trusts?.(from.flow) === true;
    const verdict = isTrusted ? TRUSTED : this.#guard.check(from, this.#endpoint.now);
    if (verdict.kind === "Asked") {
      this.#log(from, "Refused", verdict.why, verdict.reply.status);
      return this.#endpoint.reply(from, verdict.reply);
    }
    // Silence alone does not end the connection of somebody we know.
    if (verdict.kind === "Known") this.#endpoint.keep(from.flow.connection);
    const { uri } = from.essentials.from;
    if (verdict.kind === "Known" && !this.#names.isAddressOf(uri, verdict.account)) {
      return this.#explain(from, 403, `From has to be the address of ${verdict.account}`);
    }
    // Somebody of the dialog, but from another place than before: moved, not forged.
    if (cookie) return this.#inDialog(from, routes, cookie);
    this.#outOfDialog(from, routes, verdict);
  }

  //= RFC 3261 §16.11
  //# A stateless proxy MUST validate a request as described in Section 16.3
  /** An ACK cannot be asked for credentials: with the cookie and from its place it goes on. */
  ack(from: Incoming): void {
    const routes = this.#routes(from);
    //= RFC 3261 §22.1
    //# any credentials in the INVITE that were accepted by a server MUST be accepted by that server
    //# for the ACK.
    const { cookie } = routes;
    if (!cookie || !isSource(cookie.source, from.flow)) return;
    if (refusalOf(from, routes, isLoop(this.#endpoint.ids, from))) return;
    this.#dialogs.forwardAck(from, routes, cookie);
  }

  #inDialog(from: Incoming, routes: Routes, cookie: Cookie): void {
    const context = ProxyContext.accept(this.#endpoint, from);
    if (!context) return;
    const { calls } = this.#options;
    if (from.request.method === "BYE") calls?.ended(callEnded(from, cookie, this.#endpoint.now));
    this.#dialogs.forward(context, routes, cookie, ({ status, why }) =>
      this.#refuse(context, status, why),
    );
  }

  // ---- outside of dialogs ----------------------------------------------------------------------

  #outOfDialog(from: Incoming, routes: Routes, admitted: Admitted): void {
    const { request, essentials } = from;
    const uri = parseSipUri(request.uri);
    if (!uri.ok) return;
    if (uri.value.scheme === "sips") {
      return this.#explain(from, 416, "sips is not served here: there is no TLS yet");
    }
    const isOurs = this.#names.isOurs(uri.value, from.flow, this.#endpoint.locals);
    if (isOurs && request.method === "REGISTER") return this.#register(from, admitted);
    if (isOurs && essentials.toTag !== "") {
      return this.#explain(from, 481, "there is no such dialog here");
    }
    const account = admitted.kind === "Known" ? admitted.account : undefined;
    const { route } = this.#policy;
    const asked: Asked = { method: request.method, uri: uri.value, account, isOurs, request };
    const usual = () => this.#usual(from, routes, asked);
    if (!route || routes.foreign) return usual();
    withAnswer(
      route(asked),
      (decision) => (decision ? this.#decided(from, decision) : usual()),
      (cause) => this.#explain(from, 500, `the route failed: ${cause}`),
    );
  }

  #decided(from: Incoming, decision: Decision): void {
    if (decision.kind === "Refuse") return this.#explain(from, decision.status, decision.why);
    const reply = redirection(decision);
    if (!reply.ok) return this.#explain(from, reply.error.status, reply.error.message);
    const contacts = decision.contacts.map(({ uri }) => uri).join(", ");
    this.#log(from, "Redirected", `to ${contacts}`, reply.value.status);
    this.#endpoint.accept(from, UNCONCERNED)?.reply(reply.value);
  }

  /** What becomes of a request where no route says otherwise. */
  #usual(from: Incoming, routes: Routes, asked: Asked): void {
    const { request } = from;
    if (routes.foreign || !asked.isOurs) return this.#abroad(from, routes, asked);
    const user = this.#names.userIn(request.uri);
    if (user === undefined) return this.#toServer(from);
    //= RFC 3261 §16.5
    //# If the Request-URI indicates a resource at this proxy that does not exist, the proxy MUST
    //# return a 404 (Not Found) response.
    if (!this.#options.accounts.has(user)) {
      return this.#explain(from, 404, `nobody here is called ${user}`);
    }
    const context = ProxyContext.accept(this.#endpoint, from, this.#listener(from, user));
    if (!context) return;
    //= RFC 3261 §16.5
    //# When accessing the location service constructed by a registrar, the Request-URI MUST first
    //# be canonicalized as described in Section 10.3 before being used as an index.
    const found = this.#options.location.bindings(user, this.#endpoint.now);
    withAnswer(
      found,
      (bindings) => this.#fork(context, routes, user, bindings),
      (cause) => {
        this.#log(from, "Refused", `the location service failed: ${cause}`, 503);
        context.refuse({ status: 503, headers: [["Retry-After", "10"]] });
      },
    );
  }

  /** To another domain, if that is allowed: by name, and never along a route that was brought. */
  #abroad(from: Incoming, routes: Routes, { method, uri, account }: Asked): void {
    const starts = method !== "REGISTER" && from.essentials.toTag === "" && !routes.foreign;
    if (!starts || !this.#policy.relay?.(account, uri)) {
      return this.#explain(from, 403, "requests to other domains are not forwarded here");
    }
    const breadth = incomingBreadth(from.request);
    if (!breadth.ok) return this.#explain(from, breadth.error.status, breadth.error.message);
    const branch = this.#relay.first(from, routes, breadth.value);
    if (!branch) return this.#explain(from, 416, "its next hop is no SIP URI");
    const context = ProxyContext.accept(this.#endpoint, from);
    if (!context) return;
    this.#log(from, "Forwarded", `to the servers of ${uri.host}`);
    context.forward([branch]);
  }

  //= RFC 3261 §16.5
  //# A proxy MUST NOT add additional targets to the target set if the Request-URI of the original
  //# request does not indicate a resource this proxy is responsible for.
  //= RFC 3261 §16.5
  //# If a target URI is already present in the set (based on the definition of equality for the URI
  //# type), it MUST NOT be added again.
  /** The registrar keeps each contact once. */
  #fork(context: ProxyContext, routes: Routes, user: string, bindings: readonly Binding[]): void {
    const devices = bindings.flatMap((binding) => {
      const flow = bindingFlow(this.#endpoint, binding);
      return flow ? [{ binding, flow }] : [];
    });
    //= RFC 3261 §16.5
    //# If the target set remains empty after applying all of the above, the proxy MUST return an
    //# error response, which SHOULD be the 480 (Temporarily Unavailable) response.
    if (devices.length === 0) return this.#refuse(context, 480, `${user} is not online`);
    const breadth = incomingBreadth(context.from.request);
    if (!breadth.ok) return this.#refuse(context, breadth.error.status, breadth.error.message);
    const groups = targetGroups(devices, this.#policy.forking ?? "parallel", breadth.value);
    if (!groups.ok) return this.#refuse(context, groups.error.status, groups.error.message);
    this.#sendTo(context, routes, user, groups.value);
  }

  #sendTo(
    context: ProxyContext,
    routes: Routes,
    user: string,
    [first = [], ...later]: readonly (readonly Target[])[],
  ): void {
    const { from } = context;
    const branchesTo = (targets: readonly Target[]) =>
      targets.flatMap((target) => this.#copies.first(from, routes, target) ?? []);
    const branches = branchesTo(first);
    if (branches.length === 0) return this.#refuse(context, 513, "no room left for our headers");
    if (context.isOver) return;
    this.#log(from, "Forwarded", `to ${branches.length} device(s) of ${user}`);
    const groups = later.map((targets) => () => branchesTo(targets));
    context.forward(branches, groups, this.#policy.ringMs);
  }

  /** Who is told of the final answer to what starts a call. */
  #listener(from: Incoming, callee: string): ((status: number) => void) | undefined {
    const { calls } = this.#options;
    if (!calls || from.request.method !== "INVITE") return undefined;
    const invitedAt = this.#endpoint.now;
    return (status) =>
      calls.answered(callAnswered(from, callee, { status, invitedAt, at: this.#endpoint.now }));
  }

  #register(from: Incoming, admitted: Admitted): void {
    //= RFC 3261 §10.3
    //# To guarantee that the registrar supports any necessary extensions, the registrar MUST
    //# process the Require header field values as described for UASs in Section 8.2.2.
    const required = unsupported(from, "Require");
    if (required) return this.#explain(from, required.status, required.why, required.headers);
    //= RFC 3261 §10.3
    //# If the authenticated user is not authorized to modify bindings, the registrar MUST return a
    //# 403 (Forbidden) and skip the remaining steps.
    const account = this.#names.userIn(from.essentials.to.uri);
    if (admitted.kind === "Known" ? account !== admitted.account : account === undefined) {
      return this.#explain(from, 403, "devices can be registered for one's own address only");
    }
    //= RFC 3261 §10.3
    //# If the address-of-record is not valid for the domain in the Request-URI, the registrar MUST
    //# send a 404 (Not Found) response and skip the remaining steps.
    if (account === undefined || !this.#options.accounts.has(account)) {
      return this.#explain(from, 404, `nobody here is called ${account}`);
    }
    if (this.#isContactHere(from)) {
      return this.#explain(from, 403, "no device is reached at an address of this domain itself");
    }
    const { by, credential } = admitted.kind === "Known" ? admitted : TRUSTED_PLACE;
    this.#registrar.register(this.#endpoint, from, { account, credential }, (status, why) => {
      this.#log(from, status === 200 ? "Registered" : "Refused", `${why} (${by})`, status);
    });
  }

  /**
   * Whether it wants calls for this domain sent to this domain. They would go to whoever registered
   * and not here: such a device is a server that sends them back, by mistake or on purpose, which
   * is how RFC 5393 §3 makes one request many.
   */
  #isContactHere({ request, flow }: Incoming): boolean {
    const contacts = elements(request, "Contact");
    if (!contacts.ok) return false;
    return contacts.value.some((text) => {
      const address = parseNameAddr(text);
      return address.ok && this.#names.leadsHere(address.value.uri, flow, this.#endpoint.locals);
    });
  }

  /** For the server itself: it can be asked what it is, and nothing else. */
  #toServer(from: Incoming): void {
    const required = unsupported(from, "Require");
    if (required) return this.#explain(from, required.status, required.why, required.headers);
    if (from.request.method !== "OPTIONS") {
      return this.#explain(from, 404, "the address names no person");
    }
    this.#endpoint.accept(from, UNCONCERNED)?.reply({
      status: 200,
      headers: [
        ["Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE"],
        ["Accept", "application/sdp"],
      ],
    });
  }

  get #policy(): Policy {
    return this.#options.policy?.() ?? DEFAULTS;
  }

  #routes(from: Incoming): Routes {
    const { locals } = this.#endpoint;
    return readRoutes(from, (uri) => this.#names.isOurs(uri, from.flow, locals), this.#cookies);
  }

  // ---- words -----------------------------------------------------------------------------------

  /** To somebody we know: the reason in words goes along, and is said again until it is heard. */
  #explain(from: Incoming, status: number, why: string, headers: Reply["headers"] = []): void {
    this.#log(from, "Refused", why, status);
    this.#endpoint.accept(from, UNCONCERNED)?.reply(this.#inWords(status, why, headers));
  }

  #refuse(context: ProxyContext, status: number, why: string): void {
    this.#log(context.from, "Refused", why, status);
    context.refuse(this.#inWords(status, why));
  }

  #inWords(status: number, why: string, headers: Reply["headers"] = []): Reply {
    return { status, headers: [...headers, explanation(this.#endpoint.product, why)] };
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

  #expire(now: Millis): void {
    this.#options.location.expire?.(now);
    this.#endpoint.schedule(this.#expiry, now + EXPIRY_ROUND_MS);
  }
}

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
