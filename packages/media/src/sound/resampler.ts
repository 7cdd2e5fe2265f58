/**
 * From one sampling rate to another: a windowed sinc, cut into as many phases as the ratio has.
 * What would alias is filtered out. Sound comes out half the filter's length late.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #phases: readonly Float64Array[];
  /** The samples that the next ones are made of, the newest last. */
  #history: Float64Array;
  /** Where the next one is, in steps of one `up`th of a sample, from the newest of the history. */
  #at = 0;

  /** Both in hertz. */
  constructor(from: number, to: number) {
    const divisor = greatestCommonDivisor(from, to);
    this.#up = to / divisor;
    this.#down = from / divisor;
    const taps = 2 * Math.ceil(HALF_TAPS * Math.max(1, from / to));
    this.#phases = filterOf(this.#up, taps, Math.min(1, to / from));
    this.#history = new Float64Array(taps);
  }

  /** What comes of these; over time as many more or fewer as the rates have it. */
  process(pcm: Int16Array): Int16Array {
    const taps = this.#history.length;
    const line = new Float64Array(taps + pcm.length);
    line.set(this.#history);
    line.set(pcm, taps);
    const end = pcm.length * this.#up;
    const made = new Int16Array(Math.max(0, Math.ceil((end - this.#at) / this.#down)));
    for (let nth = 0; nth < made.length; nth++, this.#at += this.#down) {
      made[nth] = clamped(this.#sample(line, Math.floor(this.#at / this.#up) + 1));
    }
    this.#at -= end;
    this.#history = line.slice(pcm.length);
    return made;
  }

  #sample(line: Float64Array, from: number): number {
    const phase = this.#phases[this.#at % this.#up] ?? NO_TAPS;
    let sum = 0;
    for (let tap = 0; tap < phase.length; tap++) sum += (phase[tap] ?? 0) * (line[from + tap] ?? 0);
    return sum;
  }
}

/** One filter for each place between two samples. `band` is 1 where nothing has to be cut off. */
function filterOf(up: number, taps: number, band: number): readonly Float64Array[] {
  const cutoff = band * PASSED;
  return Array.from({ length: up }, (_, phase) => {
    const filter = Float64Array.from({ length: taps }, (__, tap) => {
      const x = tap - (taps / 2 - 1) - phase / up;
      const window =
        0.42 + 0.5 * Math.cos((2 * Math.PI * x) / taps) + 0.08 * Math.cos((4 * Math.PI * x) / taps);
      return cutoff * sinc(cutoff * x) * Math.max(0, window);
    });
    const sum = filter.reduce((all, one) => all + one, 0);
    return filter.map((one) => one / sum);
  });
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

const clamped = (sample: number): number => Math.max(-32_768, Math.min(32_767, Math.round(sample)));

const HALF_TAPS = 16;
/** The part of the band below the cut that stays as it is; the rest is the filter's slope. */
const PASSED = 0.92;
const NO_TAPS = new Float64Array();
