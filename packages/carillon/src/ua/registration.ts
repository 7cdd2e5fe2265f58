/**
 * Keeps one device registered over one flow: has a way to a server made, sends what the machine of
 * `usage/registration.ts` wants sent, keeps the flow alive, and tells how it stands. RFC 3261
 * §10.2, RFC 5626 §4.2.
 */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, isReliable, isSameFlow } from "../transport/flow.ts";
import { isWorthARetry } from "../usage/back-off.ts";
import { type Registrant, registerRequest } from "../usage/register-request.ts";
import * as machine from "../usage/registration.ts";
import type { Agent } from "./agent.ts";
import { isNatted } from "./datagram-pings.ts";
import { FlowKeeper } from "./flow-keeper.ts";
import type { Connecting } from "./one-server.ts";
import { type NoAnswer, OutgoingRequest, type RequestUser } from "./outgoing-request.ts";
import type { PhoneState } from "./phone-state.ts";
import { grantedSeconds, minimumSeconds, retryAfterSeconds } from "./registrar-answer.ts";
import type { Registered } from "./registrar-more.ts";
import type { ServerWay } from "./server-way.ts";
import { errorOf, SipError } from "./sip-error.ts";

export interface RegistrationOptions {
  /** The servers, the preferred one first; not empty. */
  readonly ways: readonly ServerWay[];
  /** `reg-id`, where the server is asked for RFC 5626. */
  readonly regId: number;
}

export interface RegistrationUser {
  changed(state: PhoneState): void;
  /** The server has said yes, for the first time or again. */
  registered(): void;
  /** Whether another flow of this phone is registered. */
  hasOther(): boolean;
}

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
/** With a call that waits for it nobody has so much time: the first try is all but at once. */
const IN_CALL: machine.Params = {
  ...PARAMS,
  backOff: { baseMs: 100, maxMs: 1000 },
  spreadMs: 500,
};
//= RFC 5626 §4.5
//# If all of the flows to every URI in the outbound proxy set have failed, the base-time is set to
//# a lower value (with a default of 30 seconds); otherwise, in the case where at least one of the
//# flows has not failed, the base-time is set to a higher value (with a default of 90 seconds).
/** Three times as long, where another flow serves meanwhile. */
const BESIDE_ANOTHER: machine.Params = { ...PARAMS, backOff: { baseMs: 2250, maxMs: 90_000 } };
/** How long a connection may take to come to be. */
const OPEN_MS = 8000;
const OPEN_IN_CALL_MS = 2500;
/** A registrar that asks for more may want its users gone. */
const MAX_RETRY_AFTER_SECONDS = 300;

export class Registration implements Timed {
  readonly regId: number;
  readonly #agent: Agent;
  readonly #ways: readonly ServerWay[];
  /** Made when it is wanted first: what can be done with servers is put into the phone before. */
  #connecting: Connecting | undefined;
  readonly #user: RegistrationUser;
  readonly #timer: Timer = newTimer(this);
  #registrant: Registrant | undefined;
  #seq = 0;
  /** As it was registered last, but for what says which flow it is. */
  #contact: Octets = "";
  #keeper: FlowKeeper | undefined;
  /** Undefined as long as nobody wants it. */
  #state: machine.State | undefined;
  #told: PhoneState = { name: "Offline" };
  /** Why the last try failed. */
  #error: SipError | undefined;
  /** The answer of the server that was tried last. */
  #answer: Answer | undefined;
  #left: (() => void) | undefined;
  /** RFC 5626 §4.2.1: the first hop lacks it. */
  #isPlain = false;

  constructor(agent: Agent, { ways, regId }: RegistrationOptions, user: RegistrationUser) {
    this.#agent = agent;
    this.#user = user;
    this.regId = regId;
    this.#ways = ways;
  }

