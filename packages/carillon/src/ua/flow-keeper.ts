/**
 * Sends pings over a flow, and says when it is dead: CRLFs over a connection, STUN or bare CRLFs
 * over UDP. Runs the machine of `usage/keep-alive.ts`. RFC 5626 §4.4.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Via } from "../message/via.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import * as machine from "../usage/keep-alive.ts";
import { type DatagramPings, datagramPings } from "./datagram-pings.ts";

export interface FlowPromise {
  /** Whether a call goes on, which would be cut off. */
  readonly isInCall: () => boolean;
  /** Of the registration's answer: its Flow-Timer. */
  readonly flowTimerSeconds: number | undefined;
  /** The server said that it does RFC 5626, and so answers. */
  readonly isPromised: boolean;
  /** Of the registration's answer: what the server wrote into our Via. */
  readonly via: Via;
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
  readonly #doubt: Timer = newTimer({ due: () => this.#die() });
  /** Undefined over a connection. */
  readonly #datagrams: DatagramPings | undefined;

  constructor(endpoint: Endpoint, flow: Flow, how: FlowPromise, lost: () => void) {
    const { flowTimerSeconds, isPromised, isInCall } = how;
    const datagrams = datagramPings(flow, endpoint, how);
    this.#datagrams = datagrams;
    this.flow = flow;
    this.#endpoint = endpoint;
    this.#lost = lost;
    this.#isInCall = isInCall;
    this.#usual = {
      ...machine.pingTimes(flowTimerSeconds, !datagrams),
      //= RFC 5626 §4.4.1
      //# This approach MUST only be used with connection oriented transports such as TCP or SCTP;
      //# it MUST NOT be used with connection-less transports such as UDP.
      // A lone CRLF over UDP, for a NAT, is no ping: nothing answers it.
      patienceMs: datagrams ? machine.STUN_MS : machine.PONG_MS,
      isPromised: isPromised,
    };
    // Over UDP what is sent is sent for a NAT, or is answered in its own time.
    this.#inCall = datagrams ? this.#usual : { ...this.#usual, ...machine.IN_CALL };
    [this.#state] = machine.start(this.#params, endpoint.now, this.#random());
    this.#schedule();
  }

  /** What arrived on this flow and is no message. */
  heard(octets: Octets): void {
    const isPong = this.#datagrams ? this.#datagrams.heard(octets) : true;
    if (isPong === false) return this.#die();
    if (!isPong) return;
    this.#endpoint.schedule(this.#doubt, NEVER);
    this.#step({ kind: "Pong", random: this.#random() });
  }

  /**
   * Asks at once whether a connection is still one. Without an answer it is dead, if it has given
   * one before.
   */
  doubt(): void {
    const state = this.#state;
    if (state.name === "Terminated") return;
    if (this.#datagrams) return this.#datagrams.forget();
    const at = this.#endpoint.now + DOUBT_MS;
    if (state.answers) this.#endpoint.schedule(this.#doubt, at);
    this.#ping();
  }

  /** Another REGISTER was answered over this flow, with this Via: whether it goes on with it. */
  takes(flow: Flow, via: Via): boolean {
    return this.flow === flow && this.#datagrams?.takes(via) !== false;
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

  //= RFC 5626 §4.4.1
  //# Clients MUST support this CRLF keep-alive.
  #ping(): void {
    this.#endpoint.transmit(this.flow, this.#datagrams?.ping() ?? "\r\n\r\n");
  }

  #random(): number {
    return this.#endpoint.ids.fraction();
  }
}
