/**
 * One stroke of a bell as a sum of decaying tones. A tuned bell sounds five partials, the low
 * ones longest, and their minor third is what makes it a bell; a short clang above them is the
 * clapper. Pure: the player turns these numbers into oscillators.
 */

/** What the clapper does. */
export interface Stroke {
  readonly atSeconds: number;
  /** The prime: the note one hears. */
  readonly primeHz: number;
  /** 0 to 1. */
  readonly loudness: number;
  /** Until the longest partial is 60 dB down. Short is a damped stroke. */
  readonly decaySeconds: number;
}

export interface Tone {
  readonly frequencyHz: number;
  /** Amplitude at the stroke, 0 to 1; all tones of a stroke together stay below its loudness. */
  readonly level: number;
  readonly atSeconds: number;
  readonly decaySeconds: number;
}

export interface Partial {
  readonly name: string;
  readonly ratio: number;
  readonly level: number;
  /** As a share of the longest. */
  readonly decay: number;
}

/** Levels add up to 1, so a stroke can never clip. */
export const partials: readonly Partial[] = [
  { name: "hum", ratio: 1 / 2, level: 0.2, decay: 1 },
  { name: "prime", ratio: 1, level: 0.26, decay: 0.7 },
  { name: "minor third", ratio: 6 / 5, level: 0.2, decay: 0.5 },
  { name: "fifth", ratio: 3 / 2, level: 0.09, decay: 0.32 },
  { name: "nominal", ratio: 2, level: 0.17, decay: 0.24 },
  { name: "clang", ratio: 3, level: 0.08, decay: 0.07 },
];

export function tonesOf(stroke: Stroke): readonly Tone[] {
  return partials.map((partial) => ({
    frequencyHz: stroke.primeHz * partial.ratio,
    level: stroke.loudness * partial.level,
    atSeconds: stroke.atSeconds,
    decaySeconds: stroke.decaySeconds * partial.decay,
  }));
}
