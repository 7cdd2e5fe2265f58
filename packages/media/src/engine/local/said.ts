/** What we say to one side, a frame of 20 ms at a time: as samples, or coded already. */

/** One frame; 20 ms of Opus where that was asked for and is at hand. RFC 6716 §3 */
export type Said =
  | { readonly kind: "Pcm"; readonly pcm: Int16Array }
  | { readonly kind: "Opus"; readonly payload: Uint8Array };

/** What the side that hears it takes. */
export interface Wanted {
  /** In Hz, of the samples. */
  readonly sampleRate: number;
  /** Opus may come as it is. */
  readonly opus: boolean;
}

/** Something that is said from its beginning to its end, once. */
export interface Utterance {
  /** The next 20 ms; undefined: silence for now; null: it is over. */
  next(wanted: Wanted): Said | undefined | null;
  /** Lets go of files and decoders; nothing comes after it. */
  close(): void;
}

/** Samples in 20 ms. */
export const frameOf = (sampleRate: number): number => sampleRate / FRAMES_A_SECOND;
/** How often `next` is asked. */
export const FRAMES_A_SECOND = 50;
