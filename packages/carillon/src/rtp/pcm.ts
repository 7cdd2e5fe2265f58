/** Where sound comes from and where it goes: frames of samples, at whatever rate. */

export interface Source {
  readonly sampleRate: number;
  /** The next `samples` samples; undefined: silence for now; null: it is over. */
  read(samples: number): Int16Array | undefined | null;
}

export interface Sink {
  /** What it wants; else it gets what the codec has. */
  readonly sampleRate?: number;
  write(pcm: Int16Array, sampleRate: number): void;
  end?(): void;
}

/** As near as 16 bits have it. */
export const toSample = (value: number): number =>
  value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : Math.round(value);
