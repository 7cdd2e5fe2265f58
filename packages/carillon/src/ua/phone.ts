/** A phone: one address on one device, in any world. */
import type { Crypto } from "../auth/crypto.ts";
import { createEndpoint, type Endpoint, type TraceEntry } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Millis } from "../transaction/timers.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Agent, type AgentUser } from "./agent.ts";
import { Call, type CallParts, type Peer } from "./call.ts";
import { type Credentials, passwordCredentials, TokenCredentials } from "./credentials.ts";
import type { MediaFactory, MediaSession, Wanted } from "./media.ts";
import { type PhoneState, Registration, type ServerWay } from "./registration.ts";
import { Changing, type IterationOptions, Queue } from "./replay.ts";
import { Session } from "./session.ts";
import { SipError } from "./sip-error.ts";

export interface PhoneOptions {
  /** One's own address: `sip:alice@example.com`. */
  readonly aor: string;
  readonly displayName?: string;
  /** What signs in: a password for digest, with the user part of `aor` as its user name… */
  readonly password?: string;
  /** …or a function that gets a fresh Bearer token whenever one is needed. */
  readonly token?: () => Promise<string>;
  /** Said in User-Agent; empty says nothing. */
  readonly product?: string;
  readonly trace?: (entry: TraceEntry) => void;
}

/** What a phone needs of the world it runs in. */
export interface PhoneWorld<M extends MediaSession> {
  readonly crypto: Crypto;
  readonly media: MediaFactory<M>;
  readonly server: (endpoint: Endpoint) => ServerWay;
  /** Starts the endpoint; the result runs things in its turn, tells the time and stops it. */
  readonly run: (endpoint: Endpoint) => PhoneHost;
}

export interface PhoneHost {
  call(run: () => void): void;
  now(): Millis;
  close(): void;
}

const AUDIO: Wanted = { audio: true, video: false };

export class Phone<M extends MediaSession = MediaSession> {
  readonly #agent: Agent;
  readonly #host: PhoneHost;
  readonly #world: PhoneWorld<M>;
  readonly #registration: Registration;
  readonly #tokens: TokenCredentials | undefined;
  readonly #states = new Changing<PhoneState>({ name: "Offline" });
  readonly #listeners = new Set<Queue<Call<M>>>();
  readonly #calls = new Set<Call<M>>();

  constructor(options: PhoneOptions, world: PhoneWorld<M>) {
    this.#world = world;
    this.#agent = new Agent(options, this.#agentUser());
    const { product = "", trace } = options;
    const endpoint = createEndpoint({
      role: this.#agent,
      crypto: world.crypto,
      product,
      ...(trace && { trace }),
    });
    this.#host = world.run(endpoint);
    const { token } = options;
    this.#tokens = token && new TokenCredentials(token, (run) => this.#host.call(run));
    this.#agent.credentials = this.#tokens ?? digest(world.crypto, options);
    const changed = (state: PhoneState) => this.#states.set(state);
    this.#registration = new Registration(this.#agent, world.server(endpoint), changed);
  }

  get aor(): string {
    return this.#agent.aor;
  }

  get state(): PhoneState {
    return this.#states.current;
  }

  /** The current state and every later one. */
  states(options?: IterationOptions): AsyncIterableIterator<PhoneState> {
    return this.#states.values(options);
  }

  /**
   * Resolves once the server knows this device. From then on it is kept so: refreshed, and signed
   * in again when the connection was lost. Rejects with a SipError when the first try fails.
   */
  async register(): Promise<void> {
    try {
      await this.#tokens?.prepare();
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : "There is no token to sign in with.";
      throw new SipError("SIP_UNAUTHORIZED", words);
    }
    const states = this.states();
    await states.next();
    this.#host.call(() => this.#registration.start());
    for await (const state of states) {
      if (state.name === "Registered") return;
      if (state.error) throw state.error;
    }
    throw closed();
  }

  /** Calls somebody: the call is there at once, and its states tell how it goes. */
  call(target: string, wanted: Wanted = AUDIO): Call<M> {
    const uri = parseSipUri(target);
    if (!uri.ok)
      throw new RangeError(`cannot call ${JSON.stringify(target)}: ${uri.error.message}`);
    const start = (offer: string, user: Parameters<typeof Session.outgoing>[3]) =>
      Session.outgoing(this.#agent, target, offer, user);
    const parts = this.#parts({ uri: target, displayName: "" });
    const call = Call.outgoing(parts, wanted, start);
    this.#calls.add(call);
    call.ended.then(() => this.#calls.delete(call));
    return call;
  }

  /** Calls that come in. Without anybody listening they are refused as busy. */
  calls({ signal }: IterationOptions = {}): AsyncIterableIterator<Call<M>> {
    const queue = new Queue<Call<M>>(() => this.#listeners.delete(queue), signal);
    this.#listeners.add(queue);
    return queue;
  }

  /** Hangs up, signs off and stops. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.hangUp();
    this.#host.call(() => this.#registration.stop());
    for (const queue of this.#listeners) queue.end();
    this.#states.end();
    // The farewells go out in the turn that has just been; nobody waits for their answers.
    this.#host.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #agentUser(): AgentUser {
    return {
      called: (session, from) => this.#called(session, from),
      opened: (flow, dial) => this.#registration.opened(flow, dial),
      notOpened: (dial) => this.#registration.notOpened(dial),
      closed: () => this.#registration.closed(),
    };
  }

  #called(session: Session, from: Incoming): void {
    if (this.#listeners.size === 0) return session.reject(480);
    const { uri, displayName } = from.essentials.from;
    const call = Call.incoming(this.#parts({ uri, displayName }), session);
    this.#calls.add(call);
    call.ended.then(() => this.#calls.delete(call));
    session.ring();
    for (const queue of this.#listeners) queue.push(call);
  }

  #parts(peer: Peer): CallParts<M> {
    return {
      id: this.#agent.endpoint.ids.unique(),
      peer,
      media: this.#world.media,
      now: () => this.#host.now(),
      inTurn: (run) => this.#host.call(run),
    };
  }
}

const closed = () => new SipError("SIP_CLOSED", "The phone was closed.");

function digest(crypto: Crypto, { aor, password }: PhoneOptions): Credentials | undefined {
  const uri = parseSipUri(aor);
  if (password === undefined || !uri.ok) return undefined;
  return passwordCredentials(crypto, uri.value.user ?? "", password);
}
