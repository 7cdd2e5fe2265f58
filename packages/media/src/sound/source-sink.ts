/** Where sound comes from and where it goes: PCM of one channel, 16 bits a sample. */

export interface Source {
  /** In hertz. */
  readonly sampleRate: number;
  /** The next so many samples; undefined while there are none; null when it is over. */
  read(samples: number): Int16Array | undefined | null;
}

export interface Sink {
  /** What it likes best, in hertz; it takes any. */
  readonly sampleRate?: number;
  write(pcm: Int16Array, sampleRate: number): void;
  /** Nothing comes any more. */
  end?(): void;
}
