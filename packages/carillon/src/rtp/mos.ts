/**
 * How good a call sounds, from what its statistics say: the E-model of ITU-T G.107 with everything
 * at its default but loss and delay, and the loss tolerance of codecs from G.113 Appendix I.
 */

/** What a rating is made of. What is no number (NaN) counts as 0. */
export interface LineQuality {
  /** Of packets, from 0 to 1: what was lost and what came too late. */
  readonly lossFraction: number;
  /** There and back, as reports measure it; half of it is how late one is heard. */
  readonly roundTripMs: number;
  /** Interarrival jitter, as RTCP reports it (RFC 3550 §6.4.1). */
  readonly jitterMs: number;
  /** The encoding name: `PCMU`, `opus`; the case does not matter. */
  readonly codec: string;
}

/** With nothing impaired. G.107, Table 3. */
const BEST_RATING = 93.2;
/** Of making and playing a packet. */
const PACKET_MS = 40;
/** From here on people begin to talk into each other. */
const NOTICED_DELAY_MS = 177.3;

/** Impairment by the codec itself, and the loss in percent that halves what is left. */
const CODECS: ReadonlyMap<string, readonly [impairment: number, robustness: number]> = new Map([
  // With concealment, at random loss.
  ["pcmu", [0, 25.1]],
  ["pcma", [0, 25.1]],
  ["g722", [0, 18]],
  ["g729", [11, 19]],
  ["gsm", [20, 10]],
  // With in-band FEC.
  ["opus", [0, 28]],
]);
const UNKNOWN_CODEC = [5, 10] as const;

/**
 * A mean opinion score from 1 (useless) to 4.4 (as good as a telephone gets), rounded to
 * hundredths. The scale is the narrow-band one: wideband codecs are not held to be better.
 */
export function mosOf(quality: LineQuality): number {
  return Math.round(mosOfRating(ratingOf(quality)) * 100) / 100;
}

/** The E-model's R, from 0 to 93.2. */
export function ratingOf({ lossFraction, roundTripMs, jitterMs, codec }: LineQuality): number {
  // A buffer that takes up jitter holds about twice its mean.
  const delayMs = within(roundTripMs, 0, 60_000) / 2 + 2 * within(jitterMs, 0, 10_000) + PACKET_MS;
  const late = Math.max(0, delayMs - NOTICED_DELAY_MS);
  const delayImpairment = 0.024 * delayMs + 0.11 * late;
  const lostPercent = 100 * within(lossFraction, 0, 1);
  const [own, robustness] = CODECS.get(codec.toLowerCase()) ?? UNKNOWN_CODEC;
  const impairment = own + (95 - own) * (lostPercent / (lostPercent + robustness));
  return within(BEST_RATING - delayImpairment - impairment, 0, BEST_RATING);
}

/** What people would say of a rating. G.107 Annex B. */
export const mosOfRating = (rating: number): number =>
  Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);

/** What is no number counts as the least. */
const within = (value: number, least: number, most: number): number =>
  Number.isNaN(value) ? least : Math.min(most, Math.max(least, value));
