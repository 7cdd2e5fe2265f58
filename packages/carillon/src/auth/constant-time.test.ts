import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { equal, equalHex, equalText } from "./constant-time.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

test("bytes are equal to themselves and to nothing else", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(equal(a, a.slice())).toBe(true);
      expect(equal(a, b)).toBe(a.join() === b.join());
    }),
  );
});

test("one changed bit anywhere is seen", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.nat(7), (a, place, bit) => {
      const other = a.slice();
      other[place % a.length]! ^= 1 << bit;
      expect(equal(a, other)).toBe(false);
      expect(equalHex(a, toHex(other))).toBe(false);
    }),
  );
});

test("strings are equal to themselves and to nothing else", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(equalText(a, `${a}`)).toBe(true);
      expect(equalText(a, b)).toBe(a === b);
    }),
  );
  expect(equalText("secret", "secreT")).toBe(false);
});

test("hexadecimal is compared as lower case, with all sixteen digits right", () => {
  const all = Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef);
  expect(equalHex(all, "0123456789abcdef")).toBe(true);
  expect(equalHex(all, "0123456789ABCDEF")).toBe(false);
  expect(equalHex(all, "0123456789abcde")).toBe(false);
  fc.assert(fc.property(bytes, (a) => equalHex(a, toHex(a))));
});

test("a character far outside of octets is no digit", () => {
  expect(equalHex(Uint8Array.of(0x00), "0\u0130")).toBe(false);
  expect(equalHex(Uint8Array.of(0x00), "\u{10030}")).toBe(false);
});
