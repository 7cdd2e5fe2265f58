/**
 * Packet loss concealment in the manner of ITU-T G.711 Appendix I: what was heard last goes on at
 * its own pitch, with longer stretches of it as the gap grows, fades, and is blended into what
 * comes after. Unlike there nothing is delayed for it: the seam is smoothed behind the loss.
 */
import { toSample } from "./pcm.ts";

/** Voices: 200 Hz at most (5 ms) and 66 Hz at least (15 ms). */
const SHORTEST_MS = 5;
const LONGEST_MS = 15;
/** What a period is compared over. */
const COMPARED_MS = 20;
/** How long what is heard stays as loud as it was; then it fades, to nothing at the end. */
const LOUD_MS = 10;
const FADED_MS = 70;
/** Behind the loss: 4 ms, and 4 more for each 10 ms that it lasted. */
const BLEND_MS = 4;
const LONGEST_BLEND_MS = 10;
const PERIODS = 3;

/**
 * Makes up what was lost from what was heard last, in the manner of ITU-T G.711 Appendix I. One for
 * each direction of a call.
 */
export class Concealer {
  readonly #rate: number;
  /** The newest samples, the last one at the end. */
  readonly #history: Int16Array;
  /** What is being repeated, from one pitch period long to three. */
  #cycle: Float64Array = new Float64Array(0);
  #periodSamples = 0;
  #periods = 0;
  #at = 0;
  /** Since the loss began; 0 where nothing is lost. */
  #lostSamples = 0;
  /** From the last true sample to the first repeated one, which a slope takes back. */
  #step = 0;

  /** `sampleRate` in Hz. */
  constructor(sampleRate: number) {
    this.#rate = sampleRate;
    this.#history = new Int16Array(this.#samples(PERIODS * LONGEST_MS + COMPARED_MS));
  }

  /** What came in order, the same array; its beginning is blended with what was made up before. */
  heard(pcm: Int16Array): Int16Array {
    if (this.#lostSamples > 0) this.#blend(pcm);
    this.#remember(pcm);
    return pcm;
  }

  /** So many samples in place of what did not come. */
  lost(samples: number): Int16Array {
    const pcm = new Int16Array(samples);
    if (this.#lostSamples === 0) this.#begin();
    this.#fill(pcm);
    this.#lostSamples += samples;
    this.#remember(pcm);
    return pcm;
  }

  #begin(): void {
    const { length } = this.#history;
    this.#periodSamples = this.#pitch();
    this.#periods = 0;
    this.#at = 0;
    this.#repeat(1);
    this.#step =
      (this.#history[length - 1] ?? 0) - (this.#history[length - 1 - this.#periodSamples] ?? 0);
  }

  /** Takes the last `periods` periods for what goes round, its end bent towards its beginning. */
  #repeat(periods: number): void {
    const { length } = this.#history;
    const size = this.#periodSamples * periods;
    // Later rounds start from what was there when the loss began, which has since moved up.
    const end = length - Math.min(this.#lostSamples, length - size - this.#periodSamples);
    const from = end - size;
    const bent = this.#periodSamples >> 2;
    const cycle = Float64Array.from(this.#history.subarray(from, end));
    for (let i = 0; i < bent; i++) {
      const share = (i + 1) / (bent + 1);
      const before = this.#history[from - bent + i] ?? 0;
      const at = size - bent + i;
      cycle[at] = (cycle[at] ?? 0) * (1 - share) + before * share;
    }
    this.#cycle = cycle;
    this.#periods = periods;
  }

  #fill(pcm: Int16Array): void {
    const slope = this.#periodSamples >> 2;
    const [loud, faded] = [this.#samples(LOUD_MS), this.#samples(FADED_MS)];
    for (let i = 0; i < pcm.length; i++) {
      const lost = this.#lostSamples + i;
      if (this.#at === this.#cycle.length) this.#goRound(lost >= loud * this.#periods);
      const gain = lost < loud ? 1 : Math.max(0, (faded - lost) / (faded - loud));
      const step = lost < slope ? this.#step * (1 - lost / slope) : 0;
      pcm[i] = toSample(((this.#cycle[this.#at] ?? 0) + step) * gain);
      this.#at++;
    }
  }

  /** From its end to its beginning; a longer cycle is entered where the shorter one began. */
  #goRound(isLong: boolean): void {
    this.#at = 0;
    if (!isLong || this.#periods === PERIODS) return;
    this.#repeat(this.#periods + 1);
    this.#at = this.#periodSamples;
  }

  #blend(pcm: Int16Array): void {
    const lostMs = (this.#lostSamples * 1000) / this.#rate;
    const blendMs = Math.min(BLEND_MS + Math.floor(lostMs / 10) * BLEND_MS, LONGEST_BLEND_MS);
    const made = new Int16Array(Math.min(this.#samples(blendMs), pcm.length));
    this.#fill(made);
    for (let i = 0; i < made.length; i++) {
      const share = (i + 1) / (made.length + 1);
      pcm[i] = toSample((pcm[i] ?? 0) * share + (made[i] ?? 0) * (1 - share));
    }
    this.#lostSamples = 0;
  }

  #remember(pcm: Int16Array): void {
    const history = this.#history;
    if (pcm.length >= history.length) return history.set(pcm.subarray(pcm.length - history.length));
    history.copyWithin(0, pcm.length);
    history.set(pcm, history.length - pcm.length);
  }

  /** The lag in samples at which what was heard last is most like what was before it. */
  #pitch(): number {
    const [shortest, longest] = [this.#samples(SHORTEST_MS), this.#samples(LONGEST_MS)];
    // Every second sample first (fourth at 16 kHz), then each around the best: a few thousand
    // multiplications in all.
    const stride = Math.max(1, this.#rate / 4000);
    const coarse = this.#bestLag(shortest, longest, stride);
    return this.#bestLag(
      Math.max(shortest, coarse - stride),
      Math.min(longest, coarse + stride),
      1,
    );
  }

  #bestLag(from: number, to: number, stride: number): number {
    const history = this.#history;
    const start = history.length - this.#samples(COMPARED_MS);
    let [best, bestScore] = [from, Number.NEGATIVE_INFINITY];
    for (let lag = from; lag <= to; lag += stride) {
      let [cross, energy] = [0, 1];
      for (let i = start; i < history.length; i += stride) {
        const other = history[i - lag]!;
        cross += history[i]! * other;
        energy += other * other;
      }
      const score = cross / Math.sqrt(energy);
      if (score > bestScore) [best, bestScore] = [lag, score];
    }
    return best;
  }

  #samples(ms: number): number {
    return Math.round((ms * this.#rate) / 1000);
  }
}