  get #connector(): Connecting {
    const { endpoint, abilities } = this.#agent;
    this.#connecting ??= abilities.connect(endpoint, this.#ways, {
      opened: (flow) => this.#opened(flow),
      moved: (flow, from) => this.#moved(flow, from),
      openMs: () => (this.#agent.hasSessions ? OPEN_IN_CALL_MS : OPEN_MS),
      exhausted: (why) => this.#exhausted(why),
    });
    return this.#connecting;
  }

  get state(): PhoneState {
    return this.#told;
  }

  /** The server in use, as people call it. */
  get server(): string {
    return this.#connector.server;
  }

  get flow(): Flow | undefined {
    return this.#connector.flow;
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
    this.#keeper?.stop();
    if (!this.#state || this.#state.name === "Terminated") return this.#hasLeft();
    this.#step({ kind: "Stop" });
    // What waits for a connection has told the registrar nothing yet.
    if (this.#connector.isTrying && !this.#connector.flow) this.#failed(503, GONE);
  }

  /** Whether this connection was asked for here. */
  opened(flow: Flow, dial: number): boolean {
    return this.#connector.opened(flow, dial);
  }

  notOpened(dial: number): void {
    this.#connector.notOpened(dial);
  }

  /** A flow is gone. */
  cutOff(flow: Flow, why: string): void {
    if (this.#keeper?.flow === flow) this.#keeper.stop();
    if (!this.#connector.lost(flow)) return;
    this.#error = new SipError("SIP_TRANSPORT", why);
    this.#step({ kind: "FlowLost", random: this.#random() });
  }

  /** Asks the server at once whether it is still there. */
  doubt(): void {
    this.#keeper?.doubt();
  }

  /** The network of this machine is another one, perhaps: the server is told how it is now. */
  networkChanged(isGone: (flow: Flow) => boolean): void {
    const flow = this.#connecting?.flow;
    if (flow && isGone(flow) && this.#told.name !== "Offline") this.#agent.lost(flow, CHANGED);
    this.#step({ kind: "Refresh" });
  }

  /** A call has begun. */
  hurry(): void {
    this.#keeper?.hurry();
  }

  /** What came over its flow and is no message. */
  keptAlive(flow: Flow, octets: Octets): void {
    if (this.#keeper && isSameFlow(this.#keeper.flow, flow)) this.#keeper.heard(octets);
  }

  /** For the wheel: a refresh is due, another try, or the end of the binding. */
  due(): void {
    this.#step({ kind: "Tick" });
  }

  // ---- the machine -----------------------------------------------------------------------------

  #step(input: machine.Input): void {
    const params = this.#params();
    if (this.#state) this.#become(machine.step(params, this.#state, input, this.#now));
  }

  #params(): machine.Params {
    if (this.#user.hasOther()) return BESIDE_ANOTHER;
    return this.#agent.hasSessions ? IN_CALL : PARAMS;
  }

  #become([state, ...outputs]: machine.Step): void {
    const isNew = this.#told.name !== "Registered";
    this.#state = state;
    this.#agent.endpoint.schedule(this.#timer, machine.deadline(state));
    this.#tell(this.#shown(state, outputs));
    for (const output of outputs) {
      if (output.kind === "Register") this.#register(output.expiresSeconds);
      else if (output.kind === "Registered" && isNew) this.#user.registered();
      else if (output.kind === "Refused") this.#connector.stop();
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
    this.#user.changed(state);
  }

  #hasLeft(): void {
    const left = this.#left;
    this.#left = undefined;
    this.#connector.stop();
    left?.();
  }

  // ---- the flow --------------------------------------------------------------------------------

  #opened(flow: Flow): void {
    // A better server than the one in use is tried with a refresh of its own.
    if (!this.#connector.isTrying) return this.#step({ kind: "Refresh" });
    this.#agent.use(flow);
    this.#send(flow, this.#asked);
  }

  #moved(flow: Flow, from: Flow | undefined): void {
    this.#agent.use(flow);
    if (from) this.#agent.retire(from);
  }

  /** None of the servers could be had. */
  #exhausted(why: string): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer) return this.#step(answer);
    this.#failed(503, why);
  }

  #keepAlive(flow: Flow, response: Response, { via }: Essentials): void {
    const { isOutbound, flowTimerSeconds } = this.#said(response);
    const isPromised = isOutbound || flowTimerSeconds !== undefined;
    // Over UDP nothing has to be kept open where there is no NAT, and nobody said that it answers.
    if (!isReliable(flow) && !isPromised && !isNatted(via)) return;
    if (this.#keeper?.takes(flow, via)) return;
    this.#keeper?.stop();
    const how = { isPromised, flowTimerSeconds, isInCall: () => this.#agent.hasSessions, via };
    this.#keeper = new FlowKeeper(this.#agent.endpoint, flow, how, () =>
      this.#agent.lost(flow, "The server does not answer."),
    );
  }

  // ---- REGISTER --------------------------------------------------------------------------------

  /** Sends it, once there is a way to a server. */
  #register(expiresSeconds: number): void {
    const { flow, tried } = this.#connector;
    const over = tried ?? flow;
    if (over) return this.#send(over, expiresSeconds);
    // What was registered over a connection ended with it: there is nothing to take back.
    if (expiresSeconds === 0) this.#agent.endpoint.later(() => this.#failed(503, GONE));
    else this.#connector.want();
  }

  get #asked(): number {
    return this.#state?.name === "Registering" ? this.#state.askedSeconds : 0;
  }

  #send(flow: Flow, expiresSeconds: number): void {
    const agent = this.#agent;
    const { ids } = agent.endpoint;
    //= RFC 5627 §4.1
    //# Consequently, if a UA wishes its previously obtained temporary GRUUs to remain valid, it
    //# MUST utilize the same Call-ID in REGISTER refreshes.
    this.#registrant ??= { aor: agent.aor, callId: ids.unique(), fromTag: ids.unique() };
    //= RFC 8599 §4.1.3
    //# The UA MUST insert the same set of 'pn-*' SIP URI parameters in the SIP Contact header field
    //# URI of the REGISTER request that it inserted when it requested push notifications (Section
    //# 4.1.1).
    //= RFC 5627 §4.1
    //# The contact URI MUST NOT be equivalent, based on the URI equality rules in RFC 3261 [1], to
    //# the AOR in the To header field. If the contact URI is a GRUU, it MUST NOT be a GRUU for the
    //# AOR in the To header field.
    this.#contact = agent.abilities.contact(agent.addressOn(flow));
    const contact = `${this.#contact}${this.#contactParams()}`;
    const operation = { kind: "Add", contact, expiresSeconds } as const;
    const { uri, headers } = registerRequest(this.#registrant, operation, 0);
    // The number is that of each try.
    const others = headers.filter(([name]) => name !== "CSeq");
    const user: RequestUser = {
      response: (response, essentials) =>
        void (response.status >= 200 && this.#answered(flow, response, essentials)),
      failed: (reason) => this.#unanswered(flow, reason),
    };
    const what = { method: "REGISTER", uri, headers: [...others, ...this.#extensions()] };
    //= RFC 3261 §10.2
    //# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
    const nextSeq = () => ++this.#seq;
    const via = (about: string) => agent.via(about, flow);
    const { credentials, endpoint } = agent;
    new OutgoingRequest(what, { endpoint, to: flow, credentials, nextSeq, via }, user);
  }

  //= RFC 5626 §4.2.1
  //# REGISTER requests, other than those described in Section 4.2.3, MUST include an instance-id
  //# media feature tag as specified in Section 4.1.
  //= RFC 5627 §4.1
  //# Furthermore, for each contact for which the UA desires to obtain a GRUU, the UA MUST include a
  //# "sip.instance" media feature tag (see RFC 5626 [14]) as a UA characteristic (see [7]), whose
  //# value MUST be the instance ID that identifies the UA instance being registered.
  #contactParams(): Octets {
    const { instance } = this.#agent;
    if (!this.#isNamed) return "";
    return `;+sip.instance="<${instance}>";reg-id=${this.regId}`;
  }

  //= RFC 5626 §4.2.1
  //# UAs that support this specification MUST include the outbound option tag in a Supported header
  //# field in a REGISTER request.
  //= RFC 5626 §4.2.1
  //# The UAC MUST support the Path header [RFC3327] mechanism, and indicate its support by
  //# including the 'path' option-tag in a Supported header field value in its REGISTER requests.
  //= RFC 5627 §4.1
  //# When a UA compliant to this specification generates a REGISTER request (initial or refresh),
  //# it MUST include the Supported header field in the request. The value of that header field MUST
  //# include "gruu" as one of the option tags.
  #extensions(): readonly HeaderField[] {
    return this.#isNamed ? [["Supported", "path, outbound, gruu"]] : [];
  }

  /** Its device has a name, which the server is to know. */
  get #isNamed(): boolean {
    const { instance, abilities } = this.#agent;
    return instance !== undefined && abilities.isNamed && !this.#isPlain;
  }

  #said(response: Response): Registered {
    const { instance, abilities } = this.#agent;
    return abilities.registered(response, instance);
  }

  #answered(flow: Flow, response: Response, essentials: Essentials): void {
    const { status } = response;
    // Over UDP an answer may come when the flow has been found dead: nothing is reached there.
    const isUsed = this.#connector.tried === flow || this.#agent.isOpen(flow);
    if (!isUsed) return this.#unanswered(flow, "transport");
    if (status >= 300) this.#error = this.#refusal(response);
    const after = retryAfterSeconds(response);
    const answer = answerOf(status, this.#random(), {
      expiresSeconds: grantedSeconds(response, this.#contact),
      minExpiresSeconds: minimumSeconds(response),
      retryAfterSeconds: after && Math.min(after, MAX_RETRY_AFTER_SECONDS),
    });
    //= RFC 5626 §4.2.1
    //# If the registering UA receives a 439 (First Hop Lacks Outbound Support) response to a
    //# REGISTER request, it MAY re-attempt registration without using the outbound mechanism
    //# (subject to local policy at the client).
    if (status === 439 && !this.#isPlain) {
      this.#isPlain = true;
      return this.#send(flow, this.#asked);
    }
    if (status < 300) this.#accepted(flow, response, essentials);
    else if (isWorthARetry(status, after)) {
      return this.#unavailable(flow, answer, this.#error?.message ?? "");
    }
    this.#step(answer);
  }

  #accepted(flow: Flow, response: Response, essentials: Essentials): void {
    this.#answer = undefined;
    this.#agent.learn(this.#said(response));
    if (this.#connector.tried === flow) this.#connector.worked();
    if (this.#left === undefined) this.#keepAlive(flow, response, essentials);
  }

  #unanswered(flow: Flow, reason: NoAnswer): void {
    const why = reason === "transport" ? GONE : "The server does not answer.";
    const status = reason === "transport" ? 503 : 408;
    this.#error = new SipError("SIP_TRANSPORT", why);
    this.#unavailable(flow, answerOf(status, this.#random()), why);
  }

  /** This server is of no use now. Another may be. */
  #unavailable(flow: Flow, answer: Answer, why: string): void {
    const isTried = this.#connector.tried === flow;
    if (isTried) {
      this.#answer = answer;
      const isBeside = !this.#connector.isTrying;
      this.#connector.failed(why);
      // The one in use is asked instead.
      if (isBeside && this.#connector.flow) this.#send(this.#connector.flow, this.#asked);
      return;
    }
    //= RFC 5626 §4.2.2
    //# If a re-registration is rejected with a recoverable error response, for example by a 503
    //# (Service Unavailable) containing a Retry-After header, the UAC SHOULD NOT tear down the
    //# corresponding flow if the flow uses a connection-oriented transport such as TCP.
    // Silence is none; and where there is another server, that one is asked.
    const isDead = answer.status === 408 && isReliable(flow);
    this.#step(answer);
    if (isDead) return this.#agent.lost(flow, why);
    // Over UDP it may be the registrar alone that is silent: calls are left where they are.
    if (this.#ways.length > 1 && this.#connector.lost(flow)) this.#agent.retire(flow);
  }

  #failed(status: number, why: string): void {
    this.#error = new SipError("SIP_TRANSPORT", why);
    this.#step(answerOf(status, this.#random()));
  }

  #refusal(response: Response): SipError {
    const { status } = response;
    const told = errorOf(status, this.#agent.reasonIn(response));
    const words = told.code === "SIP_REJECTED" ? "The server refused to sign in." : told.message;
    return new SipError(told.code, words, status, response);
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
export const CHANGED = "The network has changed.";
