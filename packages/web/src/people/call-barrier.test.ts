import { expect, test } from "vitest";
import { type CallCard, emptyDesk } from "../phone/desk.ts";
import { callBarrier } from "./call-barrier.ts";

const call: CallCard = {
  id: "1",
  direction: "outgoing",
  peer: { name: "Bob", uri: "sip:bob@house.example" },
  video: false,
  state: { name: "Ringing" },
};

test("who is connected and in no call can call", () => {
  expect(callBarrier(emptyDesk, { name: "Registered" })).toBeUndefined();
});

test("who is in a call is told so, whatever the line does", () => {
  const desk = { ...emptyDesk, active: call };
  expect(callBarrier(desk, { name: "Registered" })).toBe("You are in a call");
  expect(callBarrier(desk, { name: "Connecting" })).toBe("You are in a call");
});

test("who has lost the house is told so", () => {
  expect(callBarrier(emptyDesk, { name: "Connecting" })).toBe("You are not connected");
});
