/** Holds the state of one server transaction and carries out what its machine says. */
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { readEssentials } from "../message/essentials.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import * as inviteServer from "../transaction/invite-server.ts";
import * as nonInviteServer from "../transaction/non-invite-server.ts";
import { DEFAULT_TIMERS, type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, isReliable, responseFlow } from "../transport/flow.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Incoming, readAgain } from "./incoming.ts";
import type { Reply } from "./reply.ts";
import { newTimer, type Timed, type Timer } from "./wheel.ts";

/** Who answers a request. */
export interface ServerUser {
  /** The client took its INVITE back; nothing final had been sent. RFC 3261 §9.2. */
  cancelled(server: ServerTransaction, cancel: Incoming): void;
  /** A response could not be delivered, or its ACK never came. RFC 3261 §17.2.1, §17.2.4. */
  failed(server: ServerTransaction, reason: "timeout" | "transport"): void;
  /** Before anything final was sent, every way back to the client was lost. */
  unreachable?(server: ServerTransaction): void;
  /** It is over: what comes with its branch now is new. */
  terminated?(server: ServerTransaction): void;
}

/** For requests whose answer is given at once: nothing that comes of them later matters. */
export const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };

type Input = inviteServer.Input | nonInviteServer.Input;

/**
 * A request of somebody's that was taken on: RFC 3261 §17.2. `accept` of an endpoint makes it; it
 * is answered with `reply`.
 */
export class ServerTransaction implements Timed {
  /** Branch, sent-by, method and source, by which it is found again. RFC 3261 §17.2.3. */
  readonly key: string;
  /** Who answers, and is told what comes of it. */
  readonly user: ServerUser;
  /** Where its responses go. Another one when its connection is gone: RFC 3261 §18.2.2. */
  flow: Flow;
  /** The status of the last response sent; 0 before the first. */
  status = 0;
  readonly #endpoint: Endpoint;
  /** Of an answered request its text is kept alone: it stays for 32 s, and few ask about it. */
  #incoming: Incoming | undefined;
  readonly #text: Octets;
  readonly #arrived: Flow;
  readonly #timer: Timer = newTimer(this);
  readonly #params: inviteServer.Params;
  #invite: inviteServer.State | undefined;
  #other: nonInviteServer.State | undefined;
  #hasMoved = false;
  #isSpent = false;

