/**
 * An echo: what is heard is said again, so much later, and at half its strength. An echo of an echo
 * (a loudspeaker beside its microphone, two echoes that call each other) is quieter each time.
 */
import { SampleQueue } from "../../sound/sample-queue.ts";
import type { LocalSink, LocalSource } from "../transport.ts";

/** -6 dB: of any two that echo each other the sound is gone after ten rounds. */
const STRENGTH = 0.5;
/** A quarter of full scale, whatever a room adds on the way. */
const CEILING = 8192;
/** Who waits longer has forgotten what they said. */
export const MAX_ECHO_MS = 10_000;
/** Sound that waits longer than it should, because two clocks differ. */
const SLACK_MS = 100;

/** Hears a side as its sink, and is heard by it as its source, both at one rate. */
export class Echo implements LocalSink, LocalSource {
  readonly sampleRate: number;
  readonly #delay: number;
  readonly #most: number;
  readonly #queue = new SampleQueue();
  #isClosed = false;

  /** The delay is 10 s at most; the rate that of the side's codec, in Hz. */
  constructor(delayMs: number, sampleRate: number) {
    this.sampleRate = sampleRate;
    const ms = Math.min(MAX_ECHO_MS, Math.max(0, delayMs));
    this.#delay = Math.round((ms * sampleRate) / 1000);
    this.#most = this.#delay + (SLACK_MS * sampleRate) / 1000;
    this.#queue.add(new Int16Array(this.#delay));
  }

  write(pcm: Int16Array): void {
    if (this.#isClosed) return;
    this.#queue.add(quieter(pcm));
    this.#queue.trim(this.#most);
  }

  read(samples: number): Int16Array | undefined | null {
    if (this.#isClosed) return null;
    if (this.#queue.length >= samples) return this.#queue.take(samples);
    // Whoever fell silent begins again after the whole delay.
    this.#queue.trim(0);
    this.#queue.add(new Int16Array(this.#delay));
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
  }
}

const quieter = (pcm: Int16Array): Int16Array =>
  pcm.map((sample) => Math.max(-CEILING, Math.min(CEILING, sample * STRENGTH)));
