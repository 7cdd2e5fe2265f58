/** One side of a call that is recorded: what it says, waiting for the beat, and its pictures. */
import { SampleQueue } from "../../sound/sample-queue.ts";
import type { Instant, LocalSink } from "../transport.ts";
import { type Vp8Frame, Vp8Frames } from "./vp8-frames.ts";

/** In Hz, of the sound in a recording. */
export const RECORDED_RATE = 48_000;
/** Samples in 20 ms of it. */
export const RECORDED_FRAME = 960;

/** Taps come in bursts: so much waits before a side is heard, and no more than that. */
const PREFILL = RECORDED_FRAME * 2;
const MOST_WAITING = RECORDED_FRAME * 10;
/** A key frame is asked for no more often than that. */
const ASKED_EVERY_MS = 500;
/** Of video: 90,000 a second. */
const PER_MS = 90;
/** A sender's clock that is so far off began anew. */
const MOST_OFF_MS = 500;

/** A frame with the time at which it is shown. */
export type Timed = (frame: Vp8Frame, at: Instant) => void;

export class RecordedSide {
  /** Takes what it says: for `tap` of its path. */
  readonly sound: LocalSink;
  readonly #queue = new SampleQueue();
  readonly #onframe: Timed;
  #isFlowing = false;
  #frames: Vp8Frames | undefined;
  #refresh: (() => void) | undefined;
  #askedAt: Instant = Number.NEGATIVE_INFINITY;
  #base: { readonly timestamp: number; readonly at: Instant } | undefined;

  constructor(onframe: Timed) {
    this.#onframe = onframe;
    this.sound = {
      sampleRate: RECORDED_RATE,
      write: (pcm) => {
        this.#queue.add(pcm);
        this.#queue.trim(MOST_WAITING);
      },
    };
  }

  /** Its video has VP8 with this payload type; undefined: it has none that can be recorded. */
  expect(payloadType: number | undefined, refresh?: () => void): void {
    this.#refresh = refresh;
    this.#base = undefined;
    this.#frames = payloadType === undefined ? undefined : new Vp8Frames(payloadType);
    if (this.#frames) this.#frames.onbroken = () => this.#ask(performance.now());
  }

  /** Whether pictures of it are expected. */
  get hasVideo(): boolean {
    return this.#frames !== undefined;
  }

  /** RTP of its video, in the clear, and when it came. Octets that are kept are copied. */
  picture(packet: Uint8Array, at: Instant): void {
    for (const frame of this.#frames?.take(packet) ?? [])
      this.#onframe(frame, this.#timed(frame, at));
  }

  /** Asks for a whole picture. */
  refresh(at: Instant): void {
    this.#ask(at);
  }

  /** The next 20 ms of what it says; undefined where it says nothing. */
  frame(): Int16Array | undefined {
    const { length } = this.#queue;
    this.#isFlowing = this.#isFlowing ? length >= RECORDED_FRAME : length >= PREFILL;
    return this.#isFlowing ? this.#queue.take(RECORDED_FRAME) : undefined;
  }

  #ask(at: Instant): void {
    if (at - this.#askedAt < ASKED_EVERY_MS) return;
    this.#askedAt = at;
    this.#refresh?.();
  }

  /** By the sender's clock, as long as that is near ours. */
  #timed({ timestamp }: Vp8Frame, at: Instant): Instant {
    const base = this.#base;
    const told = base && base.at + ((timestamp - base.timestamp) | 0) / PER_MS;
    if (told !== undefined && Math.abs(told - at) < MOST_OFF_MS) return told;
    this.#base = { timestamp, at };
    return at;
  }
}
