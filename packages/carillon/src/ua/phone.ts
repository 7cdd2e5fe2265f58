/** A phone: one address on one device, in any world. */
import type { Crypto } from "../auth/crypto.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { TraceEntry } from "../endpoint/role.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Millis } from "../transaction/timers.ts";
import { parseSipUri, unescapeUri } from "../uri/sip-uri.ts";
import { type Accept, Agent, type AgentUser } from "./agent.ts";
import { Call, type CallParts, type RedirectPolicy } from "./call.ts";
import type { About } from "./call-beside.ts";
import type { Peer } from "./call-state.ts";
import { joinHeaders, type NamedDialog, replacesHeaders } from "./claim.ts";
import { type Credentials, PasswordCredentials, TokenCredentials } from "./credentials.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { IncomingSession } from "./incoming-session.ts";
import type { IncomingTransfer } from "./incoming-transfer.ts";
import { invitationTo } from "./invitation.ts";
import type { MediaFactory, MediaSession, Wanted } from "./media.ts";
import { MessageInbox, type MessagesOptions, messageQueue } from "./message-inbox.ts";
import { type MessageAnswer, type MessageOptions, MessageOutbox } from "./message-outbox.ts";
import { OutgoingSession } from "./outgoing-session.ts";
import { share } from "./phone-parts.ts";
import type { FlowState, PhoneState } from "./phone-state.ts";
import { Registrations } from "./registrations.ts";
import { Changing, type IterationOptions, Queue } from "./replay.ts";
import type { ServerWay } from "./server-way.ts";
import type { SessionUser } from "./session.ts";
import { SipError } from "./sip-error.ts";

export interface PhoneOptions {
  /** One's own address: `sip:alice@example.com`. */
  readonly aor: string;
  readonly displayName?: string;
  /** What signs in: a password for digest, with the user part of `aor` as its user name… */
  readonly password?: string;
  /** …or a function that gets a fresh Bearer token whenever one is needed. */
  readonly token?: () => Promise<string>;
  /**
   * From whom calls are taken: from one's `server` alone, which is so where there is one; from who
   * is on a network of this machine, too (`local`), which is so where there is none; or from
   * `anyone`.
   */
  readonly accept?: Accept;
  /**
   * Names this device, the same after every start: `urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6`.
   * With it the server can keep several flows of one device apart, replace old ones, and give it an
   * address of its own that others can use (RFC 5626, RFC 5627).
   */
  readonly instance?: string;
  /** How many of the servers are used at a time; two where one may fail. Needs `instance`. */
  readonly flows?: number;
  /** Said in User-Agent; empty says nothing. */
  readonly product?: string;
  /**
   * What becomes of a wish of the other side's to be called elsewhere (REFER) while nobody listens
   * at `call.transfers()` or `phone.transfers()`: `follow` does as they ask, at this phone's cost.
   * `refuse` unless it says otherwise.
   */
  readonly transfers?: "refuse" | "follow";
  /**
   * What becomes of calls that a 3xx sends elsewhere: they are followed, one contact after the
   * other by their q, unless it says otherwise. RFC 3261 §8.1.3.4.
   */
  readonly redirects?: RedirectPolicy;
  readonly trace?: (entry: TraceEntry) => void;
}

export interface CallOptions {
  /** Leaves it to the other side to offer; media are asked for once it has. RFC 3261 §13.2.1. */
  readonly lateOffer?: boolean;
  /**
   * A call between whoever is called and this side, or its `dialog` as it was stored, whose place
   * this one takes: how a page comes back after it was loaded anew. Their phone answers by itself,
   * and ends the other one. Where it knows of no such call, it refuses with
   * 481. RFC 3891.
   */
  readonly replaces?: Call | NamedDialog;
  /** The same of a call that this one is to join. RFC 3911. */
  readonly joins?: Call | NamedDialog;
  /**
   * Straight to whoever the address names, found by RFC 3263, and past one's server: as every call
   * of a phone that has none. Where the world has a DNS; a page has not.
   */
  readonly direct?: boolean;
}

