/** Runs an endpoint on this machine's clock and hands its outputs to the drivers. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Input, Output, Standing } from "../endpoint/input-output.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import type { TransportName } from "../transport/flow.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import type { Resolve } from "./dns.ts";

/** What a driver of connections does for the endpoint. It gives it to `connection` of a Runner. */
export interface Link {
  /** Writes these octets, in order; what cannot go any more is dropped, and `closed` tells. */
  send(octets: Octets): void;
  /** Ends the connection once what was said is out. */
  close(reason?: string): void;
  /** Who is there, so that it makes room for others or others for it. */
  regard?(as: Standing): void;
}

/** What a driver of connections tells the endpoint. After `closed` nothing more is heard. */
export interface Connection {
  /**
   * Octets as they came on a stream (TCP, TLS), or one whole WebSocket message; `waitedMs` is how
   * long they have lain here, where that is known.
   */
  received(octets: Octets, waitedMs?: Millis): void;
  /** It is over; `cause` is the error, where there was one. */
  closed(cause?: unknown): void;
}

/** A connection that is open, as its driver found it. */
export interface ConnectionInfo {
  /** How it goes; TLS and WSS once the handshake has succeeded. */
  readonly transport: Exclude<TransportName, "UDP">;
  /** Our end; `nowhere.invalid` where the world does not say. */
  readonly local: Address;
  /** The other end: an IP address, or the host of a WebSocket's URL. */
  readonly remote: Address;
  /** The number of the `Open` output that it answers; left out for one that was accepted. */
  readonly dial?: number;
  /** The SIP domains that the peer's certificate proved (RFC 5922 §7.1). */
  readonly identities?: readonly string[];
}

/** Sends datagrams from one local address. */
export type SendDatagram = (remote: Address, octets: Octets) => void;

/** Opens what an `Open` output asks for; reports through `connection` or `notOpened`. */
export type Dialler = (runner: Runner, dial: number, to: Destination) => void;

/** An endpoint at work. Sockets of any kind can be joined to it by `listening` and `connection`. */
export interface Runner {
  /** What is run. What sends is to be called from inside `call`. */
  readonly endpoint: Endpoint;
  /** The time that the endpoint is told: milliseconds since 1970 that never jump. */
  now(): Millis;
  /** Tells the endpoint what happened, and carries out what comes of it; nothing once closed. */
  input(input: Input): void;
  /**
   * Calls `run` as an input of the endpoint: what it sends goes out when it returns, or, from
   * inside another input, after that one.
   */
  call(run: () => void): void;
  /** Datagrams can leave from `local`, which is this machine's address and not a wildcard. */
  listening(local: Address, send: SendDatagram): void;
  /** A connection is open. What is to be sent comes to `link`; what arrives goes to the result. */
  connection(info: ConnectionInfo, link: Link): Connection;
  /**
   * Stops the timer and closes every connection; what arrives afterwards is dropped. Sockets for
   * datagrams and listeners are closed by whoever opened them.
   */
  close(): void;
}

/** Milliseconds since 1970 that never jump: a set clock must not end every call. */
const monotonicNow = (): Millis => performance.timeOrigin + performance.now();

/** What an endpoint needs of its world beside a clock. */
export interface RunnerOptions {
  /** Opens connections. Without it there are only those that others open to us. */
  readonly dialler?: Dialler;
  /** Answers the endpoint's questions; without it the DNS is said to fail. */
  readonly dns?: Resolve;
  /**
   * Hears of defects: exceptions from a role or a driver. What was being handled is lost, all else
   * goes on. Without it they are thrown, and end a program that does not catch them.
   */
  readonly onFault?: (fault: unknown) => void;
  /** How late the loop is, in ms: so long has waited what comes over connections. */
  readonly lateMs?: () => Millis;
}

/** Runs an endpoint until the runner is closed. While a deadline is set the process stays alive. */
export function run(endpoint: Endpoint, options: RunnerOptions = {}): Runner {
  return new NodeRunner(endpoint, options);
}

