/** Brings whatever comes to one rate; each rate that comes has a filter of its own. */
import { Resampler } from "carillon/rtp";

export class RateAdapter {
  readonly sampleRate: number;
  readonly #resamplers = new Map<number, Resampler>();

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  adapt(pcm: Int16Array, sampleRate: number): Int16Array {
    if (sampleRate === this.sampleRate) return pcm;
    let resampler = this.#resamplers.get(sampleRate);
    if (!resampler) {
      resampler = new Resampler(sampleRate, this.sampleRate);
      this.#resamplers.set(sampleRate, resampler);
    }
    return resampler.process(pcm);
  }
}