/** What a phone needs of the world it runs in. */
export interface PhoneWorld<M extends MediaSession> {
  readonly crypto: Crypto;
  readonly media: MediaFactory<M>;
  /** Its media take candidates that come after a description: calls say so then. RFC 8840. */
  readonly trickles?: boolean;
  /** The preferred one first; a phone without any is reached at its own address. */
  readonly servers: (endpoint: Endpoint) => readonly ServerWay[];
  /** Whether an address is on a network of this machine; nothing is if it is left out. */
  readonly isLocal?: (host: string) => boolean;
  /** Starts the endpoint; the result runs things in its turn, tells the time and stops it. */
  readonly run: (endpoint: Endpoint) => PhoneHost;
}

export interface PhoneHost {
  call(run: () => void): void;
  now(): Millis;
  close(): void;
}

const AUDIO: Wanted = { audio: true, video: false };
/** How long a phone that is closed waits for answers to its farewells. */
const FAREWELL_MS = 2000;

export class Phone<M extends MediaSession = MediaSession> {
  readonly #agent: Agent;
  readonly #host: PhoneHost;
  readonly #world: PhoneWorld<M>;
  readonly #registrations: Registrations;
  readonly #inbox: MessageInbox;
  readonly #outbox: MessageOutbox;
  readonly #messageQueues = new Set<Queue<IncomingMessage>>();
  readonly #tokens: TokenCredentials | undefined;
  readonly #states: Changing<PhoneState>;
  readonly #listeners = new Set<Queue<Call<M>>>();
  readonly #calls = new Set<Call<M>>();
  readonly #watchers = new Set<(call: Call) => void>();
  readonly #transfers = new Set<Queue<IncomingTransfer<M>>>();
  readonly #follows: boolean;
  readonly #redirects: RedirectPolicy;
  #closing: Promise<void> | undefined;
  #onIdle = (): void => {};

