import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "./hex.ts";

//= RFC 8760 §2.2
//# The bits in the digest are converted from the most significant to the least significant bit,
//# four bits at a time, to the ASCII representation as follows.
test("RFC 8760 §2.2: digests are lower-case hexadecimal, most significant bits first", () => {
  expect(toHex(Uint8Array.of(0x01, 0xab, 0xf0))).toBe("01abf0");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
    }),
  );
});
