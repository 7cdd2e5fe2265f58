/** One try at one server: its addresses one after the other, each with a flow or without. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Target } from "../locate/target.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import type { Flow } from "../transport/flow.ts";
import type { ServerWay } from "./server-way.ts";

export interface ServerAttemptUser {
  /** Here is a flow: say `next` if it is of no use. */
  opened(flow: Flow): void;
  /** No address of it is left. `why` is for people. */
  failed(why: string): void;
  /** This connection is waited for no longer: if it opens all the same, it is to be closed. */
  abandoned(dial: number): void;
}

export class ServerAttempt implements Timed {
  readonly #endpoint: Endpoint;
  readonly #openMs: Millis;
  readonly #user: ServerAttemptUser;
  readonly #timer: Timer = newTimer(this);
  #left: (() => void)[] = [];
  #dial: number | undefined;
  /** Gives the search for addresses up. */
  #giveUp: (() => void) | undefined;
  #isOver = false;

  /** `openMs`: how long a connection may take to come to be. */
  constructor(endpoint: Endpoint, way: ServerWay, openMs: Millis, user: ServerAttemptUser) {
    this.#endpoint = endpoint;
    this.#openMs = openMs;
    this.#user = user;
    // Whoever begins this has not heard yet that it has begun.
    endpoint.later(() => this.#begin(way));
  }

  #begin(way: ServerWay): void {
    if (this.#isOver) return;
    if (way.kind === "Open") this.#left = [() => this.#open(way.to)];
    else if (way.kind === "Flow") this.#left = [() => this.#use(way.flow())];
    else return this.#locate(way);
    this.next(NO_WAY);
  }

  #locate({ wanted }: Extract<ServerWay, { kind: "Locate" }>): void {
    let isFound = false;
    const giveUp = this.#endpoint.servers.locate(wanted, (outcome) => {
      isFound = true;
      this.#giveUp = undefined;
      if (outcome.kind !== "Located") return this.next(outcome.message);
      this.#left = outcome.targets.map((target) => () => this.#reach(target));
      this.next(NO_WAY);
    });
    if (!isFound) this.#giveUp = giveUp;
  }

  #reach({ transport, address, name }: Target): void {
    if (transport === "TCP" || transport === "TLS") {
      this.#open({ transport, remote: address, name });
    } else this.#use(this.#endpoint.reach({ transport, address, name }));
  }

  #use(flow: Flow | undefined): void {
    if (flow) this.#user.opened(flow);
    else this.next("No address of this machine leads to the server.");
  }

  #open(to: Destination): void {
    this.#dial = this.#endpoint.open(to);
    this.#endpoint.schedule(this.#timer, this.#endpoint.now + this.#openMs);
  }

  /** The next address, because this one was of no use. */
  next(why: string): void {
    if (this.#isOver) return;
    const one = this.#left.shift();
    if (one) return one();
    this.stop();
    this.#user.failed(why);
  }

  /** Whether this is the connection that was asked for here. */
  opened(flow: Flow, dial: number): boolean {
    if (dial !== this.#dial) return false;
    this.#settle();
    this.#user.opened(flow);
    return true;
  }

  notOpened(dial: number): void {
    if (dial !== this.#dial) return;
    this.#settle();
    this.next(NO_WAY);
  }

  /** For the wheel only. */
  due(): void {
    this.#abandon();
    this.next("The server does not answer.");
  }

  /** Nobody wants it any more. */
  stop(): void {
    this.#isOver = true;
    this.#giveUp?.();
    this.#abandon();
  }

  #abandon(): void {
    if (this.#dial !== undefined) this.#user.abandoned(this.#dial);
    this.#settle();
  }

  #settle(): void {
    this.#dial = undefined;
    this.#endpoint.schedule(this.#timer, NEVER);
  }
}

const NO_WAY = "The server cannot be reached.";
