import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatByteRange, parseByteRange, reached, type Span, withSpan } from "./byte-range.ts";

describe("Byte-Range", () => {
  it.each(["1-*/8", "5-8/8", "1-0/0", "1-*/*", "138-148/148"])("§9 reads and writes %s", (text) => {
    const range = parseByteRange(text);
    expect(range && formatByteRange(range)).toBe(text);
  });

  it.each([
    "",
    "1",
    "1-2",
    "0-2/3",
    "3-1/8",
    "1-9/8",
    "*-2/3",
    "1 -2/3",
    "1-2/99999999999999999",
    "-1-2/3",
  ])("§9 refuses %s", (text) => {
    expect(parseByteRange(text)).toBeUndefined();
  });

  it("puts spans together as a set of octets would", () => {
    const span = fc.record({ start: fc.nat(30), size: fc.nat(10) });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), (all) => {
        let spans: readonly Span[] = [];
        const octets = new Set<number>();
        for (const { start, size } of all) {
          spans = withSpan(spans, { start, end: start + size });
          for (let at = start; at < start + size; at++) octets.add(at);
        }
        const known = spans.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(known).toEqual([...octets].sort((a, b) => a - b));
        let first = 0;
        while (octets.has(first)) first++;
        expect(reached(spans)).toBe(first);
      }),
    );
  });
});
