import type { Item } from "carillon/chat";
import { expect, test } from "vitest";
import { itemLine, lastLine } from "./last-line.ts";

const item: Item = {
  id: "1",
  from: "sip:bob@house.example",
  isOwn: false,
  at: new Date(0),
  contentType: "text/plain",
  text: "Lunch?\nAt one",
  seq: undefined,
  state: "Sent",
  displayedBy: [],
  isEdited: false,
  isRetracted: false,
};
const file = { url: "https://h.example/f/1/a", size: 1 };
const nameOf = () => "Bob";

test("the line says who said it, where that is not clear", () => {
  const line = (one: Item, isGroup: boolean) => lastLine({ items: [one], isGroup }, nameOf);
  expect(line(item, false)).toBe("Lunch? At one");
  expect(line(item, true)).toBe("Bob: Lunch? At one");
  expect(line({ ...item, isOwn: true }, true)).toBe("You: Lunch? At one");
  expect(lastLine({ items: [], isGroup: false }, nameOf)).toBe("No messages yet");
});

test("a file is told by what it is", () => {
  const of = (name: string, type: string) => itemLine({ ...item, file: { ...file, name, type } });
  expect(of("a.png", "image/png")).toBe("Picture");
  expect(of("voice-note.webm", "audio/webm")).toBe("Voice note");
  expect(of("plan\u202efdp.exe", "application/pdf")).toBe("planfdp.exe");
});

test("what was deleted is not told", () => {
  expect(itemLine({ ...item, isRetracted: true })).toBe("Message deleted");
});
