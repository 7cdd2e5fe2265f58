/**
 * SHA-512/256. FIPS 180-4 §6.7: SHA-512 from a start of its own, cut to 256 bits.
 *
 * In 32-bit halves, high word first, because BigInt is many times slower. A function that gives
 * the high word of a rotation gives the low word when its arguments are swapped.
 */
import { padded } from "./padding.ts";

/** The first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
// biome-ignore format: four constants a line
const K: Uint32Array = Uint32Array.of(
  0x428a2f98, 0xd728ae22, 0x71374491, 0x23ef65cd, 0xb5c0fbcf, 0xec4d3b2f, 0xe9b5dba5, 0x8189dbbc,
  0x3956c25b, 0xf348b538, 0x59f111f1, 0xb605d019, 0x923f82a4, 0xaf194f9b, 0xab1c5ed5, 0xda6d8118,
  0xd807aa98, 0xa3030242, 0x12835b01, 0x45706fbe, 0x243185be, 0x4ee4b28c, 0x550c7dc3, 0xd5ffb4e2,
  0x72be5d74, 0xf27b896f, 0x80deb1fe, 0x3b1696b1, 0x9bdc06a7, 0x25c71235, 0xc19bf174, 0xcf692694,
  0xe49b69c1, 0x9ef14ad2, 0xefbe4786, 0x384f25e3, 0x0fc19dc6, 0x8b8cd5b5, 0x240ca1cc, 0x77ac9c65,
  0x2de92c6f, 0x592b0275, 0x4a7484aa, 0x6ea6e483, 0x5cb0a9dc, 0xbd41fbd4, 0x76f988da, 0x831153b5,
  0x983e5152, 0xee66dfab, 0xa831c66d, 0x2db43210, 0xb00327c8, 0x98fb213f, 0xbf597fc7, 0xbeef0ee4,
  0xc6e00bf3, 0x3da88fc2, 0xd5a79147, 0x930aa725, 0x06ca6351, 0xe003826f, 0x14292967, 0x0a0e6e70,
  0x27b70a85, 0x46d22ffc, 0x2e1b2138, 0x5c26c926, 0x4d2c6dfc, 0x5ac42aed, 0x53380d13, 0x9d95b3df,
  0x650a7354, 0x8baf63de, 0x766a0abb, 0x3c77b2a8, 0x81c2c92e, 0x47edaee6, 0x92722c85, 0x1482353b,
  0xa2bfe8a1, 0x4cf10364, 0xa81a664b, 0xbc423001, 0xc24b8b70, 0xd0f89791, 0xc76c51a3, 0x0654be30,
  0xd192e819, 0xd6ef5218, 0xd6990624, 0x5565a910, 0xf40e3585, 0x5771202a, 0x106aa070, 0x32bbd1b8,
  0x19a4c116, 0xb8d2d0c8, 0x1e376c08, 0x5141ab53, 0x2748774c, 0xdf8eeb99, 0x34b0bcb5, 0xe19b48a8,
  0x391c0cb3, 0xc5c95a63, 0x4ed8aa4a, 0xe3418acb, 0x5b9cca4f, 0x7763e373, 0x682e6ff3, 0xd6b2b8a3,
  0x748f82ee, 0x5defb2fc, 0x78a5636f, 0x43172f60, 0x84c87814, 0xa1f0ab72, 0x8cc70208, 0x1a6439ec,
  0x90befffa, 0x23631e28, 0xa4506ceb, 0xde82bde9, 0xbef9a3f7, 0xb2c67915, 0xc67178f2, 0xe372532b,
  0xca273ece, 0xea26619c, 0xd186b8c7, 0x21c0c207, 0xeada7dd6, 0xcde0eb1e, 0xf57d4f7f, 0xee6ed178,
  0x06f067aa, 0x72176fba, 0x0a637dc5, 0xa2c898a6, 0x113f9804, 0xbef90dae, 0x1b710b35, 0x131c471b,
  0x28db77f5, 0x23047d84, 0x32caab7b, 0x40c72493, 0x3c9ebe0a, 0x15c9bebc, 0x431d67c4, 0x9c100d4c,
  0x4cc5d4be, 0xcb3e42b6, 0x597f299c, 0xfc657e2a, 0x5fcb6fab, 0x3ad6faec, 0x6c44198c, 0x4a475817,
);

/** FIPS 180-4 §5.3.6.2 */
// biome-ignore format: four constants a line
const START: Uint32Array = Uint32Array.of(
  0x22312194, 0xfc2bf72c, 0x9f555fa3, 0xc84c64c2, 0x2393b86b, 0x6f53b151, 0x96387719, 0x5940eabd,
  0x96283ee2, 0xa88effe3, 0xbe5e1e25, 0x53863992, 0x2b0199fc, 0x2c85b8aa, 0x0eb72ddc, 0x81c52ca2,
);