  constructor(endpoint: Endpoint, incoming: Incoming, key: string, user: ServerUser) {
    this.#endpoint = endpoint;
    this.#incoming = incoming;
    this.#text = incoming.request.text;
    this.#arrived = incoming.flow;
    this.key = key;
    this.user = user;
    //= RFC 3261 §18.2.2
    //# The server transport uses the value of the top Via header field in order to determine where
    //# to send a response. It MUST follow the following process:
    this.flow = responseFlow(incoming.flow, incoming.essentials.via);
    const receivedAt = endpoint.now;
    this.#params = {
      reliable: isReliable(this.flow),
      timers: DEFAULT_TIMERS,
      trying: () => this.#trying(endpoint.now - receivedAt),
    };
  }

  /** The request. Once it is answered, this reads it anew from its text. */
  get incoming(): Incoming {
    return this.#incoming ?? readAgain(this.#text, this.#arrived);
  }

  /** The state's name, as the RFC spells it. */
  get state(): string {
    return this.#invite?.name ?? this.#other?.name ?? "Terminated";
  }

  /** For the endpoint only: the clock of the 100 (Trying) begins. */
  start(now: Millis): void {
    if (this.incoming.request.method === "INVITE") {
      const [state] = inviteServer.start(this.#params, now);
      this.#invite = state;
    } else {
      const [state] = nonInviteServer.start(this.#params, now);
      this.#other = state;
    }
    this.#reschedule();
  }

  /** Answers with a response made here. A final one is answered once; later ones do nothing. */
  reply(reply: Reply): void {
    this.respond(reply.status, this.#compose(reply));
  }

  /** Answers with a response that is already text, its Via headers those of the request. */
  respond(status: number, text: Octets): void {
    if (this.status < 200) this.status = status;
    this.step({ kind: "Respond", status, text }, this.#endpoint.now);
    if (this.status >= 200) this.#incoming = undefined;
  }

  /** The same request again. */
  repeat(): void {
    this.step(RETRANSMISSION, this.#endpoint.now);
  }

  /** Whether this tag stood in the 3xx-6xx that waits for its ACK. */
  refusedWithTag(toTag: string): boolean {
    if (this.#invite?.name !== "Completed") return false;
    const final = parseMessage(this.#invite.final);
    const essentials = final.ok ? readEssentials(final.value) : final;
    return essentials.ok && essentials.value.toTag === toTag;
  }

  /** Ends it without a word: what comes of its request again will be taken for new. */
  abandon(): void {
    this.step({ kind: "Abandon" }, this.#endpoint.now);
  }

  /** For the endpoint only: one input of the machine. */
  step(input: Input, now: Millis): void {
    // Its timer went with the rest: who still holds it may have held it for too long.
    if (this.#isSpent && input.kind !== "Tick" && now >= this.#deadline) this.step(TICK, now);
    if (this.#invite) {
      const [state, ...outputs] = inviteServer.step(this.#params, this.#invite, input, now);
      this.#invite = state;
      for (const output of outputs) this.#carryOut(output);
    } else if (this.#other && input.kind !== "Ack") {
      const [state, ...outputs] = nonInviteServer.step(this.#params, this.#other, input, now);
      this.#other = state;
      for (const output of outputs) this.#carryOut(output);
    }
    this.#reschedule();
  }

  /** Its connection is gone: a response that is still due goes over a new one. */
  lost(cause: unknown): void {
    if (this.status < 200 && !this.#moved()) this.user.unreachable?.(this);
    else if (this.status < 200) return;
    this.transportError(cause);
  }

  /** The connection that was asked for to send its response never came to be. */
  notOpened(cause: unknown): void {
    this.lost(cause);
  }

  /** Once and no more: a peer that hangs up each time is not called for ever. */
  #moved(): boolean {
    if (this.#hasMoved) return false;
    this.#hasMoved = true;
    return this.#endpoint.wayBack(this);
  }

  /** For the endpoint only: a response could not be sent. RFC 6026 §8.8. */
  transportError(cause: unknown): void {
    this.step({ kind: "TransportError", cause }, this.#endpoint.now);
  }

  /** For the wheel only. */
  due(now: Millis): void {
    this.step(TICK, now);
  }

  #carryOut(output: inviteServer.Output | nonInviteServer.Output): void {
    if (output.kind === "Send") {
      const isSent =
        this.#endpoint.transmit(this.flow, output.text) ||
        (this.#moved() && this.#endpoint.transmit(this.flow, output.text));
      if (!isSent) this.#endpoint.later(() => this.transportError("it cannot be sent"));
    } else if (output.kind === "Failed") {
      this.user.failed(this, output.reason);
    }
  }

  #reschedule(): void {
    const { state } = this;
    if (state === "Terminated") {
      this.#endpoint.schedule(this.#timer, NEVER);
      if (!this.#isSpent && this.#endpoint.forgetServer(this)) this.user.terminated?.(this);
    } else if (this.#other?.name === "Completed") {
      this.#spend(this.#other.final);
    } else if (state === "Accepted") {
      this.#spend("");
    } else {
      this.#endpoint.schedule(this.#timer, this.#deadline);
    }
  }

  get #deadline(): Millis {
    if (this.#invite) return inviteServer.deadline(this.#invite);
    return this.#other ? nonInviteServer.deadline(this.#other) : NEVER;
  }

  /** Nothing is left to do but to say this again. */
  #spend(text: Octets): void {
    if (this.#isSpent) return;
    const { key, flow, status } = this;
    const until = this.#deadline;
    if (flow.connection !== 0 || this.user.terminated) {
      return this.#endpoint.schedule(this.#timer, until);
    }
    this.#isSpent = true;
    this.#endpoint.schedule(this.#timer, NEVER);
    this.#endpoint.spendServer({ key, flow, text, until }, status);
  }

  //= RFC 3261 §8.2.6.1
  //# When a 100 (Trying) response is generated, any Timestamp header field present in the request
  //# MUST be copied into this 100 (Trying) response.
  #trying(delayMs: Millis): Octets {
    const timestamp = header(this.incoming.request, "Timestamp");
    const headers: HeaderField[] = [];
    //= RFC 3261 §8.2.6.1
    //# This value MUST contain the difference between the time of sending of the response and
    //# receipt of the request, measured in seconds.
    if (timestamp !== undefined) {
      headers.push(["Timestamp", `${timestamp} ${(delayMs / 1000).toFixed(3)}`]);
    }
    return this.#compose({ status: 100, headers });
  }

  #compose(reply: Reply): Octets {
    return this.#endpoint.composeReply(this.incoming, reply);
  }
}

const TICK = { kind: "Tick" } as const;
const RETRANSMISSION = { kind: "Retransmission" } as const;