class NodeRunner implements Runner {
  readonly endpoint: Endpoint;
  readonly #dialler: Dialler | undefined;
  readonly #dns: Resolve;
  readonly #onFault: ((fault: unknown) => void) | undefined;
  readonly #lateMs: (() => Millis) | undefined;
  readonly #sockets = new Map<string, SendDatagram>();
  /** By the very object that named it at `listening`, which is what comes back as a rule. */
  readonly #socketOf = new WeakMap<Address, SendDatagram>();
  readonly #links = new Map<number, Link>();
  /** Inputs that come while one is being carried out, as when a send fails at once. */
  readonly #waiting: Input[] = [];
  #busy = false;
  #closed = false;
  #connections = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Number.POSITIVE_INFINITY;

  constructor(endpoint: Endpoint, options: RunnerOptions) {
    const { dialler, dns = failing, onFault, lateMs } = options;
    this.#lateMs = lateMs;
    this.endpoint = endpoint;
    this.#dialler = dialler;
    this.#dns = dns;
    this.#onFault = onFault;
  }

  now(): Millis {
    return monotonicNow();
  }

  input(input: Input): void {
    if (this.#closed) return;
    if (this.#busy) {
      this.#waiting.push(input);
      return;
    }
    this.#busy = true;
    try {
      for (let next: Input | undefined = input; next; next = this.#waiting.shift()) {
        this.#handle(next);
      }
    } finally {
      this.#busy = false;
      // Even if something threw: one bad turn must not stop the clock for all the others.
      this.#setTimer();
    }
  }

  #handle(input: Input): void {
    try {
      for (const output of this.endpoint.handle(input, monotonicNow())) this.#carryOut(output);
    } catch (fault) {
      if (!this.#onFault) throw fault;
      this.#onFault(fault);
    }
  }

  call(run: () => void): void {
    this.input({ kind: "Call", run });
  }

  listening(local: Address, send: SendDatagram): void {
    this.#sockets.set(formatAddress(local), send);
    this.#socketOf.set(local, send);
    this.input({ kind: "Listening", transport: "UDP", local });
  }

  connection(info: ConnectionInfo, link: Link): Connection {
    const connection = ++this.#connections;
    this.#links.set(connection, link);
    this.input({ kind: "Opened", connection, ...info });
    return {
      received: (octets, waitedMs = 0) => this.#received(connection, octets, waitedMs),
      closed: (cause) => {
        if (this.#links.delete(connection)) this.input({ kind: "Closed", connection, cause });
      },
    };
  }

  /** What came over a connection: that the loop is late as well, no socket says. */
  #received(connection: number, octets: Octets, soFarMs: Millis): void {
    const waitedMs = soFarMs + (this.#lateMs?.() ?? 0);
    this.input({ kind: "Received", connection, octets, waitedMs });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #carryOut(output: Output): void {
    switch (output.kind) {
      case "Datagram":
        this.#socketFrom(output.local)?.(output.remote, output.octets);
        break;
      case "Send":
        this.#links.get(output.connection)?.send(output.octets);
        break;
      case "Close":
        this.#links.get(output.connection)?.close();
        break;
      case "Regard":
        this.#links.get(output.connection)?.regard?.(output.as);
        break;
      case "Open":
        if (this.#dialler) this.#dialler(this, output.dial, output.to);
        else
          this.input({
            kind: "NotOpened",
            dial: output.dial,
            cause: "this program opens no connections",
          });
        break;
      case "Query": {
        const { question } = output;
        void this.#dns(question).then((answer) => {
          this.input({ kind: "Answered", question, answer });
        });
      }
    }
  }

  #socketFrom(local: Address): SendDatagram | undefined {
    return this.#socketOf.get(local) ?? this.#sockets.get(formatAddress(local));
  }

  /** One timer, moved only when it has to be earlier or has gone off. */
  #setTimer(): void {
    const deadline = this.endpoint.deadline();
    if (deadline === this.#timerAt || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.ceil(deadline - monotonicNow()));
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.input({ kind: "Tick" });
    }, wait);
  }
}

const failing: Resolve = async () => ({ kind: "Failed", why: "SERVFAIL" });
