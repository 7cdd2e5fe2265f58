import { expect, test } from "vitest";
import { askersOf } from "./watch-askers.ts";

test("who asks from two phones is one person, and who may see one does not ask", () => {
  const watchers = [
    { uri: "sip:eve@other.example", status: "pending" },
    { uri: "sip:eve@OTHER.example", status: "waiting" },
    { uri: "sip:bob@house.example", status: "active" },
    { uri: "sip:mallory@other.example", status: "terminated" },
  ] as const;
  expect(askersOf(watchers)).toBe(1);
});
