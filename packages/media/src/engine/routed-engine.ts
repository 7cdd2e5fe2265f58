/**
 * Two engines as one: calls between two sides go by one of them, such as rtpengine, and what the
 * engine has to be a side of itself (test lines, announcements, recordings) by the other. A call
 * stays where it began.
 */
import type {
  CallStatistics,
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  OfferWish,
  Playable,
  Recording,
  Side,
} from "carillon/b2bua";
import type { Answer } from "carillon/roles";

/** Which engines there are. */
export interface RoutedEngineOptions {
  /** For calls between two sides. */
  readonly bridging: MediaEngine;
  /** For calls whose other side is the engine itself. */
  readonly own: MediaEngine;
}

/** An engine made of two. */
export class RoutedEngine implements MediaEngine {
  readonly #bridging: MediaEngine;
  readonly #own: MediaEngine;
  /** Which engine has a call, as long as that is known. */
  readonly #home = new Map<string, MediaEngine>();
  #onevent: ((event: MediaEvent) => void) | undefined;

  constructor({ bridging, own }: RoutedEngineOptions) {
    this.#bridging = bridging;
    this.#own = own;
  }

  /** As of `MediaEngine`: of both. */
  get onevent(): ((event: MediaEvent) => void) | undefined {
    return this.#onevent;
  }

  set onevent(hears: ((event: MediaEvent) => void) | undefined) {
    this.#onevent = hears;
    this.#bridging.onevent = hears;
    this.#own.onevent = hears;
  }

  /** As of `MediaEngine`. */
  offer(call: string, from: Side, to: Side, sdp: string, wish?: OfferWish): MediaAnswer<Described> {
    return this.#beginning(call, this.#bridging).offer(call, from, to, sdp, wish);
  }

  /** As of `MediaEngine`. */
  answer(
    call: string,
    from: Side,
    to: Side,
    sdp: string,
    isEarly?: boolean,
  ): MediaAnswer<Described> {
    return this.#of(call).answer(call, from, to, sdp, isEarly);
  }

  /** As of `MediaEngine`. */
  withdraw(call: string, from: string): void {
    this.#of(call).withdraw(call, from);
  }

  /** As of `MediaEngine`. */
  terminate(call: string, side: Side, offer: string): MediaAnswer<Described> {
    return this.#beginning(call, this.#own).terminate(call, side, offer);
  }

  /** As of `MediaEngine`. */
  originate(call: string, side: Side, wish?: OfferWish): MediaAnswer<Described> {
    return this.#beginning(call, this.#own).originate(call, side, wish);
  }

  /** As of `MediaEngine`. */
  accept(call: string, side: Side, answer: string): MediaAnswer<Described> {
    return this.#of(call).accept(call, side, answer);
  }

  /** As of `MediaEngine`. */
  reoffer(call: string, to: Side, wish?: OfferWish): MediaAnswer<Described> {
    return this.#of(call).reoffer(call, to, wish);
  }

  /** As of `MediaEngine`. */
  play(call: string, tag: string, what: Playable): void {
    this.#of(call).play(call, tag, what);
  }

  /** As of `MediaEngine`. */
  stop(call: string, tag: string): void {
    this.#of(call).stop(call, tag);
  }

  /** As of `MediaEngine`. */
  echo(call: string, tag: string, delayMs: number): void {
    this.#of(call).echo(call, tag, delayMs);
  }

  /** As of `MediaEngine`. */
  record(call: string, what: Recording): void {
    this.#of(call).record(call, what);
  }

  /** As of `MediaEngine`. */
  stopRecording(call: string): void {
    this.#of(call).stopRecording(call);
  }

  /** As of `MediaEngine`. */
  dtmf(call: string, tag: string, tones: string): void {
    this.#of(call).dtmf(call, tag, tones);
  }

  /** As of `MediaEngine`. */
  statistics(call: string): Answer<CallStatistics | undefined> {
    return this.#of(call).statistics(call);
  }

  /** As of `MediaEngine`. */
  end(call: string, tag?: string): void {
    this.#of(call).end(call, tag);
    if (tag === undefined) this.#home.delete(call);
  }

  #beginning(call: string, engine: MediaEngine): MediaEngine {
    const known = this.#home.get(call);
    if (known) return known;
    this.#home.set(call, engine);
    return engine;
  }

  #of(call: string): MediaEngine {
    return this.#home.get(call) ?? this.#bridging;
  }
}
