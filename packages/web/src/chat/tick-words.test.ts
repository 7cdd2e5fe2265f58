import { expect, test } from "vitest";
import { listed, tickWords } from "./tick-words.ts";

const two = { isGroup: false, members: [] };
const five = { isGroup: true, members: ["me", "a", "b", "c", "d"] };
const none = { displayedBy: [] };
const nameOf = (uri: string) => uri.toUpperCase();

test("each state of a message has its words", () => {
  const words = (["Waiting", "Sent", "Delivered", "Displayed"] as const).map(
    (state) => tickWords({ ...none, state }, two, nameOf).words,
  );
  expect(words).toEqual(["Waiting to be sent", "Sent", "Delivered", "Seen"]);
});

test("one that failed says why", () => {
  const failed = tickWords({ ...none, state: "Failed", why: "It is too long." }, two, nameOf);
  expect(failed).toEqual({ mark: "Failed", words: "Not sent: It is too long." });
  expect(tickWords({ ...none, state: "Failed" }, two, nameOf).words).toBe("Not sent");
});

test("in a group it says who has seen it", () => {
  const by = (...displayedBy: string[]) =>
    tickWords({ state: "Displayed", displayedBy }, five, nameOf).words;
  expect(by("a")).toBe("Seen by A");
  expect(by("a", "b", "c")).toBe("Seen by A, B and C");
  expect(by("a", "b", "c", "d")).toBe("Seen by everyone");
});

test("it says so as soon as the first of a group have", () => {
  const item = { state: "Sent", displayedBy: ["a", "b"] } as const;
  expect(tickWords(item, five, nameOf)).toEqual({ mark: "Sent", words: "Sent, seen by A and B" });
  expect(tickWords(item, two, nameOf).words).toBe("Sent");
});

test("many names are cut to what fits", () => {
  const members = Array.from({ length: 200 }, (_, nth) => `m${nth}`);
  const item = { state: "Displayed", displayedBy: members.slice(0, 20) } as const;
  expect(tickWords(item, { isGroup: true, members }, nameOf).words).toBe(
    "Seen by M0, M1, M2, M3, M4 and 15 more",
  );
});

test("words are listed with commas and an and", () => {
  expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
