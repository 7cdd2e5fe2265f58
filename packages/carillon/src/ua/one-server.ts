/** Has a flow to the one server that there is; connector.ts is for several. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { type ServerWay, serverName } from "./server-way.ts";

export interface ConnectorUser {
  /** A flow to try: say `worked` or `failed`. Another may be in use until this one works. */
  opened(flow: Flow): void;
  /** From now on it is this one; nothing new is to go over the other, which may be gone. */
  moved(flow: Flow, from: Flow | undefined): void;
  /** How long a connection may take to come to be. */
  openMs(): Millis;
  /** None of them could be had, for this reason in words. */
  exhausted(why: string): void;
}

/** Whatever has a flow to a server. */
export interface Connecting {
  /** What is in use, or what is tried while nothing is. */
  readonly flow: Flow | undefined;
  /** What is tried, beside what is in use or alone. */
  readonly tried: Flow | undefined;
  readonly isTrying: boolean;
  /** The server that is in use or tried, as people call it. */
  readonly server: string;
  want(): void;
  /** The flow that was tried serves us. */
  worked(): void;
  /** It does not: its next address is tried, or the next server. */
  failed(why: string): void;
  /** A flow is gone. True if it was the one in use. */
  lost(flow: Flow): boolean;
  /** Whether the connection was asked for here. */
  opened(flow: Flow, dial: number): boolean;
  notOpened(dial: number): void;
  /** Nothing is wanted any more. What is in use stays open. */
  stop(): void;
}

/** How long the server may take for its first answer. */
const PATIENCE_MS = 5000;

/** Throws a RangeError where there are several, or one whose addresses are to be looked for. */
export function oneServer(
  endpoint: Endpoint,
  ways: readonly ServerWay[],
  user: ConnectorUser,
): Connecting {
  const [way, ...others] = ways;
  if (!way || others.length > 0 || way.kind === "Locate") {
    throw new RangeError("several servers, or such as have to be found, need `failover(phone)`");
  }
  return new OneServer(endpoint, way, user);
}

class OneServer implements Connecting, Timed {
  readonly server: string;
  isTrying = false;
  tried: Flow | undefined;
  readonly #endpoint: Endpoint;
  readonly #way: Exclude<ServerWay, { kind: "Locate" }>;
  readonly #user: ConnectorUser;
  readonly #timer: Timer = newTimer(this);
  #flow: Flow | undefined;
  #dial: number | undefined;

  constructor(
    endpoint: Endpoint,
    way: Exclude<ServerWay, { kind: "Locate" }>,
    user: ConnectorUser,
  ) {
    this.server = serverName(way);
    this.#endpoint = endpoint;
    this.#way = way;
    this.#user = user;
  }

  get flow(): Flow | undefined {
    return this.#flow ?? this.tried;
  }

  want(): void {
    if (this.isTrying || this.#flow) return;
    this.isTrying = true;
    const way = this.#way;
    if (way.kind === "Open") {
      this.#dial = this.#endpoint.open(way.to);
      this.#wait(this.#user.openMs());
    } else {
      const flow = way.flow();
      // Whoever begins this has not heard yet that it has begun.
      this.#endpoint.later(() => (flow ? this.#begin(flow) : this.failed(NO_WAY)));
    }
  }

  worked(): void {
    const { tried } = this;
    if (!tried) return;
    this.#settle();
    this.#flow = tried;
    this.#user.moved(tried, undefined);
  }

  failed(why: string): void {
    const { tried, isTrying } = this;
    this.#settle();
    if (tried && tried.connection !== 0) this.#endpoint.close(tried.connection);
    if (isTrying) this.#user.exhausted(why);
  }

  lost(flow: Flow): boolean {
    if (this.tried === flow) {
      this.tried = undefined;
      this.failed("The connection to the server is gone.");
      return false;
    }
    if (this.#flow !== flow) return false;
    this.#flow = undefined;
    return true;
  }

  opened(flow: Flow, dial: number): boolean {
    if (dial !== this.#dial) return false;
    this.#dial = undefined;
    // It came too late: nobody wants it any more.
    if (this.isTrying) this.#begin(flow);
    else this.#endpoint.close(flow.connection);
    return true;
  }

  notOpened(dial: number): void {
    if (dial !== this.#dial) return;
    this.#dial = undefined;
    this.failed(NO_WAY);
  }

  stop(): void {
    this.#settle();
  }

  /** For the wheel only. */
  due(): void {
    this.failed("The server does not answer.");
  }

  #begin(flow: Flow): void {
    if (!this.isTrying) return;
    this.tried = flow;
    this.#wait(PATIENCE_MS);
    this.#user.opened(flow);
  }

  #wait(ms: Millis): void {
    this.#endpoint.schedule(this.#timer, this.#endpoint.now + ms);
  }

  #settle(): void {
    this.isTrying = false;
    this.tried = undefined;
    this.#endpoint.schedule(this.#timer, NEVER);
  }
}

const NO_WAY = "The server cannot be reached.";
