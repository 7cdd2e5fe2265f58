/** SHA-256. FIPS 180-4 §6.2. For worlds without a synchronous hash of their own: browsers. */
import { padded } from "./padding.ts";
import { rootFractions } from "./root-fractions.ts";

/** The first 32 bits of each. */
const upperHalves = (words: readonly bigint[]): Uint32Array =>
  Uint32Array.from(words, (word) => Number(word >> 32n));

let K: Uint32Array | undefined;
let START: Uint32Array | undefined;

/** The SHA-256 digest: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  START ??= upperHalves(rootFractions(2n, 8));
  K ??= upperHalves(rootFractions(3n, 64));
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

/** What a digest that is made bit by bit begins with: eight words. */
export const sha256Start = (): Uint32Array => upperHalves(rootFractions(2n, 8));

/** Takes whole blocks of 64 bytes into the words of a digest. */
export function sha256Blocks(state: Uint32Array, blocks: DataView): void {
  K ??= upperHalves(rootFractions(3n, 64));
  const w = new Uint32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getUint32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      w[t] = sigma1(w[t - 2]!) + w[t - 7]! + sigma0(w[t - 15]!) + w[t - 16]!;
    }
    compress(state, w);
  }
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
    const t1 = v[h]! + sum1(e) + ((e & f) ^ (~e & g)) + K![t]! + w[t]!;
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
