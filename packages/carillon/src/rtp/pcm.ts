/** Where sound comes from and where it goes: frames of samples, at whatever rate. */

/** Where sound comes from. Whoever plays it gives the pace, by reading. */
export interface Source {
  /** In Hz, of what is read. It stays the same. */
  readonly sampleRate: number;
  /** The next `samples` samples; undefined: silence for now; null: it is over. */
  read(samples: number): Int16Array | undefined | null;
}

/** Where sound goes to, at the pace in which it comes. */
export interface Sink {
  /** In Hz: frames are brought to this rate before they come. If left out they have the codec's. */
  readonly sampleRate?: number;
  /**
   * Takes a frame, mono; `sampleRate` is in Hz, and may change between frames. The array is the
   * sink's from here on, and may be another's as well: it is not to be written into.
   */
  write(pcm: Int16Array, sampleRate: number): void;
  /** Nothing more comes. */
  end?(): void;
}

/** As near as 16 bits have it. */
export const toSample = (value: number): number =>
  value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : Math.round(value);
