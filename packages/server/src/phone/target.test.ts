import { expect, test } from "vitest";
import { targetOf } from "./target.ts";

const neighbours = new Map([["bob", "sip:bob@192.0.2.7:5062"]]);

test.each([
  ["bob", "sip:bob@192.0.2.7:5062"],
  ["Bob", "sip:bob@192.0.2.7:5062"],
  ["carol", "sip:carol@example.com"],
  ["100 ", "sip:100%20@example.com"],
  ["bob@example.org", "sip:bob@example.org"],
  ["sips:bob@example.org", "sips:bob@example.org"],
  ["192.0.2.9", "sip:192.0.2.9"],
  ["192.0.2.9:5070", "sip:192.0.2.9:5070"],
  ["[2001:db8::1]:5070", "sip:[2001:db8::1]:5070"],
])("%s is %s", (who, uri) => {
  expect(targetOf(who, "example.com", neighbours)).toEqual({ ok: true, uri });
});

test("without a server a name is that of a neighbour, and nobody else's", () => {
  expect(targetOf("bob", undefined, neighbours)).toMatchObject({ ok: true });
  expect(targetOf("carol", undefined, neighbours)).toEqual({
    ok: false,
    words: "Nobody called “carol” is on this network. An address has an @: carol@example.com",
  });
});

test.each(["sip:", "bob@", "sip:bob@example.com?Subject=x", "bob@exa mple"])(
  "%s is no address",
  (who) => {
    expect(targetOf(who, "example.com")).toMatchObject({
      words: expect.stringContaining("is no address"),
    });
  },
);
