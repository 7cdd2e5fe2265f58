/**
 * From one rate of samples to another: 8, 16, 32 and 48 kHz among each other, and any whose ratio
 * is of small whole numbers. A polyphase low-pass filter: windowed sinc, so long that what would
 * fold back is 60 dB down.
 */
import { type Source, toSample } from "./pcm.ts";

/** On each side of the middle, in samples of the lower rate. */
const HALF_WIDTH = 16;
/** Where it begins to fall, in parts of half the lower rate. */
const PASS = 0.92;
/** Kaiser's: about 70 dB. */
const BETA = 7;
const MAX_PHASES = 480;

/**
 * Brings samples from one rate to another, frame by frame: it remembers the end of each for the
 * beginning of the next, so each stream has one of its own.
 */
export class Resampler {
  /** Of what goes in, in Hz. */
  readonly from: number;
  /** Of what comes out, in Hz. */
  readonly to: number;
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  /** `#up` filters one after the other, the first coefficient for the oldest sample. */
  readonly #filters: Float32Array;
  #history: Float32Array;
  /** Of the next sample out, in `#up`-ths of a sample in, from the first of the next frame. */
  #phase = 0;

  /** In Hz. Throws a RangeError at rates without a ratio of small numbers. */
  constructor(from: number, to: number) {
    const divisor = greatestCommonDivisor(from, to);
    this.from = from;
    this.to = to;
    this.#up = to / divisor;
    this.#down = from / divisor;
    if (!(this.#up <= MAX_PHASES)) throw new RangeError(`no way from ${from} to ${to} Hz`);
    const scale = Math.max(1, from / to);
    this.#taps = 2 * Math.ceil(HALF_WIDTH * scale);
    this.#filters = filtersOf(this.#up, this.#taps, PASS / scale);
    this.#history = new Float32Array(this.#taps);
  }

  /** The next samples, late by half the filter (2 ms at 8 kHz); over time as many as there were. */
  process(pcm: Int16Array): Int16Array {
    const taps = this.#taps;
    const input = new Float32Array(taps + pcm.length);
    input.set(this.#history);
    input.set(pcm, taps);
    const count = Math.ceil((pcm.length * this.#up - this.#phase) / this.#down);
    const out = new Int16Array(Math.max(0, count));
    for (let n = 0; n < out.length; n++) {
      const position = this.#phase + n * this.#down;
      const start = Math.floor(position / this.#up) + 1;
      const filter = (position % this.#up) * taps;
      let sum = 0;
      for (let i = 0; i < taps; i++) sum += input[start + i]! * this.#filters[filter + i]!;
      out[n] = toSample(sum);
    }
    this.#phase += out.length * this.#down - pcm.length * this.#up;
    this.#history = input.slice(pcm.length);
    return out;
  }
}

/**
 * The same sound at another rate, in Hz; itself where that is its own. Throws a RangeError at rates
 * without a ratio of small numbers.
 */
export function resampled(source: Source, sampleRate: number): Source {
  if (source.sampleRate === sampleRate) return source;
  const resampler = new Resampler(source.sampleRate, sampleRate);
  let rest: Int16Array = new Int16Array();
  return {
    sampleRate,
    read(samples) {
      const pcm = new Int16Array(samples);
      let filled = takeInto(pcm, rest, 0);
      rest = rest.subarray(filled);
      while (filled < samples) {
        const missing = Math.ceil(((samples - filled) * source.sampleRate) / sampleRate);
        const read = source.read(missing);
        if (!read) return filled > 0 ? pcm : read;
        const made = resampler.process(read);
        const taken = takeInto(pcm, made, filled);
        rest = made.subarray(taken);
        filled += taken;
      }
      return pcm;
    },
  };
}

function takeInto(pcm: Int16Array, from: Int16Array, at: number): number {
  const count = Math.min(pcm.length - at, from.length);
  pcm.set(from.subarray(0, count), at);
  return count;
}

function filtersOf(up: number, taps: number, cutoff: number): Float32Array {
  const filters = new Float32Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    const at = (i: number) => i - taps / 2 + 1 - phase / up;
    const filter = Float64Array.from({ length: taps }, (_, i) =>
      windowedSinc(at(i), taps / 2, cutoff),
    );
    const gain = filter.reduce((sum, each) => sum + each, 0);
    for (let i = 0; i < taps; i++) filters[phase * taps + i] = filter[i]! / gain;
  }
  return filters;
}

function windowedSinc(x: number, half: number, cutoff: number): number {
  const inside = 1 - (x / half) ** 2;
  if (inside <= 0) return 0;
  const window = besselI0(BETA * Math.sqrt(inside)) / besselI0(BETA);
  const angle = Math.PI * x * cutoff;
  return window * (angle === 0 ? cutoff : (cutoff * Math.sin(angle)) / angle);
}

/** By its series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  if (!(Number.isInteger(a) && Number.isInteger(b) && a > 0 && b > 0)) {
    throw new RangeError("a rate is a whole number of samples a second");
  }
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
