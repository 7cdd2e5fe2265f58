import { expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { SipHash } from "./sip-hash.ts";

const KEY = Uint8Array.from({ length: 16 }, (_, n) => n);
const counted = (length: number): string =>
  fromBytes(Uint8Array.from({ length }, (_, n) => n & 255));

/** Of the paper's appendix, the first 18 and the last: bytes 0, 1, 2, … under a key of those. */
const VECTORS: readonly (readonly [length: number, hash: string])[] = [
  [0, "310e0edd47db6f72"],
  [1, "fd67dc93c539f874"],
  [2, "5a4fa9d909806c0d"],
  [3, "2d7efbd796666785"],
  [4, "b7877127e09427cf"],
  [5, "8da699cd64557618"],
  [6, "cee3fe586e46c9cb"],
  [7, "37d1018bf50002ab"],
  [8, "6224939a79f5f593"],
  [9, "b0e4a90bdf82009e"],
  [10, "f3b9dd94c5bb5d7a"],
  [11, "a7ad6b22462fb3f4"],
  [12, "fbe50e86bc8f1e75"],
  [13, "903d84c02756ea14"],
  [14, "eef27a8e90ca23f7"],
  [15, "e545be4961ca29a1"],
  [16, "db9bc2577fcc2a3f"],
  [17, "9447be2cf5e99a69"],
  [63, "724506eb4c328a95"],
];

test.each(VECTORS)("SipHash-2-4 of %d bytes is that of its authors", (length, hash) => {
  expect(new SipHash(KEY).hex(counted(length))).toBe(hash);
});

test("octets over 127 count once each, also where the text just fills the room", () => {
  // Under KEY, as OpenSSL has it below.
  const text = `\xff${"a".repeat(1021)}\xff`;
  expect(new SipHash(KEY).hex(text)).toBe("03c1a2d4dbe064c4");
});

test("a long text of all bytes under another key is what OpenSSL makes of it", () => {
  const key = Uint8Array.from({ length: 16 }, (_, n) => (255 - n * 7) & 255);
  const bytes = Uint8Array.from({ length: 3000 }, (_, n) => (n * 31 + 200) & 255);
  // printf … | openssl mac -macopt hexkey:fff8f1eae3dcd5cec7c0b9b2aba49d96 -macopt size:8 SIPHASH
  expect(new SipHash(key).hex(fromBytes(bytes))).toBe("8446ecd0519d8d3f");
});

test("what was hashed before leaves nothing behind", () => {
  const hash = new SipHash(KEY);
  hash.hex("\xff".repeat(500));
  for (const [length, expected] of VECTORS) expect(hash.hex(counted(length))).toBe(expected);
});

test("any key but one of 16 bytes is the caller's fault", () => {
  expect(() => new SipHash(new Uint8Array(32))).toThrow(
    new RangeError("the key has 32 bytes, not 16"),
  );
});
