/**
 * SipHash-2-4: a keyed hash of 64 bits for short texts (Aumasson and Bernstein, 2012). It has
 * nothing to do with SIP but the name.
 *
 * What carries it is small, made for every message and checked again soon: branches, tags, the
 * cookies of dialogs. HMAC-SHA-256 cut to as many bits is no harder to guess and takes seven times
 * as long. What has to stay unforgeable for days, nonces and tokens, is signed with that.
 */
import type { Octets } from "../grammar/octets.ts";

export class SipHash {
  /** v0 to v3 with the key in them, each as its lower and its upper 32 bits. */
  readonly #start = new Int32Array(8);

  /** `key` is 16 bytes; throws a RangeError on any other number of them. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`the key has ${key.length} bytes, not 16`);
    const view = new DataView(key.buffer, key.byteOffset, key.length);
    for (let n = 0; n < 8; n++) this.#start[n] = CONSTANTS[n]! ^ view.getInt32(4 * (n % 4), true);
  }

  /** Its hash as 16 hexadecimal digits, the first byte first. */
  hex(octets: Octets): string {
    const blocks = (octets.length >>> 3) + 1;
    if (bytes.length < 8 * blocks) makeRoom(16 * blocks);
    fill(octets, 8 * blocks);
    hash(this.#start, view, blocks);
    return hexOf(result[0]!) + hexOf(result[1]!);
  }
}

/** "somepseudorandomlygeneratedbytes", as the paper has it. */
const CONSTANTS: Int32Array = Int32Array.of(
  ...[0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261],
  ...[0x6e657261, 0x6c796765, 0x79746573, 0x74656462],
);

/** What is hashed; longer than it has to be. */
let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
let view = new DataView(bytes.buffer);
const encoder = new TextEncoder();
/** The lower and the upper half of the last hash. */
const result: Int32Array = new Int32Array(2);

function makeRoom(length: number): void {
  bytes = new Uint8Array(length);
  view = new DataView(bytes.buffer);
}

/** The octets, zeros up to the end of the last block, and their number in its last octet. */
function fill(octets: Octets, end: number): void {
  const { length } = octets;
  const { read, written } = encoder.encodeInto(octets, bytes);
  // An octet over 127 becomes two, and then this text is copied one by one.
  if (read !== written) for (let at = 0; at < length; at++) bytes[at] = octets.charCodeAt(at);
  for (let at = length; at < end; at++) bytes[at] = 0;
  bytes[end - 1] = length;
}

/**
 * All in 32 bits. A sum is carried where both upper bits were set, or one was and is not in the
 * sum: said without a branch, which would be guessed wrong every second time. Where a word is
 * rotated by 32, its halves change places.
 */
function hash(start: Int32Array, view: DataView, blocks: number): void {
  let v0 = start[0]!;
  let w0 = start[1]!;
  let v1 = start[2]!;
  let w1 = start[3]!;
  let v2 = start[4]!;
  let w2 = start[5]!;
  let v3 = start[6]!;
  let w3 = start[7]!;
  for (let block = 0; block <= blocks; block++) {
    const isEnd = block === blocks;
    const low = isEnd ? 0 : view.getInt32(8 * block, true);
    const high = isEnd ? 0 : view.getInt32(8 * block + 4, true);
    v3 ^= low;
    w3 ^= high;
    if (isEnd) v2 ^= 0xff;
    for (let rounds = isEnd ? 4 : 2; rounds > 0; rounds--) {
      let t = (v0 + v1) | 0;
      w0 = (w0 + w1 + (((v0 & v1) | ((v0 | v1) & ~t)) >>> 31)) | 0;
      v0 = t;
      t = (v1 << 13) | (w1 >>> 19);
      w1 = ((w1 << 13) | (v1 >>> 19)) ^ w0;
      v1 = t ^ v0;
      t = (v2 + v3) | 0;
      w2 = (w2 + w3 + (((v2 & v3) | ((v2 | v3) & ~t)) >>> 31)) | 0;
      v2 = t;
      t = (v3 << 16) | (w3 >>> 16);
      w3 = ((w3 << 16) | (v3 >>> 16)) ^ w2;
      v3 = t ^ v2;
      t = (w0 + v3) | 0;
      const carry = ((w0 & v3) | ((w0 | v3) & ~t)) >>> 31;
      w0 = (v0 + w3 + carry) | 0;
      v0 = t;
      t = (v3 << 21) | (w3 >>> 11);
      w3 = ((w3 << 21) | (v3 >>> 11)) ^ w0;
      v3 = t ^ v0;
      t = (v2 + v1) | 0;
      w2 = (w2 + w1 + (((v2 & v1) | ((v2 | v1) & ~t)) >>> 31)) | 0;
      v2 = t;
      t = (v1 << 17) | (w1 >>> 15);
      w1 = ((w1 << 17) | (v1 >>> 15)) ^ w2;
      v1 = t ^ v2;
      t = v2;
      v2 = w2;
      w2 = t;
    }
    v0 ^= low;
    w0 ^= high;
  }
  result[0] = v0 ^ v1 ^ v2 ^ v3;
  result[1] = w0 ^ w1 ^ w2 ^ w3;
}

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

const hexOf = (word: number): string =>
  DIGITS[word & 255]! +
  DIGITS[(word >>> 8) & 255]! +
  DIGITS[(word >>> 16) & 255]! +
  DIGITS[word >>> 24]!;
