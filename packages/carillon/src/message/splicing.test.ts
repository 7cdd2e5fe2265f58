import fc from "fast-check";
import { expect, test } from "vitest";
import { splice } from "./splice.ts";
import { Splicing } from "./splicing.ts";

test("edits from front to back give what they give in any order", () => {
  const lengths = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.string({ maxLength: 3 })));
  fc.assert(
    fc.property(fc.string({ minLength: 30 }), lengths, fc.nat(9), (text, list, left) => {
      const splicing = new Splicing(text);
      let at = 0;
      const edits = list.map(([gap, length, by]) => {
        const start = Math.min(at + gap, text.length);
        at = Math.min(start + length, text.length);
        splicing.replace(start, at, by);
        return { start, end: at, text: by };
      });
      const end = Math.max(at, text.length - left);
      expect(splicing.finish(end)).toBe(splice(text.slice(0, end), edits));
    }),
  );
});

test("going back is the caller's fault", () => {
  const splicing = new Splicing("abcd");
  splicing.replace(0, 3, "");
  expect(() => splicing.replace(2, 4, "")).toThrow(new RangeError("edits overlap at 2"));
  expect(() => splicing.replace(4, 3, "")).toThrow(new RangeError("edits overlap at 4"));
});
