import fc from "fast-check";
import { expect, test } from "vitest";
import { cpimOf, type Letter, type LetterKind } from "./letter.ts";
import { storedLetter } from "./stored-letter.ts";

const BOB = "sip:bob@example.com";
const letter = (what: LetterKind): Letter => ({
  ...{ id: "m1", nth: 3, to: BOB, conversation: BOB, at: 1234.5, what },
});
const file = { url: "https://x/f", name: "a.png", size: 3, type: "image/png" };

test.each<LetterKind>([
  { kind: "Message", contentType: "text/plain;charset=UTF-8", text: "Grüße", file, replyTo: "m0" },
  { kind: "Edit", of: "m0", text: "better" },
  { kind: "Retract", of: "m0" },
  { kind: "Read", upTo: 7 },
  { kind: "Displayed", of: [{ id: "m0", wroteAt: 5 }] },
])("a letter that was kept is the same again: %o", (what) => {
  const failed = { ...letter(what), failed: "Too long." };
  for (const one of [letter(what), failed]) expect(storedLetter(JSON.stringify(one))).toEqual(one);
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["no letter", "7"],
  ["a kind that nobody knows", JSON.stringify(letter({ kind: "Sing" } as unknown as LetterKind))],
  ["no address", JSON.stringify({ ...letter({ kind: "Retract", of: "m" }), to: "bob" })],
  ["no type", JSON.stringify(letter({ kind: "Message", contentType: "text", text: "x" }))],
  [
    "what an older version wrote",
    JSON.stringify({ ...letter({ kind: "Read", upTo: 1 }), at: "x" }),
  ],
])("what is %s is thrown away", (_, text) => {
  expect(storedLetter(text)).toBeUndefined();
});

test("whatever a store says is a letter that can be written, or none", () => {
  const kinds = fc.constantFrom("Message", "Edit", "Retract", "Read", "Displayed");
  const what = fc.record(
    {
      ...{ kind: kinds, contentType: fc.constantFrom("text/plain", "x", ""), text: fc.string() },
      ...{
        of: fc.oneof(
          fc.string(),
          fc.array(fc.record({ id: fc.string(), wroteAt: fc.double({ max: 3e14 }) })),
        ),
      },
      ...{ upTo: fc.oneof(fc.nat(), fc.double()), replyTo: fc.string() },
    },
    { requiredKeys: ["kind"] },
  );
  const any = fc.record(
    {
      ...{
        id: fc.constantFrom("m1", "a b", ""),
        nth: fc.oneof(fc.nat(), fc.double()),
        to: fc.constantFrom(BOB, "x"),
      },
      ...{
        conversation: fc.constant(BOB),
        at: fc.oneof(fc.nat(), fc.double()),
        what,
        failed: fc.string(),
      },
    },
    { requiredKeys: ["id", "what"] },
  );
  fc.assert(
    fc.property(fc.oneof(any, fc.anything()), (value) => {
      const read = storedLetter(JSON.stringify(value) ?? "");
      if (read) expect(cpimOf(read, BOB).length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});
