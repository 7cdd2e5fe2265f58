/** How octets travel on a connection: in order and none lost, but in what pieces, and how late. */
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";

/** What connections suffer. All that is sent arrives, in order, or the connection ends. */
export interface StreamWeather {
  /** So many octets arrive at a time, and the next so much later. */
  readonly dribble?: { readonly bytes: number; readonly everyMs: Millis };
  /** What is sent within this time travels together. */
  readonly coalesceMs?: Millis;
  /** Once so many octets have arrived, both ways together, the connection is reset. */
  readonly resetAfterBytes?: number;
  /** What becomes of whoever wants to connect: `silent` is a SYN that nobody answers. */
  readonly opening?: "refused" | "silent";
}

/** What the pieces of one direction need of the connection and its world. */
export interface Bed {
  readonly now: () => Millis;
  readonly after: (ms: Millis, run: () => void) => void;
  readonly delayMs: () => Millis;
  readonly weather: () => StreamWeather;
  /** Whether a segment gets through right now. */
  readonly isOpen: () => boolean;
  readonly arrived: (octets: Octets) => void;
  /** Everything has arrived, and nothing comes after it. */
  readonly finished: () => void;
  /** The kernel has sent it again and again, and gives up. */
  readonly timedOut: () => void;
}

const FIRST_RETRANSMISSION_MS: Millis = 200;
const MAX_RETRANSMISSION_MS: Millis = 60_000;
/** How long a kernel sends again what is not acknowledged: on Linux about a quarter of an hour. */
export const STREAM_GIVES_UP_MS: Millis = 900_000;

const FIN = Symbol("FIN");

/** One direction of a connection. */
export class Stream {
  readonly #bed: Bed;
  readonly #arrivals: (Octets | typeof FIN)[] = [];
  #held = "";
  #isHolding = false;
  #lastAt: Millis = 0;
  #isWaiting = false;
  #isFinished = false;
  #isDead = false;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  send(octets: Octets): void {
    if (this.#isFinished || this.#isDead) return;
    this.#held += octets;
    const { coalesceMs = 0 } = this.#bed.weather();
    if (coalesceMs === 0) return this.#flush();
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#bed.after(coalesceMs, () => this.#flush());
  }

  /** FIN: what was sent before arrives before. */
  finish(): void {
    if (this.#isFinished || this.#isDead) return;
    this.#flush();
    this.#isFinished = true;
    this.#depart(FIN);
  }

  /** What is on its way never arrives. */
  kill(): void {
    this.#isDead = true;
    this.#arrivals.length = 0;
  }

  #flush(): void {
    const octets = this.#held;
    this.#held = "";
    this.#isHolding = false;
    const { dribble } = this.#bed.weather();
    for (const piece of pieces(octets, dribble?.bytes ?? octets.length)) {
      this.#depart(piece, dribble?.everyMs);
    }
  }

  #depart(piece: Octets | typeof FIN, everyMs: Millis = 0): void {
    const now = this.#bed.now();
    this.#lastAt = Math.max(this.#lastAt + everyMs, now + this.#bed.delayMs());
    this.#bed.after(this.#lastAt - now, () => {
      if (this.#isDead) return;
      this.#arrivals.push(piece);
      if (!this.#isWaiting) this.#deliver(FIRST_RETRANSMISSION_MS, this.#bed.now());
    });
  }

  /** Hands over what has come, or waits for the way to be there again. */
  #deliver(retryMs: Millis, since: Millis): void {
    this.#isWaiting = false;
    for (let next = this.#arrivals[0]; next !== undefined; next = this.#arrivals[0]) {
      if (!this.#bed.isOpen()) return this.#wait(retryMs, since);
      this.#arrivals.shift();
      if (next === FIN) this.#bed.finished();
      else this.#bed.arrived(next);
    }
  }

  #wait(retryMs: Millis, since: Millis): void {
    if (this.#bed.now() - since >= STREAM_GIVES_UP_MS) return this.#bed.timedOut();
    this.#isWaiting = true;
    this.#bed.after(retryMs, () => {
      if (!this.#isDead) this.#deliver(Math.min(2 * retryMs, MAX_RETRANSMISSION_MS), since);
    });
  }
}

function pieces(octets: Octets, bytes: number): readonly Octets[] {
  const all: Octets[] = [];
  for (let at = 0; at < octets.length; at += bytes) all.push(octets.slice(at, at + bytes));
  return all;
}
