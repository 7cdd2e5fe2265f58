/** Sources and sinks of one rate, whatever the other end of them has. */
import { Resampler } from "./resampler.ts";
import { SampleQueue } from "./sample-queue.ts";
import type { Sink, Source } from "./source-sink.ts";

/** The same sound at another rate. */
export function sourceAt(source: Source, sampleRate: number): Source {
  if (source.sampleRate === sampleRate) return source;
  const resampler = new Resampler(source.sampleRate, sampleRate);
  const queue = new SampleQueue();
  return {
    sampleRate,
    read(samples) {
      while (queue.length < samples) {
        const missing = Math.ceil(((samples - queue.length) * source.sampleRate) / sampleRate);
        const pcm = source.read(missing);
        if (pcm === null && queue.length > 0) break;
        if (!pcm) return pcm;
        queue.add(resampler.process(pcm));
      }
      return queue.take(samples);
    },
  };
}

/** Brings whatever comes to one rate; each rate that comes has a filter of its own. */
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

/** A sink that takes sound at any rate and hands it on at this one. */
export function sinkAt(sampleRate: number, take: (pcm: Int16Array) => void): Sink {
  const adapter = new RateAdapter(sampleRate);
  return { sampleRate, write: (pcm, rate) => take(adapter.adapt(pcm, rate)) };
}
