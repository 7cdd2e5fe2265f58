/** A phone: one address on one device, in any world. */
import type { Crypto } from "../auth/crypto.ts";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { newTimer } from "../endpoint/wheel.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri, unescapeUri } from "../uri/sip-uri.ts";
import { Agent, type AgentUser } from "./agent.ts";
import type { Call } from "./call.ts";
import { type Credentials, PasswordCredentials, TokenCredentials } from "./credentials.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { MediaSession, Wanted } from "./media.ts";
import { MessageInbox, type MessagesOptions, messageQueue } from "./message-inbox.ts";
import { type MessageAnswer, type MessageOptions, MessageOutbox } from "./message-outbox.ts";
import { AUDIO, closed, PhoneCalls } from "./phone-calls.ts";
import type { CallOptions, PhoneHost, PhoneOptions, PhoneWorld } from "./phone-options.ts";
import { share } from "./phone-parts.ts";
import type { FlowState, PhoneState } from "./phone-state.ts";
import { Registrations } from "./registrations.ts";
import { Changing, hear, type IterationOptions, type Queue } from "./replay.ts";
import { SipError } from "./sip-error.ts";

export type { CallOptions, PhoneHost, PhoneOptions, PhoneWorld } from "./phone-options.ts";

/** How long a phone that is closed waits for answers to its farewells. */
const FAREWELL_MS = 2000;

/** What `phone.on` tells of. */
export interface PhoneEvents<M extends MediaSession = MediaSession> {
  /** Every state, beginning with the current one. */
  readonly state: PhoneState;
  /** A call that comes in. */
  readonly call: Call<M>;
  /** An instant message that comes in, of a type that is usual. RFC 3428. */
  readonly message: IncomingMessage;
}

/** A phone: calls, registration and messages. The rest is functions that take one. */
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
  readonly #calls: PhoneCalls<M>;
  #closing: Promise<void> | undefined;
  #onIdle = (): void => {};

  constructor(options: PhoneOptions, world: PhoneWorld<M>) {
    this.#world = world;
    this.#agent = new Agent(options, this.#agentUser());
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
    const prepared: ((media: MediaSession) => void)[] = [];
    this.#calls = new PhoneCalls(this.#agent, {
      media: (wanted) => {
        const media = world.media(wanted);
        for (const prepare of prepared) prepare(media);
        return media;
      },
      now: () => this.#host.now(),
      inTurn: (run) => this.#host.call(run),
      isClosing: () => this.#closing !== undefined,
    });
    this.#inbox = new MessageInbox(this.#agent);
    this.#outbox = new MessageOutbox(this.#agent);
    share(this, {
      ...{ agent: this.#agent, inbox: this.#inbox, outbox: this.#outbox, prepared },
      calls: this.#calls,
      registrations,
      now: () => this.#host.now(),
      inTurn: (run) => this.#inTurn(run),
      whileOpen: (run) => {
        if (!this.#closing) this.#host.call(run);
      },
      watchCalls: (called) => this.#calls.watch(called),
    });
  }

  /** Its own address, as it was given. */
  get aor(): string {
    return this.#agent.aor;
  }

  /** How it stands with its server now. */
  get state(): PhoneState {
    return this.#states.current;
  }

  /**
   * Calls `listener` with each of what `states()`, `calls()` or `messages()` gives, until `signal`
   * is aborted: with the current state at once.
   */
  on<K extends keyof PhoneEvents<M>>(
    name: K,
    listener: (value: PhoneEvents<M>[K]) => void,
    options?: IterationOptions,
  ): void {
    const others = () => (name === "call" ? this.calls(options) : this.messages(options));
    const values = name === "state" ? this.states(options) : others();
    void hear<unknown>(values, listener as (value: unknown) => void);
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
   * Once `signal` is aborted it rejects with its reason, and the phone goes on trying.
   */
  async register({ signal }: IterationOptions = {}): Promise<void> {
    if (this.#closing) throw closed();
    if (this.state.name === "Registered" || this.state.name === "Listening") return;
    if (this.state.name === "Offline" || this.state.name === "Failed") await this.#prepareToken();
    this.#host.call(() => this.#registrations.start());
    for await (const state of this.states(signal ? { signal } : {})) {
      if (state.name === "Registered") return;
      if (state.error) throw state.error;
    }
    if (signal?.aborted) throw signal.reason;
    throw closed();
  }

  /** Its flows to servers, each with what it is in: one, unless two are asked for. RFC 5626. */
  flows(): readonly FlowState[] {
    return this.#registrations.flows;
  }

  /**
   * Says that the network of this machine is another one: what was connected is connected anew, and
   * calls that go on move there. The phones of `carillon/browser` and `carillon/node` see it by
   * themselves. `addresses` are those that it has now: what goes over one of them is left alone.
   */
  networkChanged(addresses?: readonly string[]): void {
    const isGone = ({ local }: Flow): boolean => addresses?.includes(local.host) !== true;
    if (!this.#closing) this.#host.call(() => this.#registrations.networkChanged(isGone));
  }

  /**
   * Asks at once whether the connection to the server is still one: when something else fell
   * silent, say. What is dead is connected anew, as if it had been lost. Only for servers that
   * answer pings.
   */
  checkConnection(): void {
    if (!this.#closing) this.#host.call(() => this.#registrations.doubt());
  }

  /** Calls somebody: the call is there at once, and its states tell how it goes. */
  call(target: string, wanted: Wanted = AUDIO, options: CallOptions = {}): Call<M> {
    return this.#calls.call(target, wanted, options);
  }

  /** Calls that come in; each listener hears of every one. With no listener they are refused. */
  calls(options?: IterationOptions): AsyncIterableIterator<Call<M>> {
    return this.#calls.coming(options);
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

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const farewells = Promise.withResolvers<void>();
    this.#calls.leave();
    for (const queue of this.#messageQueues) queue.end();
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
      called: (session, from) => this.#calls.called(session, from),
      opened: (flow, dial) => void (dial !== undefined && this.#registrations.opened(flow, dial)),
      notOpened: (dial) => this.#registrations.notOpened(dial),
      cutOff: (flow, why) => this.#registrations.cutOff(flow, why),
      inCall: () => this.#registrations.hurry(),
      keptAlive: (flow, octets) => this.#registrations.keptAlive(flow, octets),
      isLocal: (host) => this.#world.isLocal?.(host) ?? false,
      idle: () => this.#onIdle(),
    };
  }
}

function digest(
  crypto: Crypto,
  { aor, username, password }: PhoneOptions,
): Credentials | undefined {
  const uri = parseSipUri(aor);
  if (password === undefined || !uri.ok) return undefined;
  const { user = "", host } = uri.value;
  return new PasswordCredentials(crypto, username ?? unescapeUri(user), password, host);
}
