/**
 * Which calls may have been let in not long ago: so that what is to be turned away need not be
 * looked for among all transactions. Never wrong where it says no. Two sets of bits, one of which
 * is emptied whenever everything in it has been said for the last time.
 */
import { bytesOf } from "../../grammar/byte-view.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";
import type { ToldBefore } from "./told-before.ts";

/** 128 KiB each: of a thousand calls a second, one in twenty is looked for in vain. */
const BITS = 1 << 20;
/** RFC 3261 §17.1.1.2: until timer B fires it may be said again. */
const SAID_AGAIN_MS = 32_000;

/** Fed with every INVITE that is let in, whether there is much to do or not. */
export class LetIn {
  readonly #marks: Pick<ToldBefore, "markOf">;
  #now = new Uint32Array(BITS / 32);
  #before = new Uint32Array(BITS / 32);
  #since: Millis = Number.NEGATIVE_INFINITY;
  /** Until then there may be one that was not noted. */
  #incompleteUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(marks: Pick<ToldBefore, "markOf">) {
    this.#marks = marks;
  }

  /** An INVITE is let in. */
  note(octets: Octets, now: Millis): void {
    const start = viaStart(octets);
    const end = start < 0 ? -1 : octets.indexOf("\r\n", start);
    const after = octets.charCodeAt(end + 2);
    if (end < 0 || after === SP || after === TAB) {
      this.#incompleteUntil = now + 2 * SAID_AGAIN_MS;
      return;
    }
    if (now - this.#since >= SAID_AGAIN_MS) this.#turn(now);
    const { mark } = this.#marks.markOf(octets, start, end);
    this.#now[(mark & (BITS - 1)) >>> 5]! |= 1 << (mark & 31);
  }

  /** Whether a call with this mark may have been let in. */
  mayHave(mark: number, now: Millis): boolean {
    if (now < this.#incompleteUntil) return true;
    const word = (mark & (BITS - 1)) >>> 5;
    return ((this.#now[word]! | this.#before[word]!) & (1 << (mark & 31))) !== 0;
  }

  #turn(now: Millis): void {
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#now.fill(0);
    this.#since = now;
  }
}

/** Where the values of the topmost Via begin, right behind the first line; -1 anywhere else. */
function viaStart(octets: Octets): number {
  const start = octets.indexOf("\r\n") + 2;
  if (start < 2) return -1;
  const bytes = bytesOf(octets);
  if ((bytes[start]! | 0x20) !== LETTER_V) return -1;
  if (bytes[start + 1] === COLON) return start + 2;
  const isVia = (bytes[start + 1]! | 0x20) === LETTER_I && (bytes[start + 2]! | 0x20) === LETTER_A;
  return isVia && bytes[start + 3] === COLON ? start + 4 : -1;
}

const [LETTER_V, LETTER_I, LETTER_A] = [0x76, 0x69, 0x61];
const [COLON, SP, TAB] = [0x3a, 0x20, 0x09];
