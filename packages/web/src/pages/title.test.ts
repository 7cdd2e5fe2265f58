import { expect, test } from "vitest";
import { type CallCard, emptyDesk } from "../phone/desk.ts";
import { titleOf } from "./title.ts";

const card: CallCard = {
  id: "1",
  direction: "incoming",
  peer: { name: "Bob", uri: "sip:bob@house.example" },
  video: false,
  state: { name: "Incoming", video: false },
};

test("a tab in the background tells who is calling", () => {
  expect(titleOf({ ...emptyDesk, ringing: [card] }, "Anna")).toBe("Bob is calling · Carillon");
});

test("it says how much is unread, except while somebody calls", () => {
  expect(titleOf(emptyDesk, "Anna", 3)).toBe("(3) Anna · Carillon");
  expect(titleOf({ ...emptyDesk, active: card }, "Anna", 120)).toBe("(99+) Bob · Carillon");
  expect(titleOf({ ...emptyDesk, ringing: [card] }, "Anna", 3)).toBe("Bob is calling · Carillon");
});

test("in a call it names the other side, otherwise oneself", () => {
  expect(titleOf({ ...emptyDesk, active: card }, "Anna")).toBe("Bob · Carillon");
  expect(titleOf(emptyDesk, "Anna")).toBe("Anna · Carillon");
});
