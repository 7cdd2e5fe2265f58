/** Sources that need nothing: a tone, silence, what another one plays and more after it. */
import { type Source, toSample } from "./pcm.ts";

/** What a tone sounds like. */
export interface ToneOptions {
  /** In Hz: one tone, or several at once. */
  readonly frequencies: readonly number[];
  /** Of each, from 0 to 1 of full scale; 0.25 if left out. Their sum is cut off at 1. */
  readonly amplitude?: number;
  /** How long it sounds and is quiet, in turn: `[1000, 4000]` is a ringing tone. */
  readonly cadenceMs?: readonly number[];
  /** Without it there is no end. */
  readonly lengthMs?: number;
  /** In Hz; 8000 if left out. */
  readonly sampleRate?: number;
}

/** A tone. Its waves begin at zero and go on over the frames. */
export function tone(options: ToneOptions): Source {
  const { frequencies, amplitude = 0.25, cadenceMs = [], lengthMs, sampleRate = 8000 } = options;
  const steps = frequencies.map((hz) => (2 * Math.PI * hz) / sampleRate);
  const cadence = cadenceMs.map((ms) => (ms * sampleRate) / 1000);
  const ends = cadence.map((_, n) => cadence.slice(0, n + 1).reduce((sum, each) => sum + each));
  const round = ends.at(-1) ?? 0;
  const end = lengthMs === undefined ? Infinity : Math.round((lengthMs * sampleRate) / 1000);
  const isOn = (at: number): boolean => {
    return round === 0 || ends.findIndex((turn) => at % round < turn) % 2 === 0;
  };
  let at = 0;
  return {
    sampleRate,
    read(samples) {
      if (at >= end) return null;
      const pcm = new Int16Array(samples);
      for (let i = 0; i < samples && at < end; i++, at++) {
        if (!isOn(at)) continue;
        let sum = 0;
        for (const step of steps) sum += Math.sin(step * at);
        pcm[i] = toSample(32_767 * amplitude * sum);
      }
      return pcm;
    },
  };
}

/**
 * Silence that is sent, in ms; without a length it has no end. 8000 Hz if no other rate is asked
 * for.
 */
export function silence(lengthMs: number = Number.POSITIVE_INFINITY, sampleRate = 8000): Source {
  let left = (lengthMs * sampleRate) / 1000;
  return {
    sampleRate,
    read(samples) {
      if (left <= 0) return null;
      left -= samples;
      return new Int16Array(samples);
    },
  };
}

/** These samples once, at their rate in Hz. */
export function samplesOf(pcm: Int16Array, sampleRate: number): Source {
  let at = 0;
  return {
    sampleRate,
    read(samples) {
      if (at >= pcm.length) return null;
      const frame = new Int16Array(samples);
      frame.set(pcm.subarray(at, at + samples));
      at += samples;
      return frame;
    },
  };
}
