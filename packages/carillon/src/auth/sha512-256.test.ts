import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { toBytes } from "../grammar/octets.ts";
import { sha512_256 } from "./sha512-256.ts";

const hex = (octets: string) => toHex(sha512_256(toBytes(octets)));

test("FIPS 180-4: the examples of NIST for no, one and two blocks", () => {
  expect(hex("")).toBe("c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a");
  expect(hex("abc")).toBe("53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
  expect(
    hex(
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" +
        "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    ),
  ).toBe("3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a");
});

test("every length around the edges of two blocks agrees with node:crypto", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = new Uint8Array(length).map((_, i) => (i * 167 + length) & 255);
    expect(toHex(sha512_256(bytes))).toBe(createHash("sha512-256").update(bytes).digest("hex"));
  }
});

test("any bytes agree with node:crypto, and the input is left alone", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000, size: "max" }), (bytes) => {
      const before = bytes.slice();
      expect(toHex(sha512_256(bytes))).toBe(createHash("sha512-256").update(before).digest("hex"));
      expect(bytes).toEqual(before);
    }),
  );
});
