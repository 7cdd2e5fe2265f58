/**
 * Numbers from a seed: from 0 up to 1, one after the other. Mulberry32; not for secrets.
 *
 * A machine is given a seed and not a source of randomness, so that the same state and input
 * always make the same step. A fresh random seed spreads load; one made of the request's branch
 * gives a stateless proxy the same order again (RFC 3263 §4.4).
 */
export function rolls(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
