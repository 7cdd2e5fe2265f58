/** Media as a call sees it: something that makes and takes session descriptions. */

export interface Wanted {
  /** Voice. */
  readonly audio: boolean;
  /** A picture. */
  readonly video: boolean;
}

/** A key that the other side has pressed. */
export interface DtmfTone {
  /** One of `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly tone: string;
  /** How long it was pressed. */
  readonly durationMs: number;
}

/** What this side wants of a call that goes on. */
export interface Wish extends Wanted {
  /** Neither sends what is heard and seen here, nor wants to hear and see. */
  readonly held: boolean;
}

/**
 * One side's media of one call. Every method may reject: no microphone, nothing in common. They
 * are called one after the other.
 */
export interface MediaSession {
  /** A description to offer, with all its candidates; later ones offer what is wanted by then. */
  offer(): Promise<string>;
  /** The answer to the other side's offer, first or later. */
  answer(offer: string): Promise<string>;
  /** The other side's answer to our offer. */
  accept(answer: string): Promise<void>;
  /**
   * What the answer will be, told before anybody answered: early media may be heard. It can come
   * several times, from different devices. Media without it are silent until there is an answer.
   */
  preview?(answer: string): Promise<void>;
  /** What descriptions say from now on. Without it a call cannot be held or changed. */
  want?(wish: Wish): Promise<void>;
  /** Our last offer came to nothing: what was agreed before it holds. */
  withdraw?(): Promise<void>;
  /**
   * The way of sound is to be found anew: addresses of this machine may have changed. The next
   * `offer` restarts ICE (RFC 8445 §9) and gathers candidates again. Without it offers stay as
   * they were.
   */
  restart?(): Promise<void>;
  /**
   * Set by the call before each description: the other side takes candidates that come after it.
   * Then `offer` and `answer` need not wait for any, and `onfragment` tells of them. RFC 8840.
   */
  trickles?: boolean;
  /**
   * Set by the call. Media tell here of candidates that their last description does not have: all
   * there are so far, as `application/trickle-ice-sdpfrag`.
   */
  onfragment?: ((fragment: string) => void) | undefined;
  /**
   * Candidates of the other side that came after its description. Media without this never say that
   * they take them. What is wrong with them is passed over.
   */
  addFragment?(fragment: string): Promise<void>;
  /**
   * Plays tones to the other side, by RFC 4733: `0` to `9`, `*`, `#`, `A` to `D`, one after the
   * other. Resolves when the last has been sent. Rejects where telephone-event was not agreed; the
   * call then says them by INFO, as it does for media without this.
   */
  sendDtmf?(tones: string): Promise<void>;
  /** Set by the call: the other side has pressed a key, once it let go of it. */
  ondtmf?: ((event: DtmfTone) => void) | undefined;
  /** Set by the call: sound cannot get through, and never will. In words. */
  onlost?: ((why: string) => void) | undefined;
  /** The call is over: devices and sockets are let go of. */
  close(): void;
}

/** Makes the media of a call with what is wanted when it begins. */
export type MediaFactory<M extends MediaSession> = (wanted: Wanted) => M;
