import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64url, toBase64url } from "./base64url.ts";

test("any bytes are written as Buffer writes them, and read back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100, size: "max" }), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(fromBase64url(text)).toEqual(bytes);
    }),
  );
});

test("what is read has one spelling: writing it again gives the same text", () => {
  const character = fc.constantFrom(..."ABCZabcz019-_+/= \n\u{1F600}");
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
      const bytes = fromBase64url(text);
      if (bytes !== undefined) expect(toBase64url(bytes)).toBe(text);
    }),
  );
});

test.each(["A", "AB", "AAB", "AA==", "AA\n", "A+AA", "AAAAA", "\u0141A"])(
  "%j is refused",
  (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  },
);