/** The SHA-512/256 digest: 32 bytes. On the wire of digest it is called SHA-512-256. */
export function sha512_256(bytes: Uint8Array): Uint8Array {
  const blocks = padded(bytes, 128, "big-endian");
  const state = START.slice();
  const w = new Uint32Array(160);
  for (let at = 0; at < blocks.byteLength; at += 128) {
    for (let i = 0; i < 32; i++) w[i] = blocks.getUint32(at + 4 * i);
    for (let i = 32; i < 160; i += 2) extend(w, i);
    compress(state, w);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setUint32(4 * i, state[i]!);
  return new Uint8Array(digest.buffer);
}

/** W(t) = σ1(W(t-2)) + W(t-7) + σ0(W(t-15)) + W(t-16); `i` is 2t. */
function extend(w: Uint32Array, i: number): void {
  const [xh, xl] = [w[i - 30]!, w[i - 29]!];
  const [yh, yl] = [w[i - 4]!, w[i - 3]!];
  const s0h = (rotr(xh, xl, 1) ^ rotr(xh, xl, 8) ^ (xh >>> 7)) >>> 0;
  const s0l = (rotr(xl, xh, 1) ^ rotr(xl, xh, 8) ^ rotr(xl, xh, 7)) >>> 0;
  const s1h = (rotr(yh, yl, 19) ^ rotr(yl, yh, 29) ^ (yh >>> 6)) >>> 0;
  const s1l = (rotr(yl, yh, 19) ^ rotr(yh, yl, 29) ^ rotr(yl, yh, 6)) >>> 0;
  put(w, i, s1h + w[i - 14]! + s0h + w[i - 32]!, s1l + w[i - 13]! + s0l + w[i - 31]!);
}

/** 80 rounds; as in SHA-256 the letters stay where they are and their places turn. */
function compress(state: Uint32Array, w: Uint32Array): void {
  const v = state.slice();
  for (let t = 0; t < 80; t++) {
    const [a, b, c] = [place(-t), place(1 - t), place(2 - t)];
    const [d, h] = [place(3 - t), place(7 - t)];
    const [e, f, g] = [place(4 - t), place(5 - t), place(6 - t)];
    const [eh, el] = [v[e]!, v[e + 1]!];
    const [ah, al] = [v[a]!, v[a + 1]!];
    const high1 = v[h]! + sum1(eh, el) + choose(eh, v[f]!, v[g]!) + K[2 * t]! + w[2 * t]!;
    const low1 =
      v[h + 1]! + sum1(el, eh) + choose(el, v[f + 1]!, v[g + 1]!) + K[2 * t + 1]! + w[2 * t + 1]!;
    const high2 = sum0(ah, al) + majority(ah, v[b]!, v[c]!);
    const low2 = sum0(al, ah) + majority(al, v[b + 1]!, v[c + 1]!);
    put(v, d, v[d]! + high1, v[d + 1]! + low1);
    put(v, h, high1 + high2, low1 + low2);
  }
  for (let i = 0; i < 16; i += 2) put(state, i, state[i]! + v[i]!, state[i + 1]! + v[i + 1]!);
}

const place = (letter: number): number => 2 * (letter & 7);

/** Stores a sum of halves; both are sums of few unsigned words, exact in a double. */
function put(words: Uint32Array, i: number, high: number, low: number): void {
  words[i + 1] = low;
  words[i] = high + Math.floor(low / 2 ** 32);
}

/** The high word of (high, low) turned right by n, 0 < n < 32. */
const rotr = (high: number, low: number, n: number): number => (high >>> n) | (low << (32 - n));

/** Σ0: 28, 34 and 39; over 32 the words trade places. */
const sum0 = (high: number, low: number): number =>
  (rotr(high, low, 28) ^ rotr(low, high, 2) ^ rotr(low, high, 7)) >>> 0;

/** Σ1: 14, 18 and 41. */
const sum1 = (high: number, low: number): number =>
  (rotr(high, low, 14) ^ rotr(high, low, 18) ^ rotr(low, high, 9)) >>> 0;

const choose = (x: number, y: number, z: number): number => ((x & y) ^ (~x & z)) >>> 0;
const majority = (x: number, y: number, z: number): number => ((x & y) ^ (x & z) ^ (y & z)) >>> 0;
