import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_LINE, orders, ordersHelp, readOrder } from "./orders.ts";

const order = (line: string) => {
  const read = readOrder(line);
  return read?.ok ? read.order : read?.words;
};

test("an order is read from its words, whatever their case", () => {
  expect(order("call bob")).toEqual({ kind: "Call", who: "bob" });
  expect(order("  DIAL   sip:bob@example.com ")).toEqual({
    kind: "Call",
    who: "sip:bob@example.com",
  });
  expect(order("answer")).toEqual({ kind: "Answer", call: undefined });
  expect(order("a 2")).toEqual({ kind: "Answer", call: 2 });
  expect(order("hangup all")).toEqual({ kind: "HangUp", call: "all" });
  expect(order("tones 12*#a,9")).toEqual({ kind: "Tones", tones: "12*#A,9" });
  expect(order('message bob "Dinner is" ready')).toEqual({
    ...{ kind: "Message", who: "bob", text: "Dinner is ready" },
  });
  expect(order("presence busy in a meeting")).toEqual({
    ...{ kind: "Presence", status: "busy", note: "in a meeting" },
  });
});

test("who is watched, and who may know how one is", () => {
  expect(order("watch bob")).toEqual({ kind: "Watch", who: "bob" });
  expect(order("w all")).toEqual({ kind: "WatchAll" });
  expect(order("unwatch all")).toEqual({ kind: "UnwatchAll" });
  expect(order("watchers")).toEqual({ kind: "Watchers" });
  expect(order("allow sip:gran@b.example")).toEqual({
    ...{ kind: "Decide", who: "sip:gran@b.example", may: true },
  });
  expect(order("deny gran")).toEqual({ kind: "Decide", who: "gran", may: false });
  expect(order("deny")).toBe("deny expects WHO; found nothing.");
});

test("a transfer names whom, or the other call, and which call if it is not plain", () => {
  expect(order("transfer carol")).toEqual({
    ...{ kind: "Transfer", call: undefined, to: { kind: "Person", who: "carol" } },
  });
  expect(order("t 2 carol")).toEqual({
    ...{ kind: "Transfer", call: 2, to: { kind: "Person", who: "carol" } },
  });
  expect(order("transfer to 2")).toEqual({
    ...{ kind: "Transfer", call: undefined, to: { kind: "Call", call: 2 } },
  });
  expect(order("transfer 1 to 2")).toEqual({
    ...{ kind: "Transfer", call: 1, to: { kind: "Call", call: 2 } },
  });
  expect(order("transfer 200")).toEqual({
    ...{ kind: "Transfer", call: undefined, to: { kind: "Person", who: "200" } },
  });
});

test.each([
  ["dance", "There is no “dance” here. All that there is: help"],
  ["call", "call expects WHO; found nothing."],
  ["call bob now", "call expects WHO; found “bob now”."],
  ["answer 0", "answer expects [CALL]; found “0”."],
  ["swap 1", "swap expects nothing more; found “1”."],
  ["tones 1x", "tones expects DIGITS; found “1x”."],
  ["transfer 1 for 2", "transfer expects [CALL] WHO|to CALL; found “1 for 2”."],
  ["presence bored", "presence expects online|busy|away|offline [NOTE]; found “bored”."],
])("“%s” is wrong, and in which words", (line, words) => {
  expect(order(line)).toBe(words);
});

test("an empty line is no order, and one that is too long is refused", () => {
  expect(readOrder("")).toBeUndefined();
  expect(readOrder(" \t ")).toBeUndefined();
  expect(order("x".repeat(MAX_LINE + 1))).toBe(`A line has no more than ${MAX_LINE} characters.`);
});

test("no line of any kind throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (line) => {
      readOrder(line);
      for (const { words } of orders) readOrder(`${words[0]} ${line}`);
    }),
  );
});

test("the help names every order, and no word stands for two of them", () => {
  const words = orders.flatMap((row) => row.words);
  expect(new Set(words).size).toBe(words.length);
  for (const row of orders) expect(ordersHelp()).toContain(`  ${row.words[0]}`);
});
