import type { Endpoint, Role } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { toHex } from "../grammar/hex.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import { Admission, type Admitted } from "./admission.ts";
import { Pending } from "./answer.ts";
import { tellOf } from "./calls-told.ts";
import { type Cookie, Cookies } from "./cookie.ts";
import { Copies } from "./copies.ts";
import type { DomainOptions } from "./domain-options.ts";
import { Edge } from "./edge.ts";
import { EvenAnswers } from "./even-answers.ts";
import { FlowTokens } from "./flow-token.ts";
import { Gruus } from "./gruu.ts";
import { registrarGruus } from "./gruu-answer.ts";
import { foreignGruu } from "./gruu-contact.ts";
import { boundTo } from "./gruu-targets.ts";
import { Guard } from "./guard.ts";
import { InDialog, isSame, isSource } from "./in-dialog.ts";
import { OutOfDialog } from "./out-of-dialog.ts";
import { OutgoingCalls, type OutgoingCensus } from "./outgoing/outgoing-calls.ts";
import { OwnRequests } from "./own-requests.ts";
import { isLoop } from "./path.ts";
import type { Policy } from "./policy.ts";
import { ProxyContext } from "./proxy-context.ts";
import { leadsAstray } from "./reflectors.ts";
import { BINDING_LIMITS, type BindingLimits } from "./register.ts";
import { Registrar } from "./registrar.ts";
import { RegistrationRights } from "./registration-rights.ts";
import { Relay } from "./relay.ts";
import { type Routes, readRoutes } from "./routes.ts";
import { ServedNames } from "./served-names.ts";
import { ServicesAsked } from "./services-asked.ts";
import { type Shown, shownBy } from "./shown.ts";
import { Stateless } from "./stateless.ts";
import { refusalOf } from "./validation.ts";
import { Waker } from "./waker.ts";
import { Words } from "./words.ts";

/** A domain's server, and what it tells its operator. */
export interface DomainRole extends Role {
  /** How many calls people make, where `outgoing` of the policy has them counted. */
  outgoing(): OutgoingCensus;
}

/**
 * The server of one domain, as the role of an endpoint: proxy and registrar, RFC 3261 §10, §16.
 * What peers send wrong is answered as the RFC has it; it throws nothing.
 */
export function domain(options: DomainOptions): DomainRole {
  return new Domain(options);
}

const DEFAULTS: Policy = {};
const ASTRAY = "its Via names a service that answers whatever comes, or nobody: no answer";

/** What is asked about this often costs little and keeps the people list honest. */
const EXPIRY_ROUND_MS = 10_000;

class Domain implements DomainRole {
  readonly #options: DomainOptions;
  readonly #names: ServedNames;
  readonly #gruus: Gruus;
  readonly #guard: Guard;
  readonly #registrar: Registrar;
  readonly #shown: Shown;
  readonly #expiry: Timer = newTimer({ due: (now) => this.#expire(now) });
  #endpoint!: Endpoint;
  #evenAnswers!: EvenAnswers;
  #cookies!: Cookies;
  #tokens!: FlowTokens;
  #edge!: Edge;
  #copies!: Copies;
  #stateless!: Stateless;
  #words!: Words;
  #outOfDialog!: OutOfDialog;
  #services!: ServicesAsked;
  #dialogs!: InDialog;
  #outgoing!: OutgoingCalls;
  #admission!: Admission;
  #rights!: RegistrationRights;
  #waker!: Waker;

