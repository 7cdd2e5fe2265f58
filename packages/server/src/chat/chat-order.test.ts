import { expect, test } from "vitest";
import { readChatLine } from "./chat-line.ts";
import { chatOrders, chatOrdersHelp, readChatOrder, readTyped } from "./chat-order.ts";

const order = (line: string) => {
  const read = readChatOrder(line);
  return read.ok ? read.order : read.words;
};

test("what is typed is text for what is open, unless it begins with a slash", () => {
  expect(readTyped("  Lunch at 12?  ")).toEqual({
    ok: true,
    order: { kind: "Say", text: "Lunch at 12?" },
  });
  expect(readTyped("//etc")).toEqual({ ok: true, order: { kind: "Say", text: "/etc" } });
  expect(readTyped("/open bob")).toEqual({ ok: true, order: { kind: "Open", who: "bob" } });
  expect(readTyped("   ")).toBeUndefined();
});

test.each([
  ["list", { kind: "List" }],
  ["open bob@example.com", { kind: "Open", who: "bob@example.com" }],
  ["say  two  words", { kind: "Say", text: "two  words" }],
  ["message bob hi there", { kind: "Message", who: "bob", text: "hi there" }],
  ["reply 3 yes", { kind: "Reply", item: 3, text: "yes" }],
  ["edit 3 better", { kind: "Edit", item: 3, text: "better" }],
  ["edit better", { kind: "Edit", item: undefined, text: "better" }],
  ["edit 12", { kind: "Edit", item: undefined, text: "12" }],
  ["retract", { kind: "Retract", item: undefined }],
  ["retract 4", { kind: "Retract", item: 4 }],
  ["again", { kind: "Again", item: undefined }],
  ["read", { kind: "Read", who: undefined }],
  ["read bob", { kind: "Read", who: "bob" }],
  ["earlier", { kind: "Earlier", count: 20 }],
  ["earlier 5", { kind: "Earlier", count: 5 }],
  ["find lunch on monday", { kind: "Find", text: "lunch on monday" }],
  [
    "group team bob,carol Our team",
    { kind: "Group", name: "team", members: ["bob", "carol"], title: "Our team" },
  ],
  [
    "group team bob,carol",
    { kind: "Group", name: "team", members: ["bob", "carol"], title: "team" },
  ],
  ["members bob,dave", { kind: "Members", members: ["bob", "dave"] }],
  ["title The others", { kind: "Title", title: "The others" }],
  ["leave", { kind: "Leave" }],
  ["HELP", { kind: "Help" }],
  ["q", { kind: "Quit" }],
])("%s", (line, expected) => {
  expect(order(line)).toEqual(expected);
});

test.each([
  ["sing", "There is no “sing” here. All that there is: help"],
  ["open", "open expects WHO; found nothing."],
  ["open a b", "open expects WHO; found “a b”."],
  ["message bob", "message expects WHO TEXT; found “bob”."],
  ["reply hello", "reply expects N TEXT; found “hello”."],
  ["retract all", "retract expects [N]; found “all”."],
  ["earlier 501", "earlier expects [COUNT]; found “501”."],
  ["group team", "group expects NAME WHO,WHO,… [TITLE]; found “team”."],
  ["leave now", "leave expects nothing more; found “now”."],
  [`say ${"x".repeat(5000)}`, "A line has no more than 4096 characters."],
])("%s is refused in words", (line, words) => {
  expect(order(line)).toBe(words);
});

test("the help has all of them", () => {
  const help = chatOrdersHelp();
  for (const { words } of chatOrders) expect(help).toContain(`/${words[0]}`);
});

test("a script gives words, or JSON with a number of its own", () => {
  const open = { ok: true, order: { kind: "Open", who: "bob" } };
  expect(readChatLine("open bob")).toEqual({ id: undefined, read: open });
  expect(readChatLine('{"id": 7, "do": "open bob"}')).toEqual({ id: 7, read: open });
  expect(readChatLine(" ")).toBeUndefined();
  expect(readChatLine('{"do": 7}')).toMatchObject({ read: { ok: false } });
  expect(readChatLine("{")).toMatchObject({ read: { ok: false } });
  expect(readChatLine(`{"do": "say ${"x".repeat(9000)}"}`)).toMatchObject({ read: { ok: false } });
});
