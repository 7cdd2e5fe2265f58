import fc from "fast-check";
import { expect, test } from "vitest";
import { splice } from "./splice.ts";

test("edits replace, remove and insert, in whatever order they are given", () => {
  const edits = [
    { start: 6, end: 11, text: "SIP" },
    { start: 0, end: 0, text: ">" },
    { start: 5, end: 6, text: "" },
    { start: 11, end: 11, text: "!" },
  ];
  expect(splice("hello world", edits)).toBe(">helloSIP!");
  expect(splice("hello world", edits.toReversed())).toBe(">helloSIP!");
  expect(splice("hello", [])).toBe("hello");
});

test("insertions at one place keep their order, and stand before what is replaced there", () => {
  const at = (text: string, end = 1) => ({ start: 1, end, text });
  expect(splice("ab", [at("1"), at("2"), at("3")])).toBe("a123b");
  expect(splice("ab", [at("x", 2), at("1")])).toBe("a1x");
});

test("edits that overlap are the caller's fault", () => {
  const overlap = [
    { start: 0, end: 3, text: "" },
    { start: 2, end: 4, text: "" },
  ];
  expect(() => splice("abcd", overlap)).toThrow(new RangeError("edits overlap at 2"));
});

test("many edits are as one after the other from the end", () => {
  const gaps = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.string({ maxLength: 3 })));
  fc.assert(
    fc.property(fc.string({ minLength: 30 }), gaps, (text, list) => {
      let at = 0;
      const edits = list.map(([gap, length, by]) => {
        const start = Math.min(at + gap + 1, text.length);
        at = Math.min(start + length, text.length);
        return { start, end: at, text: by };
      });
      let slow = text;
      for (const { start, end, text: by } of edits.toReversed()) {
        slow = slow.slice(0, start) + by + slow.slice(end);
      }
      const distinct = edits.every(({ start }, i) => start > (edits[i - 1]?.end ?? -1));
      if (distinct) expect(splice(text, edits)).toBe(slow);
    }),
  );
});
