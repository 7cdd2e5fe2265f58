/**
 * Several people in one call, mixed here: each hears all others and not himself. Who joins gives
 * a source of what he says and takes one of what the others say. RFC 3550 §7.1 calls it a mixer;
 * this one mixes samples, and each call is its own session.
 */
import { type Sink, type Source, toSample } from "./pcm.ts";
import { Resampler } from "./resampler.ts";

/** What waits of one voice, at most: two clocks are never quite alike. */
const MOST_WAITING_MS = 200;
const MAX_SEATS = 64;

/** Somebody's place: what he says is written to it, and what he hears is read from it. */
export interface Seat extends Source, Sink {
  /** In Hz, of what is heard at it: the mixer's. */
  readonly sampleRate: number;
  /** Nobody hears it any more, and what is read from it is over (null). As `end`. */
  leave(): void;
}

interface Voice {
  /** What he said and the others have not heard yet; it is mixed in whole. */
  readonly said: Map<Voice, Queue>;
  resampler: Resampler | undefined;
}

/**
 * Several people in one room, 64 at most: each hears all others and not himself. It has no clock:
 * who reads from a seat gives the pace. 16,000 Hz if no other rate is asked for.
 */
export class Mixer {
  /** In Hz, of all that is read from seats; what is written may have any rate. */
  readonly sampleRate: number;
  readonly #voices = new Set<Voice>();

  constructor(sampleRate = 16_000) {
    this.sampleRate = sampleRate;
  }

  /** How many are in it. */
  get size(): number {
    return this.#voices.size;
  }

  /** Throws a RangeError when the room is full. */
  join(): Seat {
    if (this.#voices.size >= MAX_SEATS) throw new RangeError("the room is full");
    const voice: Voice = { said: new Map(), resampler: undefined };
    this.#voices.add(voice);
    return {
      sampleRate: this.sampleRate,
      read: (samples) => this.#heardBy(voice, samples),
      write: (pcm, sampleRate) => this.#say(voice, pcm, sampleRate),
      end: () => this.#leave(voice),
      leave: () => this.#leave(voice),
    };
  }

  #say(voice: Voice, pcm: Int16Array, sampleRate: number): void {
    if (!this.#voices.has(voice)) return;
    const own = this.#atOurRate(voice, pcm, sampleRate);
    const most = (MOST_WAITING_MS * this.sampleRate) / 1000;
    for (const other of this.#voices) {
      if (other === voice) continue;
      const queue = voice.said.get(other) ?? new Queue();
      voice.said.set(other, queue);
      queue.push(own, most);
    }
  }

  #atOurRate(voice: Voice, pcm: Int16Array, sampleRate: number): Int16Array {
    if (sampleRate === this.sampleRate) return pcm;
    if (voice.resampler?.from !== sampleRate) {
      voice.resampler = new Resampler(sampleRate, this.sampleRate);
    }
    return voice.resampler.process(pcm);
  }

  /** Undefined while nobody says anything; null once he has left. */
  #heardBy(listener: Voice, samples: number): Int16Array | undefined | null {
    if (!this.#voices.has(listener)) return null;
    const sum = new Int32Array(samples);
    let isQuiet = true;
    for (const voice of this.#voices) {
      if (voice.said.get(listener)?.addTo(sum)) isQuiet = false;
    }
    return isQuiet ? undefined : Int16Array.from(sum, toSample);
  }

  #leave(voice: Voice): void {
    this.#voices.delete(voice);
    for (const other of this.#voices) other.said.delete(voice);
  }
}

class Queue {
  #frames: Int16Array[] = [];
  #waiting = 0;

  /** The newest stays where there is too much. */
  push(pcm: Int16Array, most: number): void {
    this.#frames.push(pcm);
    this.#waiting += pcm.length;
    while (this.#waiting > most && this.#frames.length > 1) {
      this.#waiting -= this.#frames.shift()?.length ?? 0;
    }
  }

  /** True if there was anything. */
  addTo(sum: Int32Array): boolean {
    let at = 0;
    for (let frame = this.#frames[0]; frame && at < sum.length; frame = this.#frames[0]) {
      const count = Math.min(frame.length, sum.length - at);
      for (let i = 0; i < count; i++) sum[at + i]! += frame[i]!;
      at += count;
      this.#waiting -= count;
      if (count === frame.length) this.#frames.shift();
      else this.#frames[0] = frame.subarray(count);
    }
    return at > 0;
  }
}
