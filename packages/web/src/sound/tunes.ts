/** What the bells play, and when they begin again. */
import type { Stroke } from "./bell.ts";

export interface Tune {
  readonly strokes: readonly Stroke[];
  /** Begins anew after so long; a tune without it is played once. */
  readonly periodSeconds?: number;
}

export type TuneName =
  | "ring"
  | "ringBack"
  | "knock"
  | "connected"
  | "ended"
  | "refused"
  | "message";

/** Four bells of a small carillon, tuned to D major and the octave below. */
const D4 = 293.66;
const A4 = 440;
const D5 = 587.33;
const E5 = 659.26;
const F5 = 739.99;

export const tunes: Readonly<Record<TuneName, Tune>> = {
  /** Somebody calls: a quarter chime, then the great bell under it. */
  ring: {
    strokes: [
      stroke(0, F5, 0.62, 2.2),
      stroke(0.32, D5, 0.62, 2.2),
      stroke(0.64, E5, 0.62, 2.2),
      stroke(0.96, A4, 0.7, 3.2),
      stroke(1.6, D4, 0.5, 3.6),
    ],
    periodSeconds: 4.2,
  },
  /** It rings over there: one far bell. */
  ringBack: { strokes: [stroke(0, A4, 0.26, 2.6)], periodSeconds: 3.2 },
  /** Somebody calls while you speak: twice, softly. */
  knock: {
    strokes: [stroke(0, F5, 0.16, 0.7), stroke(0.22, F5, 0.12, 0.7)],
    periodSeconds: 4,
  },
  connected: { strokes: [stroke(0, A4, 0.24, 0.6), stroke(0.11, D5, 0.24, 0.9)] },
  /** Somebody writes: the highest bell, touched. */
  message: { strokes: [stroke(0, D5, 0.14, 0.5), stroke(0.09, F5, 0.16, 0.8)] },
  ended: { strokes: [stroke(0, D5, 0.24, 0.6), stroke(0.13, A4, 0.24, 0.9)] },
  /** Busy, declined, not online: the same low bell, damped. */
  refused: {
    strokes: [stroke(0, D4, 0.34, 0.5), stroke(0.28, D4, 0.34, 0.5), stroke(0.56, D4, 0.34, 0.8)],
  },
};

function stroke(
  atSeconds: number,
  primeHz: number,
  loudness: number,
  decaySeconds: number,
): Stroke {
  return { atSeconds, primeHz, loudness, decaySeconds };
}
