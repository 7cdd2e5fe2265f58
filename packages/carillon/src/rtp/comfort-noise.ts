/** Comfort noise: how loud it is where nobody speaks, so that no line seems dead. RFC 3389. */

//= RFC 3389 §3.3
//# The first byte of the payload MUST contain the noise level
/** The level of a payload, 0 to 127 in -dBov; undefined for an empty one. RFC 3389 §3.1 */
export const readNoiseLevel = (payload: Uint8Array): number | undefined =>
  payload.length === 0 ? undefined : payload[0]! & 0x7f;

/** A payload without spectral information, which is optional: just the level, in -dBov. §3.2 */
export const writeNoiseLevel = (level: number): Uint8Array =>
  Uint8Array.of(Math.min(127, Math.max(0, Math.round(level))));

/** How loud samples are, 0 to 127 in -dBov: 0 is a square wave of full scale. RFC 3389 §3.1 */
export function noiseLevelOf(pcm: Int16Array): number {
  let energy = 0;
  for (let n = 0; n < pcm.length; n++) energy += pcm[n]! * pcm[n]!;
  const mean = energy / Math.max(1, pcm.length);
  return mean < 1 ? SOFTEST : Math.min(SOFTEST, -10 * Math.log10(mean / FULL_SCALE ** 2));
}

const SOFTEST = 127;
const FULL_SCALE = 32_768;
/** A floor that was found rises so much a frame, so that it follows a room that gets louder. */
const RISE_DB = 0.1;

/** White noise of a level, and what level there is behind what somebody says. */
export class ComfortNoise {
  #seed = 0x2545_f491;
  #floor = SOFTEST;
  #isKnown = false;

  /** The level behind what was heard so far, in -dBov; 127 before anything was. */
  get level(): number {
    return this.#isKnown ? this.#floor : SOFTEST;
  }

  /** A frame that somebody said: the softest ones are what is behind. */
  heard(pcm: Int16Array): void {
    const level = noiseLevelOf(pcm);
    this.#floor = this.#isKnown ? Math.max(level, this.#floor - RISE_DB) : level;
    this.#isKnown = true;
  }

  /** He says so himself. */
  told(level: number): void {
    this.#floor = level;
    this.#isKnown = true;
  }

  /** Noise of `level`, in place of what is in the frame. */
  fill(pcm: Int16Array, level: number = this.level): void {
    // Evenly distributed: its power is a third of its peak's.
    const peak = FULL_SCALE * 10 ** (-level / 20) * Math.sqrt(3);
    let seed = this.#seed;
    for (let n = 0; n < pcm.length; n++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
      pcm[n] = (seed / 2 ** 31) * peak;
    }
    this.#seed = seed;
  }
}
