/**
 * Keeps one device registered: has a way to the server made, sends what the machine of
 * `usage/registration.ts` wants sent, and tells the phone's owner how it stands. RFC 3261 §10.2.
 */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { type Registrant, registerRequest } from "../usage/register-request.ts";
import * as machine from "../usage/registration.ts";
import type { Agent } from "./agent.ts";
import type { NoAnswer, RequestUser } from "./outgoing-request.ts";
import { grantedSeconds, minimumSeconds, retryAfterSeconds } from "./registrar-answer.ts";
import { errorOf, SipError } from "./sip-error.ts";

export type PhoneState =
  | { readonly name: "Offline"; readonly error?: SipError }
  /** With an error: the last try failed, and the next one comes by itself. */
  | { readonly name: "Connecting"; readonly error?: SipError }
  | { readonly name: "Registered"; readonly error?: undefined }
  /** The server said no, for good: nothing more is tried until `register` is called again. */
  | { readonly name: "Failed"; readonly error: SipError };

/** How the server is reached: a connection to open, or an address for datagrams. */
export type ServerWay =
  | { readonly kind: "Open"; readonly to: Destination }
  | { readonly kind: "Flow"; readonly flow: () => Flow | undefined };

type Answer = Extract<machine.Input, { kind: "Response" }>;

/**
 * People look at a phone that has no server, so it tries again soon: after about a second, and
 * never later than half a minute.
 */
const PARAMS: machine.Params = {
  expiresSeconds: 600,
  backOff: { baseMs: 750, maxMs: 30_000 },
  spreadMs: 2000,
};
/** With a call that waits for it nobody has so much time. */
const IN_CALL: machine.Params = {
  ...PARAMS,
  backOff: { baseMs: 500, maxMs: 1500 },
  spreadMs: 500,
};
/** A registrar that asks for more may want its users gone. */
const MAX_RETRY_AFTER_SECONDS = 300;

export class Registration implements Timed {
  readonly #agent: Agent;
  readonly #way: ServerWay;
  readonly #changed: (state: PhoneState) => void;
  readonly #timer: Timer = newTimer(this);
  #registrant: Registrant | undefined;
  #seq = 0;
  /** The number of the connection that is being made. */
  #dial: number | undefined;
  /** Undefined as long as nobody wants it. */
  #state: machine.State | undefined;
  #told: PhoneState = { name: "Offline" };
  /** Why the last try failed. */
  #error: SipError | undefined;
  #left: (() => void) | undefined;

  constructor(agent: Agent, way: ServerWay, changed: (state: PhoneState) => void) {
    this.#agent = agent;
    this.#way = way;
    this.#changed = changed;
  }

  /** Begins, or tries at once what would have been tried later. */
  start(): void {
    const name = this.#state?.name ?? "Terminated";
    if (name === "Waiting") this.#step({ kind: "Refresh" });
    else if (name === "Terminated") this.#become(machine.start(PARAMS, this.#now));
  }

  /** Takes this device's binding back; the way to the server stays open. `left` is called once. */
  stop(left: () => void): void {
    this.#left = left;
    this.#tell({ name: "Offline" });
    if (!this.#state || this.#state.name === "Terminated") return this.#hasLeft();
    this.#step({ kind: "Stop" });
    // What waits for a connection has told the registrar nothing yet.
    if (this.#dial !== undefined) this.#failed(503, GONE);
  }

  opened(flow: Flow, dial: number | undefined): void {
    if (dial === undefined || dial !== this.#dial) return;
    this.#dial = undefined;
    this.#agent.flow = flow;
    this.#send(this.#asked);
  }

  notOpened(dial: number): void {
    if (dial !== this.#dial) return;
    this.#dial = undefined;
    this.#failed(503, "The server cannot be reached.");
  }

  cutOff(): void {
    this.#error = new SipError("SIP_TRANSPORT", GONE);
    this.#step({ kind: "FlowLost", random: this.#random() });
  }

  /** For the wheel: a refresh is due, another try, or the end of the binding. */
  due(): void {
    this.#step({ kind: "Tick" });
  }

  // ---- the machine -----------------------------------------------------------------------------

  #step(input: machine.Input): void {
    const params = this.#agent.hasSessions ? IN_CALL : PARAMS;
    if (this.#state) this.#become(machine.step(params, this.#state, input, this.#now));
  }

  #become([state, ...outputs]: machine.Step): void {
    this.#state = state;
    this.#agent.endpoint.schedule(this.#timer, machine.deadline(state));
    this.#tell(this.#shown(state, outputs));
    for (const output of outputs) {
      if (output.kind === "Register") this.#register(output.expiresSeconds);
      else if (output.kind === "Unregistered") this.#hasLeft();
    }
  }

  /** How it looks to the phone's owner; undefined: no different from before. */
  #shown(state: machine.State, outputs: readonly machine.Output[]): PhoneState | undefined {
    const error = this.#error;
    switch (state.name) {
      case "Registered":
        this.#error = undefined;
        return { name: "Registered" };
      case "Waiting":
        return { name: "Connecting", ...(error && { error }) };
      case "Registering":
        return outputs.some(({ kind }) => kind === "Registered") || this.#isRefresh(state)
          ? undefined
          : { name: "Connecting" };
      case "Terminated":
        return outputs.some(({ kind }) => kind === "Refused") && error
          ? { name: "Failed", error }
          : undefined;
      default:
        return undefined;
    }
  }

  /** Nobody needs to know, as long as the binding of before lasts and nothing went wrong. */
  #isRefresh({ timerExpires, failures }: machine.Registering): boolean {
    return timerExpires !== NEVER && timerExpires > this.#now && failures === 0;
  }

  #tell(state: PhoneState | undefined): void {
    const told = this.#told;
    // Once it is to be left, its owner has heard so, and nothing that comes after it matters.
    const isOver = this.#left !== undefined && state?.name !== "Offline";
    if (!state || isOver || (state.name === told.name && state.error === told.error)) return;
    this.#told = state;
    this.#changed(state);
  }

