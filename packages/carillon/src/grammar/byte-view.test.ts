import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, VIEW_BYTES } from "./byte-view.ts";
import { MAX_HEADER_SECTION } from "./limits.ts";
import { toBytes } from "./octets.ts";

/** What is to be seen of a text: its octets as far as the view goes, and a NUL. */
function expectView(text: string): void {
  const seen = bytesOf(text);
  const end = Math.min(text.length, VIEW_BYTES);
  expect(seen.subarray(0, end)).toEqual(toBytes(text.slice(0, end)));
  expect(seen[end]).toBe(0);
}

test("a text is seen as its octets with a NUL behind them, whatever was looked at before", () => {
  const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: octet, maxLength: 300 }), { minLength: 2 }), (texts) => {
      for (const text of [...texts, ...texts, ""]) expectView(text);
    }),
  );
});

test("what is longer than all headers together is seen as far as they may go", () => {
  expect(VIEW_BYTES).toBeGreaterThan(MAX_HEADER_SECTION);
  for (const length of [VIEW_BYTES - 1, VIEW_BYTES, VIEW_BYTES + 1, VIEW_BYTES + 5000]) {
    expectView("a".repeat(length));
    // An octet over 127 at either end, and one that is not seen at all.
    expectView(`\xe9${"b".repeat(length - 1)}`);
    expectView(`${"c".repeat(length - 1)}\xe9`);
  }
});

test("the same text is looked at once, and equal texts are the same", () => {
  const seen = bytesOf("once");
  seen[0] = 0x58;
  expect(bytesOf(["on", "ce"].join(""))[0]).toBe(0x58);
  expectView("twice");
  expectView("once");
});

test("a character that is no octet is seen as a NUL, and never as its lower byte", () => {
  // U+010D would be a CR, U+013A a colon.
  expect([...bytesOf("a\u010db\u013ac").subarray(0, 6)]).toEqual([0x61, 0, 0x62, 0, 0x63, 0]);
  expectView("and octets again");
});
