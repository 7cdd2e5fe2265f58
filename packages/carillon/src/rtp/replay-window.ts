/** Which of the last packets have come. RFC 3711 §3.3.2. */

//= RFC 3711 §3.3.2
//# SRTP-WINDOW-SIZE is a receiver-side, implementation-dependent parameter and MUST be at least 64
const WINDOW = 128;

export class ReplayWindow {
  #highest = -1;
  /** By the lower bits of the index, those that came. */
  readonly #seen = new Float64Array(WINDOW).fill(-1);

  /** Whether it came already, or is too old to be told. */
  isReplay(index: number): boolean {
    return index <= this.#highest - WINDOW || this.#seen[index % WINDOW] === index;
  }

  /** Only what was authenticated. */
  add(index: number): void {
    this.#seen[index % WINDOW] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
