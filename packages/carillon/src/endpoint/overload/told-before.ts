/**
 * Who has been turned away already: so that what is said again is answered as it was, and nobody
 * who was told no is rung for after all. A table of one size, where one who comes later may take
 * the place of one who came before: then it is judged anew, and nothing worse happens.
 */
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";

/** Two numbers each: 512 KiB. */
const SLOTS = 1 << 16;
/** RFC 3261 §17.1.1.2: until timer B fires it may be said again. */
const REMEMBERED_MS = 32_000;
/** No Via of one hop that is longer than this is told from others by its end. */
const MOST_HASHED = 256;

/** Remembers 65,536 at most, for 32 s. */
export class ToldBefore {
  readonly #marks = new Uint32Array(SLOTS);
  readonly #times = new Uint32Array(SLOTS);
  readonly #seed: number;

  /** `seed` is any 32 bits that nobody else knows. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** What tells one request from others here: 32 bits of these octets, which hold its branch. */
  markOf(text: Octets, start: number, end: number): number {
    let hash = this.#seed ^ 0x811c9dc5;
    const last = Math.min(end, start + MOST_HASHED);
    for (let at = start; at < last; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    return hash >>> 0;
  }

  has(mark: number, now: Millis): boolean {
    const slot = mark % SLOTS;
    return this.#marks[slot] === mark && inMs(now) - this.#times[slot]! < REMEMBERED_MS;
  }

  add(mark: number, now: Millis): void {
    const slot = mark % SLOTS;
    this.#marks[slot] = mark;
    this.#times[slot] = inMs(now);
  }
}

/** 32 bits go round in seven weeks, at which moment a few are judged anew. */
const inMs = (now: Millis): number => Math.floor(now) % 2 ** 32;
