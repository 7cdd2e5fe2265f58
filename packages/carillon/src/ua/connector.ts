/**
 * Has a flow to one of several servers: to the preferred one, to the next while that cannot be had,
 * and to the preferred one again. Runs the machine of `usage/server-order.ts`.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Flow } from "../transport/flow.ts";
import * as machine from "../usage/server-order.ts";
import type { Connecting, ConnectorUser } from "./one-server.ts";
import { partsOf } from "./phone-parts.ts";
import { ServerAttempt } from "./server-attempt.ts";
import { type ServerWay, serverName } from "./server-way.ts";

/**
 * Has this phone take turns with its servers: the next one while the preferred one cannot be had,
 * and that again once it can; and look for those that the DNS knows. Before it registers. RFC 3263
 * §4.3.
 */
export function failover(phone: object): void {
  partsOf(phone).agent.abilities.connect = (...given) => new Connector(...given);
}

/** A lesser server is used for so long before a better one is tried again, and then for longer. */
const COME_BACK = { baseMs: 30_000, maxMs: 600_000 };
const PATIENCE_MS = 5000;

class Connector implements Connecting, Timed {
  readonly #endpoint: Endpoint;
  readonly #ways: readonly ServerWay[];
  readonly #user: ConnectorUser;
  readonly #timer: Timer = newTimer(this);
  readonly #params: machine.Params;
  #state: machine.State;
  #attempt: ServerAttempt | undefined;
  #flow: Flow | undefined;
  /** What is tried now. */
  #tried: Flow | undefined;
  #why = "";
  /** Connections that may still open, and are not wanted any more. */
  readonly #abandoned = new Set<number>();

  /** `ways` is not empty; the preferred one first. */
  constructor(endpoint: Endpoint, ways: readonly ServerWay[], user: ConnectorUser) {
    this.#endpoint = endpoint;
    this.#ways = ways;
    this.#user = user;
    this.#params = { count: ways.length, patienceMs: PATIENCE_MS, comeBack: COME_BACK };
    [this.#state] = machine.start(this.#params, endpoint.now);
  }

  /** What is in use, or what is tried while nothing is. */
  get flow(): Flow | undefined {
    return this.#flow ?? this.#tried;
  }

  /** What is tried, beside what is in use or alone. */
  get tried(): Flow | undefined {
    return this.#tried;
  }

  get isTrying(): boolean {
    return this.#state.name === "Trying";
  }

  /** The server that is in use or tried, as people call it. */
  get server(): string {
    const way = "server" in this.#state ? this.#ways[this.#state.server] : this.#ways[0];
    return way ? serverName(way) : "";
  }

  want(): void {
    this.#step({ kind: "Want" });
  }

  /** The flow that was tried serves us. */
  worked(): void {
    const { tried, flow } = { tried: this.#tried, flow: this.#flow };
    if (!tried) return;
    this.#tried = undefined;
    this.#attempt?.stop();
    this.#attempt = undefined;
    this.#flow = tried;
    this.#step({ kind: "Worked", random: this.#random() });
    this.#user.moved(tried, flow);
  }

  /** It does not: its next address is tried, or the next server. */
  failed(why: string): void {
    this.#dropTried();
    if (this.#attempt) this.#attempt.next(why);
  }

  /** A flow is gone. True if it was the one in use. */
  lost(flow: Flow): boolean {
    if (this.#tried === flow) {
      this.#tried = undefined;
      this.#attempt?.next("The connection to the server is gone.");
      return false;
    }
    if (this.#flow !== flow) return false;
    this.#flow = undefined;
    this.#step({ kind: "Lost" });
    return true;
  }

  /** Whether the connection was asked for here. */
  opened(flow: Flow, dial: number): boolean {
    if (this.#abandoned.delete(dial)) {
      this.#endpoint.close(flow.connection);
      return true;
    }
    return this.#attempt?.opened(flow, dial) ?? false;
  }

  notOpened(dial: number): void {
    this.#abandoned.delete(dial);
    this.#attempt?.notOpened(dial);
  }

  /** Nothing is wanted any more. What is in use stays open. */
  stop(): void {
    this.#step({ kind: "Abandon" });
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick", random: this.#random() });
  }

  #step(input: machine.Input): void {
    const { now } = this.#endpoint;
    const [state, ...outputs] = machine.step(this.#params, this.#state, input, now);
    this.#state = state;
    this.#endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
  }

  #carryOut(output: machine.Output): void {
    if (output.kind === "Try") this.#try(output.server);
    else if (output.kind === "Leave") this.#leave();
    else if (output.kind === "Exhausted") this.#user.exhausted(this.#why);
  }

  #try(server: number): void {
    const way = this.#ways[server];
    if (!way) return;
    this.#attempt = new ServerAttempt(this.#endpoint, way, this.#user.openMs(), {
      opened: (flow) => {
        this.#tried = flow;
        this.#user.opened(flow);
      },
      failed: (why) => {
        this.#why = why;
        this.#attempt = undefined;
        this.#step({ kind: "Failed", random: this.#random() });
      },
      abandoned: (dial) => void this.#abandoned.add(dial),
    });
  }

  #leave(): void {
    this.#attempt?.stop();
    this.#attempt = undefined;
    this.#why = "The server does not answer.";
    this.#dropTried();
  }

  /** What was opened in vain is closed. */
  #dropTried(): void {
    const flow = this.#tried;
    this.#tried = undefined;
    if (flow && flow.connection !== 0) this.#endpoint.close(flow.connection);
  }

  #random(): number {
    return this.#endpoint.ids.fraction();
  }
}