  constructor(options: DomainOptions) {
    this.#options = options;
    this.#shown = shownBy(options.advertise);
    const accountOf = (user: string) => this.#accountOf(user);
    const hosts = [options.domain, ...options.aliases];
    this.#names = new ServedNames(hosts, accountOf, options.isAlias);
    this.#gruus = new Gruus(options);
    this.#guard = new Guard(options);
    const answers = registrarGruus(this.#gruus);
    this.#registrar = new Registrar(options.location, answers, () => this.#limits);
  }

  attach(endpoint: Endpoint): void {
    const { crypto, realm, accounts, location, log, calls, bridge } = this.#options;
    const names = this.#names;
    this.#endpoint = endpoint;
    this.#evenAnswers = new EvenAnswers(endpoint);
    const boot = toHex(crypto.randomBytes(4));
    this.#cookies = new Cookies(endpoint.ids, boot);
    this.#tokens = new FlowTokens(endpoint.ids, boot);
    const serversOf = (domain: string) => this.#policy.stateless?.(domain) ?? [];
    const shown = this.#shown;
    this.#stateless = new Stateless(endpoint, boot, serversOf, shown);
    const { trusts } = this.#options;
    const currentPolicy = () => this.#policy;
    this.#admission = new Admission({
      ...{ endpoint, guard: this.#guard, names, trusts, policy: currentPolicy },
      services: () => this.#services,
    });
    const isPartner = (from: Incoming) => this.#admission.isPartner(from);
    const isSingle = () => this.#policy.recordRoute === "single";
    const isTrusted = ({ flow }: Incoming) => trusts?.(flow) === true;
    const deviceOf = (from: Incoming) => this.#deviceOf(from);
    const parts = { realm, isPartner, isTrusted, isSingle, deviceOf, shown };
    this.#copies = new Copies(endpoint, this.#cookies, parts);
    this.#words = new Words(endpoint, log);
    const copies = this.#copies;
    const relay = new Relay(endpoint, copies);
    this.#edge = new Edge({
      ...{ endpoint, tokens: this.#tokens, copies, relay, shown, words: this.#words },
      ...{ ...this.#options, policy: () => this.#policy.edge },
    });
    this.#waker = new Waker({ ...this.#options, endpoint });
    const waker = this.#waker;
    const wakers = [waker, this.#edge.phones.waker];
    this.#dialogs = new InDialog({ endpoint, names, location, copies, gruus: this.#gruus, wakers });
    this.#rights = new RegistrationRights({
      ...{ endpoint, names, accounts, waker, trusts, policy: currentPolicy },
    });
    const own = new OwnRequests(endpoint, shown);
    const people = { isPerson: (user: string) => accounts.has(user), names, isTrusted };
    const kept = { store: this.#options.outgoing, policy: currentPolicy };
    const outgoing = new OutgoingCalls({ endpoint, own, ...people, ...kept });
    this.#outgoing = outgoing;
    this.#outOfDialog = new OutOfDialog({
      ...{ endpoint, names, accounts, location, copies, relay, calls, bridge, outgoing },
      ...{ words: this.#words, waker: this.#waker, gruus: this.#gruus },
      services: () => this.#services,
      policy: currentPolicy,
    });
    this.#services = this.#attachServices(own, outgoing);
  }

  #attachServices(own: OwnRequests, outgoing: OutgoingCalls): ServicesAsked {
    const { accounts, location, domain, realm, services = [] } = this.#options;
    const [endpoint, shown] = [this.#endpoint, this.#shown];
    return new ServicesAsked(services, {
      ...{ endpoint, domain, realm, names: this.#names, accounts, location, shown },
      words: this.#words,
      boundTo: (uri, all) => boundTo(this.#gruus, uri, all),
      usual: (asked) => this.#outOfDialog.usual(asked),
      ...{ mayDial: (...who) => outgoing.mayDial(...who), handsOver: () => outgoing.handsOver },
      mayLeave: ({ account, uri }) => this.#policy.relay?.(account, uri) === true,
      overFlow: (flow, what, done) => own.overFlow(flow, what, done),
      toBinding: (binding, what, done) => own.toBinding(binding, what, done),
      toServers: (uri, what, done) => own.toServers(uri, what, done),
    });
  }

  outgoing(): OutgoingCensus {
    return this.#outgoing.census();
  }

  //= RFC 5626 §7
  //# If a proxy or registrar receives information from the network that indicates that no future
  //# messages will be delivered on a specific flow, then the proxy MUST invalidate all the bindings
  //# in the target set that use that flow (regardless of AOR).
  //= RFC 5626 §7
  //# Similarly, if a proxy closes a file descriptor, it MUST invalidate all the bindings in the
  //# target set with flows that use that file descriptor.
  closed(flow: Flow): void {
    this.#options.location.drop(flow.connection);
    this.#services.closed(flow);
    this.#edge.phones.closed(flow);
  }

  //= RFC 3261 §16.2
  //# For all new requests, including any with unknown methods, an element intending to proxy the
  //# request MUST:
  //= RFC 3261 §16.1
  //# When responding directly to a request, the element is playing the role of a UAS and MUST
  //# behave as described in Section 8.2.
  request(from: Incoming): void {
    if (this.#expiry.at === NEVER) this.#expire(this.#endpoint.now);
    if (leadsAstray(from)) return this.#words.log(from, "Refused", ASTRAY);
    const routes = this.#routes(from);
    const refusal = refusalOf(from, routes, isLoop(this.#endpoint.ids, from));
    if (refusal) {
      if (!this.#mayAnswer(from)) return;
      this.#words.log(from, "Refused", refusal.why, refusal.status);
      const { why: _, ...reply } = refusal;
      return this.#endpoint.reply(from, reply);
    }
    if (this.#edge.take(from, routes)) return;
    if (!routes.cookie && this.#stateless.take(from, routes)) return;
    if (this.#services.inOwnDialog(from, routes)) return;
    // Nobody registers inside a dialog.
    const cookie = from.request.method === "REGISTER" ? undefined : routes.cookie;
    const isItsOwn =
      cookie && (isSource(cookie.source, from.flow) || this.#edge.isOwnDialog(from, cookie));
    if (isItsOwn) return this.#inDialog(from, routes, cookie);
    //= RFC 3261 §16.3
    //# If an element requires credentials before forwarding a request, the request MUST be
    //# inspected as described in Section 22.3.
    const verdict = this.#admission.judge(from);
    if (verdict.kind === "Silent") return;
    if (verdict.kind === "Asked") {
      this.#words.log(from, "Refused", verdict.why, verdict.reply.status);
      if (verdict.isCompared) return this.#evenAnswers.put(from, verdict.reply);
      return this.#endpoint.reply(from, verdict.reply);
    }
    // Neither silence alone nor a crowd of strangers ends the connection of somebody we know.
    this.#endpoint.keep(from.flow.connection);
    const { uri } = from.essentials.from;
    if (verdict.kind === "Known" && !this.#names.isAddressOf(uri, verdict.account)) {
      return this.#words.explain(from, 403, `From has to be the address of ${verdict.account}`);
    }
    const foreign = verdict.kind === "Known" && foreignGruu(from, this.#names, verdict.account);
    if (foreign) return this.#words.explain(from, foreign.status, foreign.why);
    // Somebody of the dialog, but from another place than before: moved, not forged.
    if (cookie) return this.#inDialog(from, routes, cookie);
    const account = "account" in verdict ? verdict.account : undefined;
    this.#outOfDialog.take(from, routes, account, () => this.#register(from, verdict));
  }

  /** Of somebody whom nobody has vouched for yet. */
  #mayAnswer({ flow }: Incoming): boolean {
    return this.#options.strangers?.answers(flow, this.#endpoint.now) !== false;
  }

  /** The device whose flow it came over: its dialog may be found over another flow of that one. */
  #deviceOf({ essentials, flow }: Incoming): Octets | undefined {
    const user = this.#names.userIn(essentials.from.uri);
    const found = user && this.#options.location.bindings(user, this.#endpoint.now);
    if (!found || found instanceof Pending) return undefined;
    const there = found.filter((one) => isSame(one.flow, flow)).map(({ instance }) => instance);
    // Behind one edge there may be several.
    return new Set(there).size === 1 ? there[0] : undefined;
  }

  //= RFC 3261 §16.11
  //# A stateless proxy MUST validate a request as described in Section 16.3
  /**
   * An ACK cannot be asked for credentials: with the cookie and from its place it goes on, or from
   * where its sender has registered. Who moved in a call would be hung up on without.
   */
  ack(from: Incoming): void {
    const routes = this.#routes(from);
    //= RFC 3261 §22.1
    //# any credentials in the INVITE that were accepted by a server MUST be accepted by that server
    //# for the ACK.
    const { cookie } = routes;
    if (refusalOf(from, routes, isLoop(this.#endpoint.ids, from))) return;
    if (this.#edge.ack(from, routes)) return;
    if (!cookie) return void (this.#stateless.take(from, routes) || this.#services.ack(from));
    const goOn = () => this.#dialogs.forwardAck(from, routes, cookie);
    const isItsOwn = isSource(cookie.source, from.flow) || this.#edge.isOwnDialog(from, cookie);
    if (isItsOwn) goOn();
    else this.#dialogs.ifRegisteredThere(from, goOn);
  }

  /** Of an INVITE that was passed on without state. */
  cancel(from: Incoming): boolean {
    const routes = this.#routes(from);
    const isValid = !refusalOf(from, routes, isLoop(this.#endpoint.ids, from));
    return isValid && this.#stateless.take(from, routes);
  }

  response(response: Response, essentials: Essentials): void {
    this.#stateless.response(response, essentials);
  }

  #inDialog(from: Incoming, routes: Routes, cookie: Cookie): void {
    const { refusal, heard } = this.#outgoing.inDialog(from, routes, cookie);
    if (refusal) return this.#words.explain(from, refusal.status, refusal.why);
    const context = ProxyContext.accept(this.#endpoint, from, heard);
    if (!context) return;
    tellOf(this.#options.calls, from, cookie, this.#endpoint.now);
    this.#dialogs.forward(context, routes, cookie, ({ status, why }) =>
      this.#words.refuse(context, status, why),
    );
  }

  #register(from: Incoming, admitted: Admitted): void {
    const judged = this.#rights.judge(from, admitted);
    if ("status" in judged) {
      return this.#words.explain(from, judged.status, judged.why, judged.headers);
    }
    const { who, by } = judged;
    this.#registrar.register(this.#endpoint, from, who, (status, why) => {
      this.#words.log(from, status === 200 ? "Registered" : "Refused", `${why} (${by})`, status);
      if (status !== 200) return;
      this.#services.registered(who.account, from);
      this.#waker.registered(who.account, from);
    });
  }

  #routes(from: Incoming): Routes {
    const { locals } = this.#endpoint;
    const isOurs = (uri: SipUri) =>
      this.#names.isOurs(uri, from.flow, locals) || this.#edge.isCalled(uri);
    return readRoutes(from, isOurs, { cookies: this.#cookies, tokens: this.#tokens });
  }

  /** Whom a user part names: nobody's other name stands in the way of somebody's own. */
  #accountOf(user: string): string {
    const { alias } = this.#policy;
    //= RFC 5627 §4.4
    //# When a UA wishes to construct an anonymous request as described in RFC 3323 [15], it SHOULD
    //# use a temporary GRUU.
    const hidden = this.#gruus.accountOf(user);
    if (hidden !== undefined) return hidden;
    return alias === undefined || this.#options.accounts.has(user) ? user : (alias(user) ?? user);
  }

  get #limits(): BindingLimits {
    const { contactsPerAccount, contactsPerDevice } = this.#policy;
    const perAccount = contactsPerAccount ?? BINDING_LIMITS.perAccount;
    return { perAccount, perDevice: Math.min(perAccount, contactsPerDevice ?? perAccount) };
  }

  get #policy(): Policy {
    return this.#options.policy?.() ?? DEFAULTS;
  }

  #expire(now: Millis): void {
    this.#options.location.expire?.(now);
    this.#waker.round(now);
    this.#edge.phones.round(now);
    this.#endpoint.schedule(this.#expiry, now + EXPIRY_ROUND_MS);
  }
}