  constructor(options: PhoneOptions, world: PhoneWorld<M>) {
    this.#world = world;
    this.#follows = options.transfers === "follow";
    this.#redirects = options.redirects ?? "follow";
    this.#agent = new Agent(
      { ...options, ...(world.trickles && { trickles: true }) },
      this.#agentUser(),
    );
    const { product = "", trace, token } = options;
    const endpoint = createEndpoint({
      role: this.#agent,
      crypto: world.crypto,
      product,
      ...(trace && { trace }),
    });
    this.#host = world.run(endpoint);
    this.#tokens = token && new TokenCredentials(token, (run) => this.#host.call(run));
    this.#agent.credentials = this.#tokens ?? digest(world.crypto, options);
    const { instance, flows = 1 } = options;
    const registrations = new Registrations(
      this.#agent,
      { ways: world.servers(endpoint), flows: instance === undefined ? 1 : flows },
      (state) => this.#states.set(state),
    );
    this.#registrations = registrations;
    this.#agent.hasServer = registrations.state.name !== "Listening";
    this.#states = new Changing<PhoneState>(registrations.state);
    this.#inbox = new MessageInbox(this.#agent);
    this.#outbox = new MessageOutbox(this.#agent);
    share(this, {
      ...{ agent: this.#agent, inbox: this.#inbox, outbox: this.#outbox },
      now: () => this.#host.now(),
      inTurn: (run) => this.#inTurn(run),
      watchCalls: (called) => {
        for (const call of this.#calls) called(call);
        this.#watchers.add(called);
        return () => this.#watchers.delete(called);
      },
    });
  }

  get aor(): string {
    return this.#agent.aor;
  }

  get state(): PhoneState {
    return this.#states.current;
  }

  /** The current state and every later one; ends when the phone is closed. */
  states(options?: IterationOptions): AsyncIterableIterator<PhoneState> {
    return this.#states.values(options);
  }

  /**
   * Resolves once the server knows this device, at once if it does already. From then on it is
   * kept so: refreshed, and signed in again when the connection was lost. Rejects with a SipError
   * when the try under way fails; others follow by themselves unless `state` is `Failed`, or
   * `Offline` for want of a token. A phone without a server has nothing to register: it resolves.
   */
  async register(): Promise<void> {
    if (this.#closing) throw closed();
    if (this.state.name === "Registered" || this.state.name === "Listening") return;
    if (this.state.name === "Offline" || this.state.name === "Failed") await this.#prepareToken();
    this.#host.call(() => this.#registrations.start());
    for await (const state of this.states()) {
      if (state.name === "Registered") return;
      if (state.error) throw state.error;
    }
    throw closed();
  }

  /** Its flows to servers, each with what it is in: one, unless two are asked for. RFC 5626. */
  flows(): readonly FlowState[] {
    return this.#registrations.flows;
  }

  /**
   * Says that the network of this machine is another one: what was connected is connected anew, and
   * calls that go on move there. The phones of `carillon/browser` and `carillon/node` see it by
   * themselves.
   */
  networkChanged(): void {
    if (!this.#closing) this.#host.call(() => this.#registrations.networkChanged());
  }

  /** Calls somebody: the call is there at once, and its states tell how it goes. */
  call(target: string, wanted: Wanted = AUDIO, options: CallOptions = {}): Call<M> {
    const { replaces, joins } = options;
    return this.#dial(target, wanted, options, [
      ...(replaces ? replacesHeaders(dialogIn(replaces)) : []),
      ...(joins ? joinHeaders(dialogIn(joins)) : []),
    ]);
  }

  #dial(
    target: string,
    wanted: Wanted,
    options: CallOptions,
    headers: readonly HeaderField[],
  ): Call<M> {
    if (this.#closing) throw closed();
    invitationTo(target);
    const start = (offer: string, user: SessionUser) =>
      new OutgoingSession(
        this.#agent,
        target,
        offer,
        user,
        this.#agent.wayOut(options.direct),
        headers,
      );
    const parts = this.#parts({ uri: target, displayName: "" });
    return this.#keep(Call.outgoing(parts, wanted, start, options));
  }

  /** Transfers that the other side of any call asks for: accept or refuse each. RFC 5589. */
  transfers({ signal }: IterationOptions = {}): AsyncIterableIterator<IncomingTransfer<M>> {
    const queue = new Queue<IncomingTransfer<M>>((one) => this.#transfers.delete(one), signal);
    if (this.#closing) queue.end();
    if (!queue.ended) this.#transfers.add(queue);
    return queue;
  }

  #transferAsked(transfer: IncomingTransfer<M>, isHeard: boolean): void {
    for (const queue of this.#transfers) queue.push(transfer);
    if (isHeard || this.#transfers.size > 0) return;
    // Not in the turn that it came in.
    void Promise.resolve().then(() => {
      if (this.#follows && !this.#closing) transfer.accept();
      else transfer.refuse();
    });
  }

  /** Calls that come in; each listener hears of every one. With no listener they are refused. */
  calls({ signal }: IterationOptions = {}): AsyncIterableIterator<Call<M>> {
    const queue = new Queue<Call<M>>((one) => this.#listeners.delete(one), signal);
    if (this.#closing) queue.end();
    if (!queue.ended) this.#listeners.add(queue);
    return queue;
  }

  /**
   * Sends an instant message. Resolves once a device of theirs has it, or a server that may deliver
   * it later; rejects with a SipError. With its headers it has 1300 octets at most. Throws on a
   * target that is no address. RFC 3428.
   */
  message(target: string, body: string, options: MessageOptions = {}): Promise<MessageAnswer> {
    if (this.#closing) return Promise.reject(closed());
    return this.#outbox.send(target, body, options, (run) => this.#host.call(run));
  }

  /**
   * Instant messages that come in, of the types in `accept`; each listener gets every one. With no
   * listener, or none for its type, a message is refused, and its sender hears that.
   */
  messages(options: MessagesOptions = {}): AsyncIterableIterator<IncomingMessage> {
    const queue = messageQueue(this.#inbox, options, (one) => this.#messageQueues.delete(one));
    if (this.#closing) queue.end();
    if (!queue.ended) this.#messageQueues.add(queue);
    return queue;
  }

  /**
   * Hangs up, signs off and stops. The farewells leave at once; resolves when they have been
   * answered, or two seconds later.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const farewells = Promise.withResolvers<void>();
    for (const call of this.#calls) call.leave();
    const queues = [...this.#listeners, ...this.#messageQueues, ...this.#transfers];
    for (const queue of queues) queue.end();
    this.#host.call(() => {
      const { endpoint, takers } = this.#agent;
      takers.tell("leave");
      const enough = newTimer({ due: () => farewells.resolve() });
      endpoint.schedule(enough, endpoint.now + FAREWELL_MS);
      this.#registrations.stop(() => {
        this.#onIdle = farewells.resolve;
        if (!this.#agent.isBusy) farewells.resolve();
      });
    });
    this.#states.end();
    await farewells.promise;
    this.#agent.takers.tell("abandon");
    this.#host.close();
  }

  #inTurn(run: () => void): void {
    if (this.#closing) throw closed();
    this.#host.call(run);
  }

  async #prepareToken(): Promise<void> {
    try {
      await this.#tokens?.prepare();
    } catch (cause) {
      if (cause instanceof SipError) throw cause;
      const words = cause instanceof Error ? cause.message : "There is no token to sign in with.";
      throw new SipError("SIP_UNAUTHORIZED", words);
    }
  }

  #agentUser(): AgentUser {
    return {
      called: (session, from) => this.#called(session, from),
      opened: (flow, dial) => void (dial !== undefined && this.#registrations.opened(flow, dial)),
      notOpened: (dial) => this.#registrations.notOpened(dial),
      cutOff: (flow, why) => this.#registrations.cutOff(flow, why),
      keptAlive: (flow, octets) => this.#registrations.keptAlive(flow, octets),
      isLocal: (host) => this.#world.isLocal?.(host) ?? false,
      idle: () => this.#onIdle(),
    };
  }

  #called(session: IncomingSession, from: Incoming): void {
    if (this.#listeners.size === 0) return session.reject(480);
    this.#taken(session, from);
  }

  #taken(session: IncomingSession, from: Incoming, about?: About): Call<M> {
    const { uri, displayName } = from.essentials.from;
    const peer: Peer = { uri: flat(uri), displayName: copied(displayName) };
    const call = this.#keep(Call.incoming(this.#parts(peer), session, about));
    if (about?.kind === "Replaces") call.answerByItself(about.wanted);
    else session.ring();
    if (about?.kind !== "Join") for (const queue of this.#listeners) queue.push(call);
    return call;
  }

  #keep(call: Call<M>): Call<M> {
    this.#calls.add(call);
    for (const called of this.#watchers) called(call as unknown as Call);
    call.ended.then(() => this.#calls.delete(call));
    return call;
  }

  #parts(peer: Peer): CallParts<M> {
    return {
      id: this.#agent.endpoint.ids.unique(),
      peer,
      media: this.#world.media,
      now: () => this.#host.now(),
      inTurn: (run) => this.#host.call(run),
      redirects: this.#redirects,
      phone: {
        aor: this.aor,
        dial: (target, wanted, referredBy) =>
          this.#dial(target, wanted, {}, referredBy ? [["Referred-By", referredBy]] : []),
        taken: (session, from, about) => this.#taken(session, from, about),
        asked: (transfer, isHeard) => this.#transferAsked(transfer as IncomingTransfer<M>, isHeard),
      },
    };
  }
}

/** Throws an Error for a call that has no dialog yet. */
function dialogIn(call: Call | NamedDialog): NamedDialog {
  const dialog = call instanceof Call ? call.dialog : call;
  if (!dialog) throw new Error("that call has no dialog yet: nobody has answered it");
  return dialog;
}

const closed = () => new SipError("SIP_CLOSED", "The phone was closed.");

/** As `flat`, for text that is no octets. */
const copied = (text: string): string => [...text].join("");

function digest(crypto: Crypto, { aor, password }: PhoneOptions): Credentials | undefined {
  const uri = parseSipUri(aor);
  if (password === undefined || !uri.ok) return undefined;
  const username = unescapeUri(uri.value.user ?? "");
  return new PasswordCredentials(crypto, username, password, uri.value.host);
}
