/**
 * What is left of a transaction that has said what it had to say, and only waits for what may come
 * once more: 32 s of it, where a call is set up in one. A server has some hundred thousand of them
 * at a time, and everything that hangs on one would be walked by each collection of garbage; so
 * these hang on nothing. Over UDP alone: elsewhere a connection may end and wants to be told.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { newTimer, type Timed, type Timer } from "./wheel.ts";

/** What it needs of its endpoint. */
export interface SpentUser {
  transmit(flow: Flow, octets: Octets): boolean;
}

/** Makes of a 2xx that comes once more what goes back: empty for nothing. It holds on to nobody. */
export type Passing = (response: Response, essentials: Essentials, back: Flow) => Octets;

/**
 * A request that has been answered: "Completed" of RFC 3261 §17.2.2, with the response to repeat,
 * or "Accepted" of RFC 6026 §7.1, with none.
 */
export class SpentServer {
  readonly key: string;
  readonly until: Millis;
  readonly status: number;
  readonly #user: SpentUser;
  readonly #flow: Flow;
  readonly #final: Octets;

  constructor(user: SpentUser, what: Remains, status: number) {
    this.key = what.key;
    this.until = what.until;
    this.status = status;
    this.#user = user;
    this.#flow = what.flow;
    this.#final = what.text;
  }

  /** The same request again. */
  repeat(): void {
    if (this.#final !== "") this.#user.transmit(this.#flow, this.#final);
  }
}

/**
 * A request of ours that has its answer: "Completed" of RFC 3261 §17.1.2.2, or of §17.1.1.2 with
 * the ACK to repeat, or "Accepted" of RFC 6026 §8.4 with the flow that each 2xx goes back by.
 */
export class SpentClient {
  readonly key: string;
  readonly until: Millis;
  readonly #user: SpentUser;
  readonly #flow: Flow;
  readonly #ack: Octets;
  readonly #pass: Passing | undefined;

  /** `pass`: of an INVITE that was accepted. */
  constructor(user: SpentUser, what: Remains, pass?: Passing) {
    this.key = what.key;
    this.until = what.until;
    this.#user = user;
    this.#flow = what.flow;
    this.#ack = what.text;
    this.#pass = pass;
  }

  //= RFC 3261 §17.1.1.2
  //# Any retransmissions of the final response that are received while in the "Completed" state
  //# MUST cause the ACK to be re-passed to the transport layer for retransmission, but the newly
  //# received response MUST NOT be passed up to the TU.
  //= RFC 6026 §7.2
  //# A 2xx response received while in the "Accepted" state MUST be passed to the TU and the machine
  //# remains in the "Accepted" state.
  received(response: Response, essentials: Essentials): void {
    const { status } = response;
    const is2xx = status >= 200 && status < 300;
    const isRefusal = status >= 300;
    const text = is2xx ? (this.#pass?.(response, essentials, this.#flow) ?? "") : "";
    const said = isRefusal ? this.#ack : text;
    if (said !== "") this.#user.transmit(this.#flow, said);
  }
}

/** What is kept. */
export interface Remains {
  readonly key: string;
  readonly until: Millis;
  readonly flow: Flow;
  /** What is said again; empty for nothing. */
  readonly text: Octets;
}

interface Sized {
  readonly size: number;
}

/** What one that is spent does not take of the memory that one at work does. */
const SPENT_SHARE = 0.75;

/** How many of those at work there could be in the place of all, of which these are spent. */
export const loadOf = (all: Sized, ...spent: readonly Sized[]): number =>
  all.size - SPENT_SHARE * spent.reduce((sum, { size }) => sum + size, 0);

/** From here its array is cut, and not before: each cut moves all the rest. */
const MANY = 1024;

interface QueueUser {
  schedule(timer: Timer, at: Millis): void;
}

/** Those that end equally long after they begin: the first in is the first out. */
export class SpentQueue<T extends { readonly until: Millis }> implements Timed {
  readonly #user: QueueUser;
  readonly #over: (one: T) => void;
  readonly #timer: Timer = newTimer(this);
  readonly #all: (T | undefined)[] = [];
  #head = 0;

  constructor(user: QueueUser, over: (one: T) => void) {
    this.#user = user;
    this.#over = over;
  }

  get size(): number {
    return this.#all.length - this.#head;
  }

  add(one: T): void {
    this.#all.push(one);
    if (this.size === 1) this.#user.schedule(this.#timer, one.until);
  }

  /** For the wheel only. */
  due(now: Millis): void {
    for (let one = this.#all[this.#head]; one && one.until <= now; one = this.#all[this.#head]) {
      this.#all[this.#head++] = undefined;
      this.#over(one);
    }
    if (this.#head >= MANY && this.#head * 2 > this.#all.length) {
      this.#all.splice(0, this.#head);
      this.#head = 0;
    }
    const next = this.#all[this.#head];
    if (next) this.#user.schedule(this.#timer, next.until);
  }
}
