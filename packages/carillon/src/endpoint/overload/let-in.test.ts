import fc from "fast-check";
import { expect, test } from "vitest";
import { requestText } from "../../testing/request-text.ts";
import { LetIn } from "./let-in.ts";
import { peek } from "./peek.ts";
import { ToldBefore } from "./told-before.ts";

const marks = new ToldBefore({ mark: 1, tag: 2 });
const call = (nth: number | string): string => requestText("INVITE", { branch: `z9hG4bK${nth}` });

/** As whoever is turned away is known by. */
function markOf(octets: string): number {
  const via = peek(octets)?.via;
  return via ? marks.markOf(octets, via.start, via.end).mark : 0;
}

test("what was let in may be there, for as long as it can be said again", () => {
  const letIn = new LetIn(marks);
  for (let nth = 0; nth < 1000; nth++) letIn.note(call(nth), nth);
  for (let nth = 0; nth < 1000; nth++) expect(letIn.mayHave(markOf(call(nth)), nth)).toBe(true);
  letIn.note(call("a"), 33_000);
  expect(letIn.mayHave(markOf(call(999)), 33_000)).toBe(true);
  letIn.note(call("b"), 66_000);
  expect(letIn.mayHave(markOf(call(999)), 66_000)).toBe(false);
});

test("of a thousand others hardly one may be", () => {
  const letIn = new LetIn(marks);
  for (let nth = 0; nth < 1000; nth++) letIn.note(call(nth), nth);
  const wrong = Array.from({ length: 1000 }, (_, nth) => markOf(call(`other${nth}`)));
  expect(wrong.filter((mark) => letIn.mayHave(mark, 1000)).length).toBeLessThan(10);
});

test.each([
  ["v", call(1).replace("Via:", "v:"), true],
  ["VIA", call(1).replace("Via:", "VIA:"), true],
  ["a space before the colon", call(1).replace("Via:", "Via :"), false],
  ["a folded line", call(1).replace(";branch", "\r\n ;branch"), false],
  ["another line in front", call(1).replace("Via:", "Max-Forwards: 7\r\nVia:"), false],
  ["an empty line in front", `\r\n${call(1)}`, false],
])("with %s it may be there as well", (_, octets, isNoted) => {
  const letIn = new LetIn(marks);
  letIn.note(octets, 0);
  expect(letIn.mayHave(markOf(octets), 1)).toBe(true);
  // Of what could not be noted every call may be one, until nobody repeats it any more.
  expect(letIn.mayHave(markOf(call(2)), 1)).toBe(!isNoted);
  expect(letIn.mayHave(markOf(call(2)), 64_000)).toBe(false);
});

test("cut anywhere, nothing is thrown", () => {
  const letIn = new LetIn(marks);
  const text = call(1);
  fc.assert(fc.property(fc.nat(text.length), (cut) => letIn.note(text.slice(0, cut), 0)));
});
