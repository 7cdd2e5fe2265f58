import { HOSTILE_STRINGS } from "carillon/testing";
import { expect, test } from "vitest";
import type { ChatHappening, ToldItem } from "./chat-happening.ts";
import { chatInWords } from "./chat-words.ts";

/** Steers a terminal, turns the direction of writing, or ends a line where nobody said so. */
const STEERS =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const MAX_LINE = 5000;
const MAX_LINES = 60;

const item: ToldItem = {
  ...{ conversation: "sip:team@house.example", title: "Team", isGroup: true, item: 3, id: "m" },
  ...{ from: "sip:bob@house.example", own: false, at: "2026-01-01T00:00:00.000Z", text: "x" },
  ...{ state: "Sent", displayedBy: [], edited: false, retracted: false },
};
const own: ToldItem = { ...item, own: true, from: "sip:anna@house.example" };
const shown = (more: Partial<ToldItem>): ChatHappening => ({ event: "item", ...item, ...more });

/** Everything that others say, in each field that they choose. */
const FIELDS: Readonly<Record<string, (text: string) => ChatHappening>> = {
  "a text": (text) => ({ event: "message", open: true, unread: 1, ...item, text }),
  "a text elsewhere": (text) => ({ event: "message", open: false, unread: 1, ...item, text }),
  "an edited text": (text) => ({ event: "changed", what: "edited", open: true, ...item, text }),
  "who wrote": (from) => shown({ from }),
  "a group's title": (title) => shown({ title }),
  "a group's address": (conversation) => shown({ conversation }),
  "the name of a file": (name) => shown({ text: "", file: { name, size: 3, url: "https://x" } }),
  "the address of a file": (url) => shown({ text: "", file: { name: "a", size: 3, url } }),
  "why one's own was refused": (why) => ({
    ...{ event: "changed", what: "state", open: true },
    ...{ ...own, state: "Failed", why },
  }),
  "who has read it": (who) => ({
    ...{ event: "changed", what: "state", open: true },
    ...{ ...own, state: "Displayed", displayedBy: [who] },
  }),
  "the beginning of the last message": (text) => ({
    ...{ event: "conversation", conversation: item.conversation, title: "Team", text },
    ...{ group: true, members: [], unread: 2 },
  }),
  "who is writing": (who) => ({
    ...{ event: "composing", conversation: item.conversation, title: "Team", who: [who] },
  }),
  "a member": (who) => ({
    ...{ event: "members", conversation: item.conversation, title: "Team", members: [who] },
  }),
  "the title of what is opened": (title) => ({
    ...{ event: "opened", conversation: item.conversation, title },
  }),
  "a trouble": (message) => ({ event: "trouble", code: "REFUSED", message }),
  "why one is not signed in": (why) => ({ event: "state", state: "SignedOut", why }),
};
/** What may have several lines; of a list only the first of them is shown. */
const TEXTS = new Set(["a text", "a text elsewhere", "an edited text"]);

test.each(Object.keys(FIELDS))("no hostile text in %s steers a terminal, or is long", (field) => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const words = chatInWords(FIELDS[field]?.(text) as ChatHappening, "house.example") ?? "";
    expect(STEERS.exec(words)?.[0], name).toBeUndefined();
    const lines = words.split("\n");
    expect(lines.length, name).toBeLessThan(MAX_LINES);
    for (const line of lines) expect(line.length, name).toBeLessThan(MAX_LINE);
  }
});

test.each(Object.keys(FIELDS))("no hostile text in %s makes a line of its own", (field) => {
  for (const { name, text } of HOSTILE_STRINGS) {
    const words = chatInWords(FIELDS[field]?.(text) as ChatHappening, "house.example") ?? "";
    const [, ...more] = words.split("\n");
    for (const line of more) expect(line, name).toMatch(/^ {4}/);
    if (!TEXTS.has(field)) expect(more, name).toEqual([]);
  }
});

test("every one of them says something, or nothing at all where nobody is asked to look", () => {
  for (const [field, make] of Object.entries(FIELDS)) {
    expect(chatInWords(make("Bob"), "house.example"), field).toMatch(/\S/);
  }
});
