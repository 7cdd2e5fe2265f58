/**
 * A server that can do only so much, and people who ask for more: an endpoint of which each message
 * takes its time, with a socket of so many datagrams before it, and SIP's own repetitions on both
 * sides. Virtual time, and no network between them. For tests of what happens under overload.
 */
import { portableCrypto } from "../auth/portable-crypto.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { Output } from "../endpoint/input-output.ts";
import type { Admission } from "../endpoint/overload/admission.ts";
import type { Role } from "../endpoint/role.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Address } from "../uri/host.ts";
import { seeded, seededBytes } from "./random.ts";

/** What the server can do. Times are in ms. */
export interface BusyServerOptions {
  readonly role: Role;
  readonly admission?: Admission;
  /** What a message costs that is let in, and one that is not. */
  readonly costMs: Millis;
  readonly refusalMs: Millis;
  /** Datagrams that the socket holds; one more is lost. */
  readonly socket: number;
  readonly seed: number;
}

interface Event {
  readonly at: Millis;
  readonly nth: number;
  readonly run: () => void;
}

interface Waiting {
  readonly octets: Octets;
  readonly from: Address;
  readonly at: Millis;
}

/** Where the server is. */
export const SERVER: Address = { host: "192.0.2.1", port: 5060 };

/**
 * A socket that loses what comes is too small for anything to have waited for long in it. The
 * drivers have all that is in it count as if it had waited for so long, and so it does for a while.
 */
const [OVERFLOW_MS, OVERFLOWN_MS] = [100, 100];

/** One server and the time around it. */
export class BusyServer {
  now: Millis = 0;
  /** Datagrams that the socket had no room for. */
  lost = 0;
  readonly endpoint: Endpoint;
  readonly #options: BusyServerOptions;
  readonly #events = new Agenda();
  readonly #socket: Waiting[] = [];
  readonly #peers = new Map<string, (octets: Octets) => void>();
  #overflownUntil: Millis = 0;
  #isBusy = false;
  #wasLetIn = true;
  #tickAt: Millis = Number.POSITIVE_INFINITY;

  constructor(options: BusyServerOptions) {
    this.#options = options;
    const { role, admission } = options;
    const noted = admission && this.#noted(admission);
    this.endpoint = createEndpoint({
      role,
      crypto: portableCrypto(seededBytes(seeded(options.seed))),
      ...(noted && { admission: noted }),
    });
    this.#carryOut(this.endpoint.handle({ kind: "Listening", transport: "UDP", local: SERVER }, 0));
  }

  /** Somebody is there, and hears what the server sends. */
  join(at: Address, hear: (octets: Octets) => void): void {
    this.#peers.set(`${at.host}:${at.port}`, hear);
  }

  /** A datagram to the server. */
  send(from: Address, octets: Octets): void {
    if (this.#socket.length >= this.#options.socket) {
      this.lost++;
      this.#overflownUntil = this.now + OVERFLOWN_MS;
      return;
    }
    this.#socket.push({ octets, from, at: this.now });
    this.#serve();
  }

  /** Runs something at this time, or now if that has passed. */
  at(time: Millis, run: () => void): void {
    this.#events.add(Math.max(time, this.now), run);
  }

  /** Everything that happens until then. */
  runUntil(end: Millis): void {
    for (let next = this.#events.next(end); next; next = this.#events.next(end)) {
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  #serve(): void {
    const next = this.#isBusy ? undefined : this.#socket.shift();
    if (!next) return;
    this.#isBusy = true;
    this.#wasLetIn = true;
    const { octets, from: remote } = next;
    const leastMs = this.now < this.#overflownUntil ? OVERFLOW_MS : 0;
    const waitedMs = Math.max(leastMs, this.now - next.at);
    const input = { kind: "Datagram", local: SERVER, remote, octets, waitedMs } as const;
    const outputs = this.endpoint.handle(input, this.now);
    const { costMs, refusalMs } = this.#options;
    this.at(this.now + (this.#wasLetIn ? costMs : refusalMs), () => {
      this.#isBusy = false;
      this.#carryOut(outputs);
      this.#serve();
    });
  }

  #carryOut(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind !== "Datagram") continue;
      const { host, port } = output.remote;
      const hear = this.#peers.get(`${host}:${port}`);
      this.at(this.now, () => hear?.(output.octets));
    }
    const deadline = this.endpoint.deadline();
    if (deadline >= this.#tickAt) return;
    this.#tickAt = deadline;
    this.at(deadline, () => {
      this.#tickAt = Number.POSITIVE_INFINITY;
      this.#carryOut(this.endpoint.handle({ kind: "Tick" }, this.now));
    });
  }

  #noted(admission: Admission): Admission {
    return {
      attach: (world) => admission.attach(world),
      judge: (...args) => {
        const verdict = admission.judge(...args);
        this.#wasLetIn = verdict === "go";
        return verdict;
      },
      leaving: (...args) => admission.leaving(...args),
    };
  }
}

/** What is to happen, the earliest first: a heap. */
class Agenda {
  readonly #heap: Event[] = [];
  #count = 0;

  add(at: Millis, run: () => void): void {
    const heap = this.#heap;
    const event = { at, nth: this.#count++, run };
    let nth = heap.length;
    heap.push(event);
    for (let up = (nth - 1) >> 1; nth > 0 && isBefore(event, heap[up]!); up = (nth - 1) >> 1) {
      heap[nth] = heap[up]!;
      nth = up;
    }
    heap[nth] = event;
  }

  /** The next one, if it is before this time. */
  next(end: Millis): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    if (!first || first.at > end) return undefined;
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let nth = 0;
    for (;;) {
      let child = 2 * nth + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, event)) break;
      heap[nth] = heap[child]!;
      nth = child;
    }
    heap[nth] = event;
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.at < other.at || (one.at === other.at && one.nth < other.nth);
