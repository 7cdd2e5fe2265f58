/**
 * Sends pings over a flow, and says when it is dead: CRLFs over a connection, STUN or bare CRLFs
 * over UDP. Runs the machine of `usage/keep-alive.ts`. RFC 5626 §4.4.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import { NEVER } from "../transaction/timers.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { bindingRequest, mappedAddress } from "../transport/stun.ts";
import { formatAddress } from "../uri/host.ts";
import * as machine from "../usage/keep-alive.ts";

export interface FlowPromise {
  /** Whether a call goes on, which would be cut off. */
  readonly isInCall: () => boolean;
  /** Of the registration's answer: its Flow-Timer. */
  readonly flowTimerSeconds: number | undefined;
  /** The server said that it does RFC 5626, and so answers. */
  readonly isPromised: boolean;
}

/**
 * A pong that is asked for because something else fell silent is not waited for as long: what is
 * lost of it is sent again within a quarter of a second, and to dial anew costs less than silence.
 */
const DOUBT_MS = 400;

export class FlowKeeper implements Timed {
  readonly flow: Flow;
  readonly #endpoint: Endpoint;
  readonly #usual: machine.Params;
  readonly #inCall: machine.Params;
  readonly #isInCall: () => boolean;
  readonly #lost: () => void;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State;
  /** Of the STUN request that waits for its answer. */
  #asked: Octets | undefined;
  readonly #doubt: Timer = newTimer({ due: () => this.#die() });
  /** Where a NAT has us appear. */
  #mapped: string | undefined;

  constructor(endpoint: Endpoint, flow: Flow, how: FlowPromise, lost: () => void) {
    const { flowTimerSeconds, isPromised, isInCall } = how;
    this.flow = flow;
    this.#endpoint = endpoint;
    this.#lost = lost;
    this.#isInCall = isInCall;
    this.#usual = {
      ...machine.pingTimes(flowTimerSeconds, isReliable(flow)),
      //= RFC 5626 §4.4.1
      //# This approach MUST only be used with connection oriented transports such as TCP or SCTP;
      //# it MUST NOT be used with connection-less transports such as UDP.
      // A lone CRLF over UDP, for a NAT, is no ping: nothing answers it.
      patienceMs: isReliable(flow) ? machine.PONG_MS : machine.STUN_MS,
      isPromised: isPromised,
    };
    // Over UDP what is sent is sent for a NAT, or is answered in its own time.
    this.#inCall = isReliable(flow) ? { ...this.#usual, ...machine.IN_CALL } : this.#usual;
    [this.#state] = machine.start(this.#params, endpoint.now, this.#random());
    this.#schedule();
  }

  /** What arrived on this flow and is no message. */
  heard(octets: Octets): void {
    if (isReliable(this.flow)) {
      this.#endpoint.schedule(this.#doubt, NEVER);
      return this.#step({ kind: "Pong", random: this.#random() });
    }
    const mapped = this.#asked === undefined ? undefined : mappedAddress(octets, this.#asked);
    if (mapped === undefined) return;
    this.#asked = undefined;
    const address = formatAddress(mapped);
    //= RFC 5626 §4.4.2
    //# If the XOR-MAPPED-ADDRESS in the STUN Binding Response changes, the UA MUST treat this event
    //# as a failure on the flow.
    if (this.#mapped !== undefined && this.#mapped !== address) return this.#die();
    this.#mapped = address;
    this.#step({ kind: "Pong", random: this.#random() });
  }

  /**
   * Asks at once whether a connection is still one. Without an answer it is dead, if it has given
   * one before.
   */
  doubt(): void {
    const state = this.#state;
    if (!isReliable(this.flow) || state.name === "Terminated") return;
    const at = this.#endpoint.now + DOUBT_MS;
    if (state.answers) this.#endpoint.schedule(this.#doubt, at);
    this.#ping();
  }

  /** A call has begun. */
  hurry(): void {
    this.#step({ kind: "Hurry", random: this.#random() });
  }

  stop(): void {
    this.#endpoint.schedule(this.#doubt, NEVER);
    this.#step({ kind: "Abandon" });
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick", random: this.#random() });
  }

  #die(): void {
    this.stop();
    this.#lost();
  }

  #step(input: machine.Input): void {
    const { now } = this.#endpoint;
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, now);
    this.#state = state;
    this.#schedule();
    for (const output of outputs) {
      if (output.kind === "Ping") this.#ping();
      else this.#lost();
    }
  }

  get #params(): machine.Params {
    return this.#isInCall() ? this.#inCall : this.#usual;
  }

  #schedule(): void {
    this.#endpoint.schedule(this.#timer, machine.deadline(this.#state));
  }

  #ping(): void {
    this.#endpoint.transmit(this.flow, this.#octets());
  }

  //= RFC 5626 §4.4.1
  //# Clients MUST support this CRLF keep-alive.
  //= RFC 5626 §4.4.2
  //# This approach MUST only be used with connection-less transports, such as UDP; it MUST NOT be
  //# used for connection-oriented transports such as TCP and SCTP.
  //= RFC 5626 §4.4.2
  //# Clients MUST support STUN-based keep-alives.
  //= RFC 5626 §8
  //# A SIP node MUST NOT send STUN requests over a flow unless it has an explicit indication that
  //# the target next-hop SIP server claims to support this specification. UACs MUST NOT use an
  //# ambiguous configuration option such as "Work through NATs?" or "Do keep-alives?" to imply
  //# next-hop STUN support.
  #octets(): Octets {
    if (isReliable(this.flow) || !this.#params.isPromised) return "\r\n\r\n";
    // What is sent again is the same request.
    this.#asked ??= bindingRequest(this.#endpoint.ids.random(12));
    return this.#asked;
  }

  #random(): number {
    return this.#endpoint.ids.fraction();
  }
}
