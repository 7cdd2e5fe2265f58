/** Samples that wait: added at the end in pieces of any length, taken from the front. */
export class SampleQueue {
  #pieces: Int16Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.#pieces.push(pcm.slice());
    this.#length += pcm.length;
  }

  /** So many; where there are fewer, zeros follow. */
  take(samples: number): Int16Array {
    const taken = new Int16Array(samples);
    let at = 0;
    while (at < samples) {
      const [piece] = this.#pieces;
      if (!piece) break;
      const part = piece.subarray(0, samples - at);
      taken.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.#length -= at;
    return taken;
  }

  /** Throws the oldest away until no more than so many are left. Returns how many that were. */
  trim(samples: number): number {
    const over = Math.max(0, this.#length - samples);
    this.take(over);
    return over;
  }
}
