/**
 * A user agent: what comes to a person's device and what it sends. RFC 3261 §8.
 *
 * Where it has a server, everything goes there and nothing is taken from anywhere else, unless its
 * owner wants that: who knows a device's address can neither ring it past its server nor meddle
 * with its calls. Without one it calls others straight, and takes calls from its neighbours. Calls
 * are sessions of their own, each with its own way; this is what they share.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { oneLine } from "../endpoint/reply.ts";
import type { Role } from "../endpoint/role.ts";
import type { ServerTransaction } from "../endpoint/server-transaction.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { flat, fromText, type Octets, toText } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import { header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import { DEFAULT_TIMERS, NEVER } from "../transaction/timers.ts";
import { type Flow, isSameFlow, isSamePeer, isWebSocket } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Abilities } from "./abilities.ts";
import type { Credentials } from "./credentials.ts";
import { Direct } from "./direct-way.ts";
import type { IncomingSession } from "./incoming-session.ts";
import { receiveNew } from "./new-request.ts";
import { allowed, capabilities } from "./objection.ts";
import type { Outgoing, OutgoingRequest, RequestUser } from "./outgoing-request.ts";
import { NOTHING_MORE, type Registered } from "./registrar-more.ts";
import type { Session } from "./session.ts";
import { Takers } from "./takers.ts";
import { ThroughServer, type Way } from "./way.ts";

export interface AgentOptions {
  /** `sip:alice@example.com` */
  readonly aor: string;
  readonly displayName?: string;
  /** From whom calls are taken. `server` if left out. */
  readonly accept?: Accept;
  /** This device: `urn:uuid:…`. */
  readonly instance?: string;
}

/**
 * `server`: only what comes from the server. `local`: from whoever is on a network of this machine,
 * too. `anyone`: from everybody, also.
 */
export type Accept = "server" | "local" | "anyone";

/** What an agent tells its owner. */
export interface AgentUser {
  /** A call; ring it, and answer or refuse it. */
  called(session: IncomingSession, from: Incoming): void;
  opened(flow: Flow, dial: number | undefined): void;
  notOpened(dial: number, cause: unknown): void;
  /** A flow is gone, for this reason in words. */
  cutOff(flow: Flow, why: string): void;
  /** A first call has begun. */
  inCall?(): void;
  /** What came over a flow and is no message. */
  keptAlive?(flow: Flow, octets: Octets): void;
  /** The last session has been forgotten, and nothing else goes on. */
  idle(): void;
  /** Whether an address is on a network of this machine. */
  isLocal?(host: string): boolean;
}

/** What a registrar says of this device beside the time. */
export type Learned = Pick<Registered, "contact" | "serviceRoute">;

/** How long answers may still come over a flow that is not used any more. */
const LAST_WORDS_MS = 64 * DEFAULT_TIMERS.t1;
/** Calls at a time, ringing ones among them: over it, a phone is busy. */
const MAX_SESSIONS = 100;
/** A server's reason that is longer is not for people. */
const MAX_REASON = 200;