  #hasLeft(): void {
    const left = this.#left;
    this.#left = undefined;
    left?.();
  }

  // ---- REGISTER --------------------------------------------------------------------------------

  /** Sends it, once there is a way to the server. */
  #register(expiresSeconds: number): void {
    const agent = this.#agent;
    const isLeaving = expiresSeconds === 0;
    if (!agent.flow || !isReliable(agent.flow)) {
      if (this.#way.kind === "Flow") agent.flow = this.#way.flow();
      // What was registered over a connection ended with it: there is nothing to take back.
      else if (!isLeaving) {
        this.#dial = agent.endpoint.open(this.#way.to);
        return;
      }
    }
    if (agent.flow) this.#send(expiresSeconds);
    else agent.endpoint.later(() => this.#failed(503, NO_WAY));
  }

  get #asked(): number {
    return this.#state?.name === "Registering" ? this.#state.askedSeconds : 0;
  }

  #send(expiresSeconds: number): void {
    const agent = this.#agent;
    const { ids } = agent.endpoint;
    this.#registrant ??= { aor: agent.aor, callId: ids.unique(), fromTag: ids.unique() };
    const contact = `<${agent.contact}>`;
    const operation = { kind: "Add", contact, expiresSeconds } as const;
    const { uri, headers } = registerRequest(this.#registrant, operation, 0);
    // The number is that of each try.
    const others = headers.filter(([name]) => name !== "CSeq");
    const user: RequestUser = {
      response: (response) => void (response.status >= 200 && this.#answered(response)),
      failed: (reason) => this.#unanswered(reason),
    };
    //= RFC 3261 §10.2
    //# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
    const sent = agent.send({ method: "REGISTER", uri, headers: others }, user, () => ++this.#seq);
    if (!sent) agent.endpoint.later(() => this.#failed(503, GONE));
  }

  #answered(response: Response): void {
    const { status } = response;
    if (status >= 300) this.#error = this.#refusal(response);
    const after = retryAfterSeconds(response);
    this.#step(
      answerOf(status, this.#random(), {
        expiresSeconds: grantedSeconds(response, this.#agent.contact),
        minExpiresSeconds: minimumSeconds(response),
        retryAfterSeconds: after && Math.min(after, MAX_RETRY_AFTER_SECONDS),
      }),
    );
  }

  #unanswered(reason: NoAnswer): void {
    const { flow, endpoint } = this.#agent;
    if (reason === "transport") return this.#failed(503, GONE);
    // A connection on which nothing is answered is of no more use than none.
    if (flow && isReliable(flow)) {
      endpoint.close(flow.connection);
      this.#agent.closed(flow);
    }
    this.#failed(408, "The server does not answer.");
  }

  #failed(status: number, why: string): void {
    this.#dial = undefined;
    this.#error = new SipError("SIP_TRANSPORT", why);
    this.#step(answerOf(status, this.#random()));
  }

  #refusal(response: Response): SipError {
    const { status } = response;
    const told = errorOf(status, this.#agent.reasonIn(response));
    const words = told.code === "SIP_REJECTED" ? "The server refused to sign in." : told.message;
    return new SipError(told.code, words, status);
  }

  get #now(): Millis {
    return this.#agent.endpoint.now;
  }

  #random(): number {
    return this.#agent.endpoint.ids.fraction();
  }
}

const answerOf = (status: number, random: number, more: Partial<Answer> = {}): Answer => ({
  ...{ kind: "Response", status, random, redirected: false },
  ...{ expiresSeconds: undefined, minExpiresSeconds: undefined, retryAfterSeconds: undefined },
  ...more,
});

const GONE = "The connection to the server is gone.";
const NO_WAY = "No address of this machine leads to the server.";
