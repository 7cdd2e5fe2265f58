/** Tones that tell who is heard, and how much of what was recorded is a given tone. */
import { toneShare } from "carillon-media";

export const SAMPLE_RATE_HZ = 8000;
const AMPLITUDE = 0.5;
/** 100 ms: a whole number of periods of every tone that is a multiple of 10 Hz. */
const BLOCK = SAMPLE_RATE_HZ / 10;
/** G.711 leaves more than 99 % of a tone's energy where it was. */
const PURE = 0.95;
/** Of several tones each has at least so much of the energy. */
const AUDIBLE = 0.1;

export function tone(frequencyHz: number, seconds: number): Float64Array {
  const step = (2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ;
  return Float64Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, at) => {
    return AMPLITUDE * Math.sin(step * at);
  });
}

/** The part of the energy that is at this frequency, from 0 to 1; 0 for silence. */
export const shareOf = (frequencyHz: number, samples: Float64Array): number =>
  toneShare(samples, SAMPLE_RATE_HZ, frequencyHz);

/** How long this tone, and as good as nothing else, is heard in a recording. */
export function secondsOf(frequencyHz: number, samples: Float64Array): number {
  return secondsOfAll([frequencyHz], samples);
}

/** How long these tones, each of them and as good as nothing else, are heard at once. */
export function secondsOfAll(frequencies: readonly number[], samples: Float64Array): number {
  let blocks = 0;
  for (let at = 0; at + BLOCK <= samples.length; at += BLOCK) {
    const shares = frequencies.map((hz) => shareOf(hz, samples.subarray(at, at + BLOCK)));
    const all = shares.reduce((sum, share) => sum + share);
    if (all > PURE && shares.every((share) => share > AUDIBLE)) blocks++;
  }
  return (blocks * BLOCK) / SAMPLE_RATE_HZ;
}

export function rms(samples: Float64Array): number {
  if (samples.length === 0) return 0;
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
