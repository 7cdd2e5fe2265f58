/** SHA-256. FIPS 180-4 §6.2. For worlds without a synchronous hash of their own: browsers. */
import { padded } from "./padding.ts";

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
// biome-ignore format: eight a line
const K: Uint32Array = Uint32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);

/** The same of the square roots of the first eight primes. */
// biome-ignore format: eight a line
const START: Uint32Array = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

/** The SHA-256 digest: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const blocks = padded(bytes, 64, "big-endian");
  const state = START.slice();
  const w = new Uint32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getUint32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      w[t] = sigma1(w[t - 2]!) + w[t - 7]! + sigma0(w[t - 15]!) + w[t - 16]!;
    }
    compress(state, w);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setUint32(4 * i, state[i]!);
  return new Uint8Array(digest.buffer);
}

/**
 * 64 rounds. The letters a to h of the standard do not move: in round t the letter j is at
 * `(j - t) & 7`, which saves six assignments a round.
 */
function compress(state: Uint32Array, w: Uint32Array): void {
  const v = state.slice();
  for (let t = 0; t < 64; t++) {
    const [a, b, c] = [v[-t & 7]!, v[(1 - t) & 7]!, v[(2 - t) & 7]!];
    const [e, f, g] = [v[(4 - t) & 7]!, v[(5 - t) & 7]!, v[(6 - t) & 7]!];
    const h = (7 - t) & 7;
    const t1 = v[h]! + sum1(e) + ((e & f) ^ (~e & g)) + K[t]! + w[t]!;
    const t2 = sum0(a) + ((a & b) ^ (a & c) ^ (b & c));
    v[(3 - t) & 7]! += t1;
    v[h] = t1 + t2;
  }
  for (let i = 0; i < 8; i++) state[i]! += v[i]!;
}

const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
const sum0 = (x: number): number => rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
const sum1 = (x: number): number => rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
const sigma0 = (x: number): number => rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
const sigma1 = (x: number): number => rotr(x, 17) ^ rotr(x, 19) ^ (x >>> 10);
