/** Sound that is made here: a tone, and silence. */
import type { Source } from "./source-sink.ts";

export interface ToneOptions {
  /** 1000 if left out. */
  readonly hertz?: number;
  /** How loud, in dBFS; -9 if left out. A sine at full scale has -3. */
  readonly dbfs?: number;
  /** In hertz; 48,000 if left out. */
  readonly sampleRate?: number;
  /** Without end if left out. */
  readonly seconds?: number;
}

/** A sine. */
export function tone(options: ToneOptions = {}): Source {
  const {
    hertz = 1000,
    dbfs = -9,
    sampleRate = 48_000,
    seconds = Number.POSITIVE_INFINITY,
  } = options;
  const peak = Math.min(32_767, 32_768 * Math.SQRT2 * 10 ** (dbfs / 20));
  const step = (2 * Math.PI * hertz) / sampleRate;
  const end = Math.round(seconds * sampleRate);
  let at = 0;
  return {
    sampleRate,
    read(samples) {
      if (at >= end) return null;
      const count = Math.min(samples, end - at);
      return Int16Array.from({ length: count }, () => Math.round(peak * Math.sin(step * at++)));
    },
  };
}

/** Nothing to hear, without end. */
export const silence = (sampleRate = 8000): Source => ({
  sampleRate,
  read: (samples) => new Int16Array(samples),
});
