/**
 * SHA-512/256. FIPS 180-4 §6.7: SHA-512 from a start of its own, cut to 256 bits.
 *
 * With BigInt, which is slow and short: a page signs a request with it now and then, and Node has a
 * hash of its own.
 */
import { toBytes } from "../grammar/octets.ts";
import { padded } from "./padding.ts";
import { rootFractions } from "./root-fractions.ts";

/** The SHA-512/256 digest: 32 bytes. On the wire of digest it is called SHA-512-256. */
export function sha512_256(bytes: Uint8Array): Uint8Array {
  K ??= rootFractions(3n, 80);
  START ??= hashed(
    toBytes("SHA-512/256"),
    rootFractions(2n, 8).map((one) => one ^ 0xa5a5a5a5a5a5a5a5n),
  );
  const digest = new DataView(new ArrayBuffer(64));
  for (const [i, word] of hashed(bytes, START).entries()) digest.setBigUint64(8 * i, word);
  return new Uint8Array(digest.buffer, 0, 32).slice();
}

let K: readonly bigint[] | undefined;
/** FIPS 180-4 §5.3.6: the hash of the name, from SHA-512's start with every bit pattern turned. */
let START: readonly bigint[] | undefined;

function hashed(bytes: Uint8Array, start: readonly bigint[]): readonly bigint[] {
  const blocks = padded(bytes, 128, "big-endian");
  let state = start;
  for (let at = 0; at < blocks.byteLength; at += 128) {
    const w = Array.from({ length: 16 }, (_, t) => blocks.getBigUint64(at + 8 * t));
    for (let t = 16; t < 80; t++) {
      const [x, y] = [w[t - 15]!, w[t - 2]!];
      const s0 = rotr(x, 1n) ^ rotr(x, 8n) ^ (x >> 7n);
      const s1 = rotr(y, 19n) ^ rotr(y, 61n) ^ (y >> 6n);
      w.push(u64(w[t - 16]! + s0 + w[t - 7]! + s1));
    }
    state = compressed(state, w);
  }
  return state;
}

function compressed(state: readonly bigint[], w: readonly bigint[]): readonly bigint[] {
  let [a, b, c, d, e, f, g, h] = state as [
    ...[bigint, bigint, bigint, bigint],
    ...[bigint, bigint, bigint, bigint],
  ];
  for (let t = 0; t < 80; t++) {
    const sum1 = rotr(e, 14n) ^ rotr(e, 18n) ^ rotr(e, 41n);
    const t1 = h + sum1 + ((e & f) ^ (~e & g)) + K![t]! + w[t]!;
    const sum0 = rotr(a, 28n) ^ rotr(a, 34n) ^ rotr(a, 39n);
    const t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, u64(d + t1), c, b, a, u64(t1 + t2)];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => u64(word + state[i]!));
}

const u64 = (word: bigint): bigint => BigInt.asUintN(64, word);
const rotr = (word: bigint, by: bigint): bigint => u64((word >> by) | (word << (64n - by)));