export class Agent implements Role {
  readonly aor: string;
  /** `"Alice" <sip:alice@example.com>`: what goes into From. */
  readonly address: Octets;
  /** INVITEs that started a call, and REFERs, whose transactions are not over. */
  readonly ongoing: Set<ServerTransaction> = new Set();
  /** What it can do beside the least. */
  readonly abilities: Abilities = new Abilities();
  /** Who takes what is not about calls. */
  readonly takers: Takers = new Takers(() => this.#ifIdle());
  credentials: Credentials | undefined;
  /** This device, for RFC 5626 and RFC 5627: `urn:uuid:…`. */
  readonly instance: Octets | undefined;
  /** Flows to servers, the preferred first. */
  #flows: readonly Flow[] = [];
  /** Those over which only goes on what began there. */
  #retired: readonly Flow[] = [];
  readonly #sweep: Timer = newTimer({ due: () => this.#closeUnused() });
  /** No server knows this device. */
  #isAway = true;
  #learned: Learned = NOTHING_MORE;
  endpoint!: Endpoint;
  readonly #accept: Accept | undefined;
  /** Whether there is a server, reached or not. */
  hasServer = true;
  readonly #user: AgentUser;
  readonly #userPart: Octets;
  readonly #sessions = new Map<string, Session>();
  /** sent-by and Contact of a page, which has no address that others could use. RFC 7118 §5. */
  #invalid = "";

  constructor(options: AgentOptions, user: AgentUser) {
    const { aor, displayName = "", accept, instance } = options;
    //= RFC 3261 §8.1.1.2
    //# All SIP implementations MUST support the SIP URI scheme.
    const uri = parseSipUri(aor);
    if (!uri.ok) throw new RangeError(`aor ${JSON.stringify(aor)}: ${uri.error.message}`);
    this.aor = aor;
    this.#userPart = uri.value.user ?? "anonymous";
    const name = displayName === "" ? "" : `${quote(fromText(oneLine(displayName)))} `;
    this.address = `${name}<${aor}>`;
    this.#user = user;
    this.#accept = accept;
    this.instance = instance;
  }

  // ---- flows to servers ------------------------------------------------------------------------

  /** The way to the server; undefined while there is none. */
  get flow(): Flow | undefined {
    return this.#flows[0];
  }

  /** Replaces all there were. */
  set flow(flow: Flow | undefined) {
    this.#flows = flow ? [flow] : [];
  }

  /** There is this one, too. */
  use(flow: Flow): void {
    if (!this.#flows.includes(flow)) this.#flows = [...this.#flows, flow];
  }

  /** Nothing new goes over this one; it is closed when nothing of what began there is left. */
  retire(flow: Flow): void {
    this.#flows = this.#flows.filter((one) => one !== flow);
    this.#retired = [...this.#retired, flow];
    const { endpoint } = this;
    endpoint.schedule(this.#sweep, endpoint.now + LAST_WORDS_MS);
  }

  /** It leads nowhere any more, for this reason in words. */
  lost(flow: Flow, why: string): void {
    if (!this.isOpen(flow)) return this.#user.cutOff(flow, why);
    const isLeft = (one: Flow): boolean => !isSameFlow(one, flow);
    this.#flows = this.#flows.filter(isLeft);
    this.#retired = this.#retired.filter(isLeft);
    if (flow.connection !== 0) this.endpoint.close(flow.connection);
    for (const session of [...this.#sessions.values()]) {
      if (session.way.isOver(flow)) session.cutOff(why);
    }
    if (!this.flow) {
      this.#isAway = true;
      this.takers.tell("cutOff");
    }
    this.#user.cutOff(flow, why);
    // What is registered over another flow goes on over that one.
    if (this.flow) this.endpoint.later(() => this.back());
  }

  /** Calls that go straight to their other side, and over an address that is gone, move. */
  moved(isGone: (flow: Flow) => boolean, why: string): void {
    const sessions = [...this.#sessions.values()].filter(({ way }) => way.leave(isGone));
    for (const session of sessions) session.cutOff(why);
    this.endpoint.later(() => {
      for (const session of sessions) session.back?.();
    });
  }

  #closeUnused(): void {
    const sessions = [...this.#sessions.values()];
    const isUsed = (flow: Flow): boolean => sessions.some(({ way }) => way.isOver(flow));
    for (const flow of this.#retired) {
      if (!isUsed(flow) && flow.connection !== 0) this.endpoint.close(flow.connection);
    }
    this.#retired = this.#retired.filter(isUsed);
  }

  /** What a registrar has said beside the time. */
  learn(learned: Learned): void {
    this.#learned = learned;
  }

  /** Route of what begins something by way of the server. RFC 3608. */
  get serviceRoute(): readonly Octets[] {
    return this.#learned.serviceRoute;
  }

  attach(endpoint: Endpoint): void {
    this.endpoint = endpoint;
    this.#invalid = `${endpoint.ids.random(6)}.invalid`;
  }

  /** True while a call or something else goes on, or its last words are on their way. */
  get isBusy(): boolean {
    return this.#sessions.size > 0 || this.takers.isBusy;
  }

  get hasSessions(): boolean {
    return this.#sessions.size > 0;
  }

  #ifIdle(): void {
    if (!this.isBusy) this.#user.idle();
  }

  //= RFC 3261 §8.1.1.8
  //# That is, the Contact header field value contains the URI at which the UA would like to receive
  //# requests, and this URI MUST be valid even if used in subsequent requests outside of any
  //# dialogs.
  //= RFC 3311 §5.1
  //# If a UA uses an UPDATE request or response to modify the remote target while an INVITE
  //# transaction is in progress, and it is a UAS for that INVITE transaction, it MUST place the
  //# same value into the Contact header field of the 2xx to the INVITE that it placed into the
  //# UPDATE request or response.
  /** The URI at which this device is reached: in REGISTER, INVITE and answers the same. */
  get contact(): Octets {
    return this.contactOn(this.flow);
  }

  /** The same for who is reached over this flow. */
  contactOn(flow: Flow | undefined): Octets {
    const own = flow && this.#ownFlow(flow);
    if (!own) return this.addressOn(flow);
    const here = own.connection === flow.connection ? flow : own;
    return this.#learned.contact(this.addressOn(here));
  }

  /** Where this device is over this flow: what it registers. */
  addressOn(flow: Flow | undefined): Octets {
    const { transport = "UDP" } = flow ?? {};
    const param = transport === "UDP" ? "" : `;transport=${transport.toLowerCase()}`;
    return `sip:${this.#userPart}@${this.#sentBy(flow)}${param}`;
  }

  /** Every method that is understood: the value of Allow. */
  get allow(): Octets {
    const { reliable, methods } = this.abilities;
    return allowed([...(reliable ? ["PRACK"] : []), ...methods.keys(), ...this.takers.methods]);
  }

  /** What an OPTIONS is answered with. */
  get capabilities(): readonly HeaderField[] {
    //= RFC 8840 §10.6
    //# When responding to, or generating, a SIP OPTIONS request, a SIP entity MUST also include the
    //# "trickle-ice" option-tag in a SIP Supported: or Require: header field.
    const trickle = this.abilities.trickle?.headers() ?? [];
    return capabilities(this, [...trickle, ...this.takers.capabilities]);
  }

  /** The value of a Via with a branch of its own. */
  via(about: string, flow: Flow): Octets {
    const { transport } = flow;
    const rport = transport === "UDP" ? ";rport" : "";
    const branch = this.endpoint.ids.branch(about);
    //= RFC 3261 §8.1.1.7
    //# The protocol name and protocol version in the header field MUST be SIP and 2.0,
    //# respectively. The Via header field value MUST contain a branch parameter.
    //= RFC 3261 §18.1.1
    //# Before a request is sent, the client transport MUST insert a value of the "sent-by" field
    //# into the Via header field.
    return `SIP/2.0/${transport} ${this.#sentBy(flow)};branch=${branch}${rport}`;
  }

  /** A way for what begins here: by the server, or straight there. */
  wayOut(isDirect: boolean = !this.hasServer): Way {
    return isDirect ? new Direct(this, undefined) : new ThroughServer(this, this.flow);
  }

  /** Sends a request that belongs to no dialog; undefined while there is no way. */
  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined {
    return this.wayOut().send(what, user, nextSeq);
  }

  add(session: Session): void {
    if (!this.hasSessions) this.endpoint.later(() => this.#user.inCall?.());
    this.#sessions.set(flat(`${session.callId} ${session.localTag}`), session);
  }

  remove(session: Session): void {
    const known = this.#sessions.delete(`${session.callId} ${session.localTag}`);
    if (this.#retired.length > 0 && this.#sweep.at === NEVER) this.#closeUnused();
    if (known) this.#ifIdle();
  }

  //= RFC 3261 §20.43
  //# A system receiving this warning MUST NOT take any automated action.
  /** The server's own words about a refusal, from its Warning. RFC 3261 §20.43. */
  reasonIn(response: Message): string {
    const warning = header(response, "Warning");
    const text = warning && /^399 carillon "([^"]*)"$/i.exec(warning)?.[1];
    return text ? toText(flat(text.slice(0, MAX_REASON))) : "";
  }

  // ---- Role ------------------------------------------------------------------------------------

  request(from: Incoming): void {
    const { callId, toTag } = from.essentials;
    const session = this.#sessions.get(`${callId} ${toTag}`);
    const isAdmitted = session
      ? session.way.admits(from)
      : this.isFromServer(from) || this.takesFrom(from.flow);
    if (!isAdmitted) return this.endpoint.reply(from, { status: 403 });
    const taker = session ?? this.takers.ofDialog(callId, toTag);
    if (taker) taker.request(from);
    else {
      receiveNew(from, {
        ...{ agent: this, user: this.#user, userPart: this.#userPart },
        isFull: this.#sessions.size >= MAX_SESSIONS,
        find: (id, tag) => this.#sessions.get(`${id} ${tag}`),
      });
    }
  }

  ack(from: Incoming): void {
    const { callId, toTag } = from.essentials;
    const session = this.#sessions.get(`${callId} ${toTag}`);
    if (session?.way.admits(from)) session.ack(from);
  }

  opened(flow: Flow, dial: number | undefined): void {
    this.#user.opened(flow, dial);
  }

  notOpened(dial: number, cause: unknown): void {
    this.#user.notOpened(dial, cause);
  }

  closed(flow: Flow): void {
    this.lost(flow, GONE);
  }

  keptAlive(flow: Flow, octets: Octets): void {
    this.#user.keptAlive?.(flow, octets);
  }

  /** The server knows this device, perhaps again. */
  back(): void {
    for (const session of [...this.#sessions.values()]) session.back?.();
    if (this.#isAway) this.takers.tell("back");
    this.#isAway = false;
  }

  isFromServer(from: Incoming): boolean {
    return this.serverFlow(from) !== undefined;
  }

  /** The flow to the server that this came from, which may have another flow for what is large. */
  serverFlow({ flow }: Incoming): Flow | undefined {
    return this.#ownFlow(flow);
  }

  #ownFlow(flow: Flow): Flow | undefined {
    const all = [...this.#flows, ...this.#retired];
    return all.find((one) => isSamePeer(one, flow)) ?? all.find((one) => isForLargeOf(one, flow));
  }

  /** Whether who is there may call without the server. */
  takesFrom({ remote }: Flow): boolean {
    const accept = this.#accept ?? (this.hasServer ? "server" : "local");
    if (accept === "local") return this.#user.isLocal?.(remote.host) ?? false;
    return accept === "anyone";
  }

  /** Whether a flow to a server can be used. */
  isOpen(flow: Flow): boolean {
    return [...this.#flows, ...this.#retired].some((one) => isSameFlow(one, flow));
  }

  //= RFC 3261 §18.1.1
  //# For unreliable unicast transports, the client transport MUST be prepared to receive responses
  //# on the source IP address from which the request is sent (as responses are sent back to the
  //# source address) and the port number in the "sent-by" field.
  //= RFC 3261 §18.1.1
  //# The client MUST be prepared to receive responses on any address and port that would be
  //# selected by a server based on the procedures described in Section 5 of [4].
  // An address and a port leave it no choice, and these are where datagrams come in.
  #sentBy(flow: Flow | undefined): Octets {
    return flow && !isWebSocket(flow) ? formatAddress(flow.local) : this.#invalid;
  }
}

//= RFC 3261 §18.1.1
//# If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the
//# path MTU is unknown, the request MUST be sent using an RFC 2914 [43] congestion controlled
//# transport protocol, such as TCP.
/**
 * Whether it is a connection for what is too large for datagrams, between us and the server at the
 * other end of `server`, whoever of us has opened it. The port is any. What is admitted so is
 * everybody at the server's address: a handshake has proved that this is where they are, which no
 * datagram does. It may call us where we listen even if we have called it (RFC 3261 §18.2.1). A
 * server that proved its name by TLS has no such second way: it would be a way around that.
 */
const isForLargeOf = (server: Flow, { transport, remote }: Flow): boolean =>
  (server.transport === "UDP" || server.transport === "TCP") &&
  transport === "TCP" &&
  remote.host === server.remote.host;

const GONE = "The connection to the server is gone.";
