/**
 * SHA-1. FIPS 180-4 §6.1. For what names files by it (RFC 5547 §6), and for nothing that has to
 * keep somebody out: two files with one hash can be made.
 */

/** What a digest begins with: five words. */
export const sha1Start = (): Uint32Array =>
  Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

/** Takes whole blocks of 64 bytes into the words of a digest. */
export function sha1Blocks(state: Uint32Array, blocks: DataView): void {
  const w = new Int32Array(80);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getInt32(at + 4 * t);
    for (let t = 16; t < 80; t++) w[t] = rotl(w[t - 3]! ^ w[t - 8]! ^ w[t - 14]! ^ w[t - 16]!, 1);
    compress(state, w);
  }
}

function compress(state: Uint32Array, w: Int32Array): void {
  let [a, b, c, d, e] = [state[0]! | 0, state[1]! | 0, state[2]! | 0, state[3]! | 0, state[4]! | 0];
  for (let t = 0; t < 80; t++) {
    const next = (rotl(a, 5) + mix(t, b, c, d) + e + w[t]!) | 0;
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

/** The function and the constant of a round. FIPS 180-4 §4.1.1, §4.2.1. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
