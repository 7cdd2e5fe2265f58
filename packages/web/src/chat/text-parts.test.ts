import { HOSTILE_STRINGS } from "carillon/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textParts } from "./text-parts.ts";

const links = (text: string) =>
  textParts(text).flatMap((part) => (part.kind === "Link" ? [part.text] : []));

test("a link is found in its sentence, without the full stop", () => {
  expect(textParts("See https://example.org/a?b=c#d.")).toEqual([
    { kind: "Text", text: "See " },
    {
      kind: "Link",
      text: "https://example.org/a?b=c#d",
      href: "https://example.org/a?b=c#d",
    },
    { kind: "Text", text: "." },
  ]);
});

test("brackets that belong to the address stay in it, those of the sentence do not", () => {
  expect(links("(https://en.example/Bell_(instrument))")).toEqual([
    "https://en.example/Bell_(instrument)",
  ]);
  expect(links("(see http://a.example)")).toEqual(["http://a.example"]);
});

test("nothing but http and https is a link", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "sip:bob@house.example",
    "xhttps://a.example",
    "https://",
    "https:// a.example",
  ]) {
    expect(links(text)).toEqual([]);
  }
});

test("an address with a name before its host stays text: it would mislead", () => {
  expect(links("https://bank.example@evil.example/")).toEqual([]);
  expect(links("https://bank.example:pass@evil.example/")).toEqual([]);
});

test("a character that turns the text ends the link", () => {
  expect(links("https://a.example/\u202egpj.exe")).toEqual(["https://a.example/"]);
});

test("quotes and angle brackets end the link", () => {
  expect(links('<a href="https://a.example/x">y</a>')).toEqual(["https://a.example/x"]);
});

test("whatever is written, the parts together are what was written", () => {
  const piece = fc.oneof(
    fc.constantFrom("https://a.b/", "http://", "(", ")", ".", " ", "@", "\u202e", "\n"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      const parts = textParts(text);
      expect(parts.map((part) => part.text).join("")).toBe(text);
      for (const part of parts) {
        if (part.kind === "Link") expect(part.href).toMatch(/^https?:\/\/[^@]/);
      }
    }),
  );
});

test("no hostile text becomes anything but text and links to the web", () => {
  for (const { text } of HOSTILE_STRINGS) {
    const parts = textParts(text);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    for (const part of parts) {
      if (part.kind === "Link") expect(new URL(part.href).protocol).toMatch(/^https?:$/);
    }
  }
});

test("long runs of brackets cost no more than their length", () => {
  const startMs = performance.now();
  textParts(`https://a.example/${")".repeat(16_000)}`);
  textParts(`https://a.example/${"(".repeat(8000)}${")".repeat(8000)}`);
  textParts("https://a.example/) ".repeat(800));
  expect(performance.now() - startMs).toBeLessThan(500);
});
