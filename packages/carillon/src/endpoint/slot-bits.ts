/**
 * Which slots of a wheel hold something: one bit a slot and one bit a word of them, so that the
 * next one is found in a few steps however empty the wheel is.
 */

/** 32 words of 32 bits for each word of the summary; four of those. */
const WORDS = 128;
export const SLOTS: number = WORDS * 32;

export class SlotBits {
  readonly #words = new Uint32Array(WORDS);
  readonly #summary = new Uint32Array(WORDS / 32);

  set(slot: number): void {
    const word = slot >>> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (slot & 31));
    this.#summary[word >>> 5] = (this.#summary[word >>> 5] ?? 0) | (1 << (word & 31));
  }

  clear(slot: number): void {
    const word = slot >>> 5;
    const left = (this.#words[word] ?? 0) & ~(1 << (slot & 31));
    this.#words[word] = left;
    if (left !== 0) return;
    this.#summary[word >>> 5] = (this.#summary[word >>> 5] ?? 0) & ~(1 << (word & 31));
  }

  /** The first slot that is set, from this one on and round the end; -1 if none is. */
  next(from: number): number {
    const found = this.#nextUpTo(from);
    return found >= 0 || from === 0 ? found : this.#nextUpTo(0);
  }

  #nextUpTo(from: number): number {
    const word = from >>> 5;
    const here = bitsFrom(this.#words[word] ?? 0, from & 31);
    if (here !== 0) return (word << 5) + lowest(here);
    const after = word + 1;
    for (let group = after >>> 5; group < this.#summary.length; group++) {
      const first = group === after >>> 5 ? after & 31 : 0;
      const some = bitsFrom(this.#summary[group] ?? 0, first);
      if (some === 0) continue;
      const found = (group << 5) + lowest(some);
      return (found << 5) + lowest(this.#words[found] ?? 0);
    }
    return -1;
  }
}

/** The bits of a word from this one up. */
const bitsFrom = (word: number, from: number): number => word & (-1 << from);

/** The number of the lowest bit that is set. */
const lowest = (word: number): number => 31 - Math.clz32(word & -word);
