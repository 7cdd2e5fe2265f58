/** A frame made a little shorter without a change of pitch: one period of it is left out. */

const SHORTEST_MS = 2.5;
const LONGEST_MS = 10;

/** The frame less 2.5 to 10 ms of it; the same where it is too short for that. */
export function shortened(pcm: Int16Array, sampleRate: number): Int16Array {
  const shortest = Math.round((SHORTEST_MS * sampleRate) / 1000);
  const longest = Math.min(Math.round((LONGEST_MS * sampleRate) / 1000), pcm.length >> 1);
  if (longest < shortest) return pcm;
  const lag = likestLag(pcm, shortest, longest);
  const out = pcm.slice(lag);
  // The first period goes over into the second.
  for (let i = 0; i < lag; i++) {
    const share = (i + 1) / (lag + 1);
    out[i] = Math.round(pcm[i]! * (1 - share) + pcm[i + lag]! * share);
  }
  return out;
}

function likestLag(pcm: Int16Array, shortest: number, longest: number): number {
  let [best, bestScore] = [longest, Number.NEGATIVE_INFINITY];
  for (let lag = shortest; lag <= longest; lag++) {
    let [cross, energy] = [0, 1];
    for (let i = 0; i < lag; i++) {
      cross += pcm[i]! * pcm[i + lag]!;
      energy += pcm[i]! ** 2 + pcm[i + lag]! ** 2;
    }
    const score = cross / energy;
    if (score > bestScore) [best, bestScore] = [lag, score];
  }
  return best;
}
