/** Holds the state of one client transaction and carries out what its machine says. */
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import { SentRequest } from "../message/sent-request.ts";
import { composeCancel } from "../transaction/cancel.ts";
import * as inviteClient from "../transaction/invite-client.ts";
import * as nonInviteClient from "../transaction/non-invite-client.ts";
import { DEFAULT_TIMERS, type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import type { Endpoint } from "./endpoint.ts";
import { TCP_PATIENCE_MS, type Way } from "./large-request.ts";
import { oneLine } from "./reply.ts";
import type { Passing } from "./spent.ts";
import { newTimer, type Timed, type Timer } from "./wheel.ts";

/** Who asked. */
export interface ClientUser {
  /** Every provisional, the final response, and for INVITE every 2xx (one a fork, and again). */
  response(client: ClientTransaction, response: Response, essentials: Essentials): void;
  /** No final response: nobody answered, the transport failed, or it was given up. */
  failed(client: ClientTransaction, reason: "timeout" | "transport" | "abandoned"): void;
}

type Cancelling = "No" | "Wanted" | "Sent";

/**
 * A request of ours on its way: RFC 3261 §17.1. `send` of an endpoint makes it; from then on its
 * user hears of it.
 */
export class ClientTransaction implements Timed {
  /** As it is sent: its Via names the transport of the flow. */
  request: Request;
  //= RFC 3263 §4
  //# The procedures here MUST be done exactly once per transaction, where transaction is as defined
  //# in [1]. That is, once a SIP server has successfully been contacted (success is defined below),
  //# all retransmissions of the SIP request and the ACK for non-2xx SIP responses to INVITE MUST be
  //# sent to the same host. Furthermore, a CANCEL for a particular SIP request MUST be sent to the
  //# same SIP server that the SIP request was delivered to.
  //= RFC 3263 §4.4
  //# When a server is contacted successfully, all retransmissions of the request for the
  //# transaction, as well as ACK for a non-2xx final response, and CANCEL requests for that
  //# transaction, MUST go to the same server.
  /** Where all of it goes: the request however often, its ACK and its CANCEL. */
  flow: Flow;
  /** Branch, sent-by and method, which its responses bring back. RFC 3261 §17.1.3. */
  readonly key: string;
  /** Who is told what comes of it. */
  readonly user: ClientUser;
  /** The highest status received; 0 before the first. */
  status = 0;
  readonly #endpoint: Endpoint;
  /** The way for which another one was tried first; undefined when there is none, or no more. */
  #instead: Way | undefined;
  #params: inviteClient.Params;
  readonly #timer: Timer = newTimer(this);
  readonly #cancelTimer: Timer = newTimer(this);
  #state: inviteClient.State | nonInviteClient.State;
  #cancelling: Cancelling = "No";
  #reason: Octets | undefined;
  #essentials: Essentials | undefined;
  #isSpent = false;

  constructor(endpoint: Endpoint, way: Way, key: string, user: ClientUser, instead?: Way) {
    const { request, flow } = way;
    this.#endpoint = endpoint;
    this.request = request;
    this.flow = flow;
    this.key = key;
    this.user = user;
    this.#instead = instead;
    this.#params = { request, reliable: isReliable(flow), timers: DEFAULT_TIMERS };
    this.#state = { name: "Terminated" };
  }

  /** The state's name, as the RFC spells it. */
  get state(): string {
    return this.#state.name;
  }

  /** For the endpoint only: the request goes out. */
  start(now: Millis): void {
    const machine = this.request.method === "INVITE" ? inviteClient : nonInviteClient;
    const [state, ...outputs] = machine.start(this.#params, now);
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    this.#reschedule();
    if (this.#instead) this.#endpoint.schedule(this.#cancelTimer, now + TCP_PATIENCE_MS);
  }

  /** For the endpoint only: a response that matches it. RFC 3261 §17.1.3. */
  received(response: Response, essentials: Essentials): void {
    const { method } = this.request;
    if (this.status < 200) this.status = response.status;
    this.#essentials = essentials;
    this.#step({ kind: "Response", response }, this.#endpoint.now);
    // A transaction stays half a minute; what it received does not, nor what is not sent again.
    this.#essentials = undefined;
    const { name } = this.#state;
    const isOver = name === "Accepted" || (name === "Completed" && method !== "INVITE");
    if (isOver && this.request instanceof SentRequest) this.request.forget();
    // A provisional one that was overtaken by the final one is too late for that.
    if (this.status < 200 && this.#cancelling === "Wanted") this.#sendCancel();
    if (response.status >= 200) this.#endpoint.schedule(this.#cancelTimer, NEVER);
  }

  /** Takes an INVITE back. `reason` becomes the CANCEL's Reason header. RFC 3261 §9.1. */
  cancel(reason?: Octets): void {
    if (this.status >= 200 || this.#cancelling !== "No") return;
    // It may be what a peer wrote into its own CANCEL.
    this.#reason = reason === undefined ? undefined : oneLine(reason);
    //= RFC 3261 §9.1
    //# If no provisional response has been received, the CANCEL request MUST NOT be sent; rather,
    //# the client MUST wait for the arrival of a provisional response before sending the request.
    this.#cancelling = "Wanted";
    if (this.status >= 100) this.#sendCancel();
  }

  /** Its connection is gone. */
  lost(cause: unknown): void {
    this.transportError(cause);
  }

  //= RFC 3261 §18.1.1
  //# If an element sends a request over TCP because of these message size constraints, and that
  //# request would have otherwise been sent over UDP, if the attempt to establish the connection
  //# generates either an ICMP Protocol Not Supported, or results in a TCP reset, the element SHOULD
  //# retry the request, using UDP.
  /** Its connection never came to be. */
  notOpened(cause: unknown): void {
    if (this.#instead) this.#fallBack(this.#instead);
    else this.transportError(cause);
  }

  #fallBack({ request, flow }: Way): void {
    this.#instead = undefined;
    this.#endpoint.fallBack(this, flow);
    this.request = request;
    this.#params = { ...this.#params, request, reliable: isReliable(flow) };
    this.start(this.#endpoint.now);
  }

  /** For the endpoint only: its request could not be sent. RFC 3261 §17.1.4. */
  transportError(cause: unknown): void {
    this.#step({ kind: "TransportError", cause }, this.#endpoint.now);
  }

  /** Ends it at once; the user hears `failed` if it had no final response. */
  abandon(): void {
    this.#step({ kind: "Abandon" }, this.#endpoint.now);
  }

  /** For the wheel only. */
  due(now: Millis, timer: Timer): void {
    if (timer === this.#timer) this.#step(TICK, now);
    else if (this.#cancelling === "Sent") this.#step(ABANDON, now);
    else if (this.#instead && !this.#endpoint.connection(this.flow.connection)) {
      this.#fallBack(this.#instead);
    }
  }

  #sendCancel(): void {
    this.#cancelling = "Sent";
    //= RFC 3261 §8.2.2.3
    //# Note that Require and Proxy-Require MUST NOT be used in a SIP CANCEL request, or in an ACK
    //# request sent for a non-2xx response.
    //= RFC 3261 §9.1
    //# The destination address, port, and transport for the CANCEL MUST be identical to those used
    //# to send the original request.
    this.#endpoint.sendText(composeCancel(this.request, this.#reason), this.flow, IGNORE);
    //= RFC 3261 §9.1
    //# If there is no final response for the original request in 64*T1 seconds (T1 is defined in
    //# Section 17.1.1.1), the client SHOULD then consider the original transaction cancelled and
    //# SHOULD destroy the client transaction handling the original request.
    this.#endpoint.schedule(this.#cancelTimer, this.#endpoint.now + 64 * DEFAULT_TIMERS.t1);
  }

  #step(input: inviteClient.Input & nonInviteClient.Input, now: Millis): void {
    const [state, ...outputs] =
      this.request.method === "INVITE"
        ? inviteClient.step(this.#params, this.#state as inviteClient.State, input, now)
        : nonInviteClient.step(this.#params, this.#state as nonInviteClient.State, input, now);
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    this.#reschedule();
  }

  #carryOut(output: inviteClient.Output | nonInviteClient.Output): void {
    if (output.kind === "Send") {
      //= RFC 3261 §17.1.1.2
      //# The ACK MUST be sent to the same address, port, and transport to which the original
      //# request was sent.
      //= RFC 6026 §8.4
      //# The ACK MUST be sent to the same address, port, and transport to which the original
      //# request was sent.
      const sent = this.#endpoint.transmit(this.flow, output.text);
      if (!sent) this.#endpoint.later(() => this.transportError("it cannot be sent"));
    } else if (output.kind === "Failed") {
      // After a final response, only its ACK can fail, and that changes nothing for the user.
      if (this.status < 200) this.user.failed(this, output.reason);
    } else if (this.#essentials) {
      this.user.response(this, output.response, this.#essentials);
    }
  }

  #reschedule(): void {
    if (this.#isSpent) return;
    const state = this.#state;
    if (state.name === "Terminated") {
      this.#stopTimers();
      this.#endpoint.forgetClient(this);
    } else if (state.name === "Completed" && this.flow.connection === 0) {
      this.#spend(this.flow, "ack" in state ? state.ack : "");
    } else {
      this.#endpoint.schedule(this.#timer, this.#deadline);
    }
  }

  get #deadline(): Millis {
    return this.request.method === "INVITE"
      ? inviteClient.deadline(this.#state as inviteClient.State)
      : nonInviteClient.deadline(this.#state as nonInviteClient.State);
  }

  /**
   * For whoever has got a 2xx to an INVITE and needs no other: each that still comes goes `back` as
   * `pass` has it, and the user does not hear of it. False where that cannot be yet.
   */
  spend(back: Flow, pass: Passing): boolean {
    const isOverUdp = this.flow.connection === 0;
    if (this.#isSpent || this.#state.name !== "Accepted" || !isOverUdp) return false;
    this.#spend(back, "", pass);
    return true;
  }

  #spend(flow: Flow, text: Octets, pass?: Passing): void {
    const { key } = this;
    const until = this.#deadline;
    this.#isSpent = true;
    this.#stopTimers();
    this.#endpoint.spendClient({ key, flow, text, until }, this.request.method, pass);
  }

  #stopTimers(): void {
    this.#endpoint.schedule(this.#timer, NEVER);
    this.#endpoint.schedule(this.#cancelTimer, NEVER);
  }
}

/** A CANCEL's answer says nothing: what counts is the final response to the INVITE. */
const IGNORE: ClientUser = { response() {}, failed() {} };

const TICK = { kind: "Tick" } as const;
const ABANDON = { kind: "Abandon" } as const;
