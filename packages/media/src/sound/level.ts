/** How loud a sound is. */

/**
 * In dBFS: 0 is a square wave at full scale, a sine at full scale has -3, and nothing at all
 * `SILENCE_DBFS`, as in RFC 6464.
 */
export function levelDbfs(pcm: Int16Array): number {
  let energy = 0;
  for (const sample of pcm) energy += sample * sample;
  if (energy === 0) return SILENCE_DBFS;
  return Math.max(SILENCE_DBFS, 10 * Math.log10(energy / pcm.length) - FULL_SCALE_DB);
}

/** The level of nothing at all, and the least there is. RFC 6464 §3 */
export const SILENCE_DBFS = -127;
const FULL_SCALE_DB = 20 * Math.log10(32_768);
