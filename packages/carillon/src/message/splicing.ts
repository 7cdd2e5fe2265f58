/** Edits from the front to the back of a text: what a forwarder does, which knows their order. */
import type { Octets } from "../grammar/octets.ts";

export class Splicing {
  readonly #text: Octets;
  #out: Octets = "";
  #at = 0;

  constructor(text: Octets) {
    this.#text = text;
  }

  /**
   * Replaces the octets from `start` to `end`; an insertion where both are equal. Throws a
   * RangeError where this goes back.
   */
  replace(start: number, end: number, by: Octets): void {
    if (start < this.#at || end < start) throw new RangeError(`edits overlap at ${start}`);
    this.#out += start === this.#at ? by : this.#text.slice(this.#at, start) + by;
    this.#at = end;
  }

  /** All of it, up to `end`. */
  finish(end: number = this.#text.length): Octets {
    return this.#out + this.#text.slice(this.#at, end);
  }
}
