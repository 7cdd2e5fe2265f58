import fc from "fast-check";
import { expect, test } from "vitest";
import { flat, fromBytes, fromText, toBytes, toText } from "./octets.ts";

test("bytes and octets are the same thing twice", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      const octets = fromBytes(bytes);
      expect(octets).toHaveLength(bytes.length);
      expect(toBytes(octets)).toEqual(new Uint8Array(bytes));
      expect(flat(octets)).toBe(octets);
    }),
    { numRuns: 30 },
  );
});

test("text comes back as it was, through UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const octets = fromText(text);
      expect(toBytes(octets)).toEqual(new TextEncoder().encode(text));
      expect(toText(octets)).toBe(text);
    }),
  );
});

test("RFC 3261 §7.3.1: a length is a count of octets, not of characters", () => {
  expect(fromText("Ünï")).toHaveLength(5);
  expect(fromText("plain")).toBe("plain");
});

test("broken UTF-8 reads as U+FFFD, and a byte order mark is text", () => {
  expect(toText("a\xffb")).toBe("a\ufffdb");
  expect(toText("\xef\xbb\xbfa")).toBe("\ufeffa");
});

test("a character that is no octet is the caller's fault", () => {
  expect(() => toBytes("a\u0100")).toThrow(new RangeError("not octets: character 256 at 1"));
});
