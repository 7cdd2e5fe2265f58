/**
 * Who has been turned away already: so that what is said again is answered as it was, and nobody
 * who was told no is rung for after all. A table of one size, where one who comes later may take
 * the place of one who came before: then it is judged anew, and nothing worse happens.
 */
import { bytesOf } from "../../grammar/byte-view.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";

/** Two numbers each, which lie together: 512 KiB. */
const SLOTS = 1 << 16;
/** RFC 3261 §17.1.1.2: until timer B fires it may be said again. */
const REMEMBERED_MS = 32_000;
/** No Via of one hop that is longer than this is told from others by its end. */
const MOST_HASHED = 256;

/**
 * Two numbers of 32 bits that are always the same for a request: by one it is known again here, the
 * other one tells it from others for all the world to see. Neither says anything of the other. Both
 * are signed: V8 calculates with those as they are, and makes objects of larger ones.
 */
export interface Mark {
  readonly mark: number;
  readonly tag: number;
}

/** Remembers 65,536 at most, for 32 s. */
export class ToldBefore {
  /** Of each slot a mark, and when it was made. */
  readonly #table = new Int32Array(2 * SLOTS);
  readonly #seeds: Mark;
  readonly #last = { mark: 0, tag: 0 };

  /** `seeds` are 64 bits that nobody else knows. */
  constructor(seeds: Mark) {
    this.#seeds = seeds;
  }

  /**
   * Of a request: of these octets, which hold its branch. The same object each time, good until the
   * next call.
   */
  markOf(text: Octets, start: number, end: number): Mark {
    const bytes = bytesOf(text);
    let mark = this.#seeds.mark ^ 0x811c9dc5;
    let tag = this.#seeds.tag ^ 0x811c9dc5;
    const last = Math.min(end, start + MOST_HASHED);
    for (let at = start; at < last; at++) {
      mark = Math.imul(mark ^ bytes[at]!, 0x01000193);
      tag = Math.imul(tag ^ bytes[at]!, 0x9e3779b1);
    }
    this.#last.mark = mixed(mark);
    this.#last.tag = mixed(tag);
    return this.#last;
  }

  has(mark: number, now: Millis): boolean {
    const at = placeOf(mark);
    if (this.#table[at] !== mark) return false;
    // 32 bits go round in seven weeks; what is between two times does not.
    return (now - this.#table[at + 1]!) >>> 0 < REMEMBERED_MS;
  }

  add(mark: number, now: Millis): void {
    const at = placeOf(mark);
    this.#table[at] = mark;
    this.#table[at + 1] = now;
  }
}

const placeOf = (mark: number): number => 2 * (mark & (SLOTS - 1));

/** Every bit of it in every other one. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
