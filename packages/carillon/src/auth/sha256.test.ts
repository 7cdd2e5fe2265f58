import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { toBytes } from "../grammar/octets.ts";
import { sha256 } from "./sha256.ts";

const hex = (octets: string) => toHex(sha256(toBytes(octets)));

test("FIPS 180-4: the examples of NIST for no, one and two blocks, and a million letters", () => {
  expect(hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
  expect(hex("a".repeat(1_000_000))).toBe(
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  );
});

test("every length around the edges of three blocks agrees with node:crypto", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).map((_, i) => (i * 167 + length) & 255);
    expect(toHex(sha256(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

test("any bytes agree with node:crypto, and the input is left alone", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000, size: "max" }), (bytes) => {
      const before = bytes.slice();
      expect(toHex(sha256(bytes))).toBe(createHash("sha256").update(before).digest("hex"));
      expect(bytes).toEqual(before);
    }),
  );
});
