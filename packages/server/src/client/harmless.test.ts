import { HOSTILE_STRINGS } from "carillon/testing";
import { expect, test } from "vitest";
import { oneLine, paragraph } from "./harmless.ts";

test("what people write stays as it is", () => {
  for (const text of ["", "Ça va: 你好, “quoted”", "שלום", "👩‍👩‍👧‍👦", "a<b>&c"]) {
    expect(oneLine(text)).toBe(text);
    expect(paragraph(text)).toBe(text);
  }
});

test("a line of theirs does not pass for one of ours", () => {
  expect(paragraph("Hello\r\nBob writes: no")).toBe("Hello\n    Bob writes: no");
  expect(oneLine("Hello\nBob writes: no")).toBe("Hello?Bob writes: no");
});

test("nobody's text fills a screen", () => {
  expect(paragraph("x\n".repeat(5000)).split("\n")).toHaveLength(41);
  expect(oneLine("x".repeat(5000))).toBe(`${"x".repeat(1000)}…`);
  expect(oneLine(`${"x".repeat(999)}😀`), "half of a character").toBe(`${"x".repeat(999)}?…`);
});

test("what is harmless already is not changed again", () => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const once = oneLine(text);
    if (!once.endsWith("…")) expect(oneLine(once), name).toBe(once);
  }
});
