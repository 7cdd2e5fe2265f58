/** How much of a sound is one tone: Goertzel's algorithm, one bin of a Fourier transform. */

/**
 * The part of the energy that is at this frequency, from 0 to 1; 0 for silence. Exact where `pcm`
 * has whole periods of it.
 */
export function toneShare(
  pcm: Int16Array | Float64Array,
  sampleRate: number,
  hertz: number,
): number {
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let last = 0;
  let beforeLast = 0;
  let energy = 0;
  for (const sample of pcm) {
    const next = sample + factor * last - beforeLast;
    beforeLast = last;
    last = next;
    energy += sample * sample;
  }
  if (energy === 0) return 0;
  const power = last * last + beforeLast * beforeLast - factor * last * beforeLast;
  return (2 * power) / (pcm.length * energy);
}
