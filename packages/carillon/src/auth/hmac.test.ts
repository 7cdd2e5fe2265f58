import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { toBytes } from "../grammar/octets.ts";
import { hmacSha256 } from "./hmac.ts";

const run = (byte: number, count: number) => new Uint8Array(count).fill(byte);
const hex = (key: Uint8Array, bytes: Uint8Array) => toHex(hmacSha256(key, bytes));

test("RFC 4231 §4: test cases 1 to 7", () => {
  expect(hex(run(0x0b, 20), toBytes("Hi There"))).toBe(
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  );
  expect(hex(toBytes("Jefe"), toBytes("what do ya want for nothing?"))).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(hex(run(0xaa, 20), run(0xdd, 50))).toBe(
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  );
  const key4 = new Uint8Array(25).map((_, i) => i + 1);
  expect(hex(key4, run(0xcd, 50))).toBe(
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  );
  expect(hex(run(0x0c, 20), toBytes("Test With Truncation")).slice(0, 32)).toBe(
    "a3b6167473100ee06e0c796c2955552b",
  );
  const long = "Test Using Larger Than Block-Size Key - Hash Key First";
  expect(hex(run(0xaa, 131), toBytes(long))).toBe(
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  );
  const longer =
    "This is a test using a larger than block-size key and a larger than block-size data. " +
    "The key needs to be hashed before being used by the HMAC algorithm.";
  expect(hex(run(0xaa, 131), toBytes(longer))).toBe(
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  );
});

test("any key and bytes agree with node:crypto", () => {
  const bytes = fc.uint8Array({ maxLength: 200, size: "max" });
  fc.assert(
    fc.property(bytes, bytes, (key, data) => {
      expect(hex(key, data)).toBe(createHmac("sha256", key).update(data).digest("hex"));
    }),
  );
});
