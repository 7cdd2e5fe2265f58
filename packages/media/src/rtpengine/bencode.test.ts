import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bencoded, entryOf, formatBencode, parseBencode } from "./bencode.ts";

const octets = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
const { value } = fc.letrec<{ value: Bencoded }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    octets,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(octets, tie("value"), { maxKeys: 5 }),
  ),
}));

test("what is written is read again", () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(parseBencode(formatBencode(one))).toEqual({ ok: true, value: one });
    }),
  );
});

test("no octets make the reader throw, and what is read is no larger than what came", () => {
  const almost = fc.tuple(value, fc.nat(), octets).map(([one, at, more]) => {
    const text = formatBencode(one);
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + more + text.slice(cut + 1);
  });
  fc.assert(
    fc.property(fc.oneof(octets, almost), (text) => {
      const read = parseBencode(text);
      if (read.ok) expect(formatBencode(read.value).length).toBeLessThanOrEqual(text.length);
      else expect(read.at).toBeLessThanOrEqual(text.length);
    }),
  );
});

test("keys are in order, lengths count octets, and a key of every object is no entry", () => {
  expect(formatBencode({ b: "ä", a: [1, -2] })).toBe("d1:ali1ei-2ee1:b1:äe");
  expect(entryOf({ a: 1 }, "a")).toBe(1);
  expect(entryOf({ a: 1 }, "toString")).toBeUndefined();
  expect(entryOf("a", "length")).toBeUndefined();
  const read = parseBencode("d9:__proto__i1ee");
  expect(read.ok && entryOf(read.value, "__proto__")).toBe(1);
});

test("what is no bencode is said to be none, and where", () => {
  const bad = [
    "",
    "i1",
    "ie",
    "i-e",
    "i1.5e",
    "5:ab",
    "9999999:a",
    "l",
    "d1:ae",
    "di1ei2ee",
    "i1ei2e",
  ];
  for (const text of bad) expect([text, parseBencode(text).ok]).toEqual([text, false]);
  expect(parseBencode("l".repeat(10_000))).toMatchObject({ ok: false, at: 17 });
  expect(() => formatBencode(0.5)).toThrow(RangeError);
});
