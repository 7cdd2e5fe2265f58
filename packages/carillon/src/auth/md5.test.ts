import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { toBytes } from "../grammar/octets.ts";
import { md5 } from "./md5.ts";

const hex = (octets: string) => toHex(md5(toBytes(octets)));

test("RFC 1321 §A.5: the test suite of the standard", () => {
  expect(hex("")).toBe("d41d8cd98f00b204e9800998ecf8427e");
  expect(hex("a")).toBe("0cc175b9c0f1b6a831c399e269772661");
  expect(hex("abc")).toBe("900150983cd24fb0d6963f7d28e17f72");
  expect(hex("message digest")).toBe("f96b697d7cb7938d525a2f31aaf161d0");
  expect(hex("abcdefghijklmnopqrstuvwxyz")).toBe("c3fcd3d76192e4007dfb496cca67e13b");
  expect(hex("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")).toBe(
    "d174ab98d277d9f5a5611c2c9f419d9f",
  );
  expect(hex("1234567890".repeat(8))).toBe("57edf4a22be3c955ac49da2e2107b67a");
});

test("every length around the edges of three blocks agrees with node:crypto", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).map((_, i) => (i * 167 + length) & 255);
    expect(toHex(md5(bytes))).toBe(createHash("md5").update(bytes).digest("hex"));
  }
});

test("any bytes agree with node:crypto, and the input is left alone", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000, size: "max" }), (bytes) => {
      const before = bytes.slice();
      expect(toHex(md5(bytes))).toBe(createHash("md5").update(before).digest("hex"));
      expect(bytes).toEqual(before);
    }),
  );
});
