import { expect, it } from "vitest";
import { isTaken } from "./taken.ts";

it.each([
  [["text/plain"], "text/plain", true],
  [["text/plain"], "TEXT/Plain;charset=utf-8", true],
  [["text/plain;charset=utf-8"], "text/plain", true],
  [["text/*"], "text/html", true],
  [["text/*"], "textual/html", false],
  [["*"], "image/png", true],
  [["message/cpim", "text/plain"], "image/png", false],
  [[], "text/plain", false],
])("§8.6 %j takes %s: %s", (accept, type, expected) => {
  //= RFC 4975 §8.6
  //# For the purposes of media-type negotiation, a format-entry with one or more parameters is
  //# assumed to match the same format-entry with no parameters.
  expect(isTaken(accept, type)).toBe(expected);
});
