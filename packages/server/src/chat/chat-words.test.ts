import { expect, test } from "vitest";
import type { ChatHappening, ToldItem } from "./chat-happening.ts";
import { chatInWords } from "./chat-words.ts";

const bob: ToldItem = {
  ...{ conversation: "sip:bob@house", title: "bob@house", isGroup: false, item: 3, id: "m" },
  ...{ from: "sip:bob@house", own: false, at: "2026-01-01T00:00:00.000Z", text: "Lunch?" },
  ...{ state: "Sent", displayedBy: [], edited: false, retracted: false },
};
const own: ToldItem = { ...bob, own: true, from: "sip:anna@house", item: 4, text: "Yes" };
const team = { conversation: "sip:team@house", title: "Our team", isGroup: true } as const;
const words = (what: ChatHappening) => chatInWords(what, "house");
const said = (item: ToldItem, open = true) => words({ event: "message", open, unread: 1, ...item });
const ticks = (more: Partial<ToldItem>) =>
  words({ event: "changed", what: "state", open: true, ...own, ...more });

test("a message has a number, and who wrote it; of a group its title, too", () => {
  expect(said(bob)).toBe("[3] bob: Lunch?");
  expect(said({ ...bob, ...team, replyTo: 2 }, false)).toBe(
    "Our team (team) [3] bob (to 2): Lunch?",
  );
  expect(said({ ...bob, from: "sip:eve@elsewhere.example" })).toBe(
    "[3] eve@elsewhere.example: Lunch?",
  );
  expect(said({ ...bob, text: "one\ntwo" })).toBe("[3] bob: one\n    two");
});

test("one's own is not said again, unless another device has sent it", () => {
  expect(said({ ...own, state: "Waiting" })).toBeUndefined();
  expect(said(own)).toBe("[4] you: Yes ✓");
  expect(said(own, false)).toBe("bob [4] you: Yes ✓");
});

test("ticks say how far it has come", () => {
  expect(ticks({ state: "Sent" })).toBe("[4] ✓");
  expect(ticks({ state: "Delivered" })).toBe("[4] ✓✓");
  expect(ticks({ state: "Displayed" })).toBe("[4] ✓✓ read");
  expect(ticks({ state: "Failed", why: "Too long." })).toBe("[4] ✗ Too long. Once more: /again");
  const readers = { ...team, displayedBy: ["sip:bob@house", "sip:carol@house"] };
  expect(ticks({ state: "Sent", ...readers })).toBe("[4] ✓ read by bob, carol");
  expect(ticks({ state: "Displayed", ...readers })).toBe("[4] ✓✓ read by bob, carol");
});

test("a change is told with what it is now", () => {
  const change = (what: "edited" | "retracted", more: Partial<ToldItem>) =>
    words({ event: "changed", what, open: true, ...bob, ...more });
  expect(change("edited", { text: "Dinner?" })).toBe("[3] bob: Dinner? (edited)");
  expect(change("retracted", { retracted: true })).toBe("[3] was taken back.");
});

test("a file is a link", () => {
  const file = { name: "cat.jpg", size: 2_340_000, url: "https://house/f/1/cat.jpg" };
  expect(said({ ...bob, text: "Look!", file })).toBe(
    "[3] bob: Look! cat.jpg (2.3 MB): https://house/f/1/cat.jpg",
  );
  expect(said({ ...bob, text: `cat.jpg: ${file.url}`, file })).toBe(
    "[3] bob: cat.jpg: https://house/f/1/cat.jpg",
  );
});

test("conversations, who is writing and who is in a group", () => {
  const where = { conversation: "sip:team@house", title: "Our team" };
  expect(
    words({
      ...{ event: "conversation", ...where, group: true, members: [], unread: 2 },
      text: "first line\nsecond",
    }),
  ).toBe("Our team (team) (2 unread): first line");
  expect(words({ event: "composing", ...where, who: ["sip:bob@house"] })).toBe("bob is writing…");
  expect(words({ event: "composing", ...where, who: [] })).toBeUndefined();
  expect(words({ event: "members", ...where, members: ["sip:bob@house", "sip:anna@house"] })).toBe(
    "Our team: bob, anna.",
  );
  expect(words({ event: "opened", ...where })).toBe("— Our team (team) —");
  expect(words({ event: "state", state: "Offline" })).toContain("not to be reached");
});
