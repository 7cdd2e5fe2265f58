/** Media as a call sees it: something that makes and takes session descriptions. */

export interface Wanted {
  readonly audio: boolean;
  readonly video: boolean;
}

/** One side's media of one call. Every method may reject: no microphone, nothing in common. */
export interface MediaSession {
  /** A description to offer, with all its candidates. */
  offer(): Promise<string>;
  /** The answer to the other side's offer, first or later. */
  answer(offer: string): Promise<string>;
  /** The other side's answer to our offer. */
  accept(answer: string): Promise<void>;
  /** Set by the call: sound cannot get through, and never will. In words. */
  onlost?: ((why: string) => void) | undefined;
  close(): void;
}

export type MediaFactory<M extends MediaSession> = (wanted: Wanted) => M;
