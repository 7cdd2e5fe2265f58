/**
 * An echo: what is heard is said again, so much later, and at half its strength. An echo of an echo
 * (a loudspeaker beside its microphone, two echoes that call each other) is quieter each time.
 */
import { RateAdapter } from "../../sound/rate-adapter.ts";
import { SampleQueue } from "../../sound/sample-queue.ts";
import { frameOf, type Said, type Utterance, type Wanted } from "./said.ts";

/** -6 dB: of any two that echo each other the sound is gone after ten rounds. */
const STRENGTH = 0.5;
/** A quarter of full scale, whatever a room adds on the way. */
const CEILING = 8192;
export const MAX_ECHO_MS = 10_000;
/** Sound that waits longer than it should, because two clocks differ. */
const SLACK_MS = 100;

export class Echo implements Utterance {
  readonly #delayMs: number;
  readonly #queue = new SampleQueue();
  #adapter: RateAdapter | undefined;
  #isClosed = false;

  /** The delay is 10 s at most. */
  constructor(delayMs: number) {
    this.#delayMs = Math.min(MAX_ECHO_MS, Math.max(0, delayMs));
  }

  /** Was heard. */
  hear(pcm: Int16Array, sampleRate: number): void {
    if (this.#isClosed || !this.#adapter) return;
    this.#queue.add(quieter(this.#adapter.adapt(pcm, sampleRate)));
    const most = ((this.#delayMs + SLACK_MS) * this.#adapter.sampleRate) / 1000;
    this.#queue.trim(most);
  }

  next({ sampleRate }: Wanted): Said | undefined | null {
    if (this.#isClosed) return null;
    if (this.#adapter?.sampleRate !== sampleRate) {
      this.#adapter = new RateAdapter(sampleRate);
      this.#queue.trim(0);
      this.#queue.add(new Int16Array((this.#delayMs * sampleRate) / 1000));
    }
    const samples = frameOf(sampleRate);
    if (this.#queue.length >= samples) return { kind: "Pcm", pcm: this.#queue.take(samples) };
    // Whoever fell silent begins again after the whole delay.
    this.#queue.trim(0);
    this.#queue.add(new Int16Array((this.#delayMs * sampleRate) / 1000));
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
  }
}

const quieter = (pcm: Int16Array): Int16Array =>
  pcm.map((sample) => Math.max(-CEILING, Math.min(CEILING, sample * STRENGTH)));
