/** Which of the last packets have come. RFC 3711 §3.3.2. */

//= RFC 3711 §3.3.2
//# SRTP-WINDOW-SIZE is a receiver-side, implementation-dependent parameter and MUST be at least 64
const WINDOW = 128;
const WORDS = WINDOW / 32;

export class ReplayWindow {
  #highest = -1;
  /** A bit for each, by the lower bits of its index. */
  readonly #seen = new Int32Array(WORDS);

  /** Whether it came already, or is too old to be told. */
  isReplay(index: number): boolean {
    if (index > this.#highest) return false;
    if (index <= this.#highest - WINDOW) return true;
    return (this.#seen[wordOf(index)]! & (1 << (index & 31))) !== 0;
  }

  /** Only what was authenticated. */
  add(index: number): void {
    const ahead = index - this.#highest;
    if (ahead > 0) {
      if (ahead >= WINDOW) this.#seen.fill(0);
      else for (let n = this.#highest + 1; n < index; n++) this.#clear(n);
      this.#highest = index;
    }
    this.#seen[wordOf(index)]! |= 1 << (index & 31);
  }

  #clear(index: number): void {
    this.#seen[wordOf(index)]! &= ~(1 << (index & 31));
  }
}

const wordOf = (index: number): number => Math.floor(index / 32) % WORDS;
