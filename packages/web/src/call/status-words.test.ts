import { expect, test } from "vitest";
import { type CallCard, emptyDesk } from "../phone/desk.ts";
import { announcement, statusWords } from "./status-words.ts";

const bob = { name: "Bob", uri: "sip:bob@house.example" };
const out: CallCard = {
  id: "1",
  direction: "outgoing",
  peer: bob,
  video: true,
  state: { name: "Ringing" },
};
const incoming: CallCard = {
  ...out,
  id: "2",
  direction: "incoming",
  peer: { name: "Carol", uri: "sip:carol@house.example" },
  state: { name: "Incoming", video: true },
};

test("a caller sees calling, then ringing", () => {
  expect(statusWords({ name: "Dialing" })).toBe("Calling…");
  expect(statusWords({ name: "Ringing" })).toBe("Ringing…");
});

test("an answered call is connected only once sound can flow", () => {
  const state = { name: "Established", sinceMs: 0 } as const;
  expect(statusWords(state, false)).toBe("Connecting sound…");
  expect(statusWords(state, true)).toBe("Connected");
});

test("an empty desk says nothing", () => {
  expect(announcement(emptyDesk)).toBe("");
});

test("an incoming call says who and how", () => {
  expect(announcement({ ...emptyDesk, ringing: [incoming] })).toBe("Carol is calling with video.");
});

test("a second call is told apart from the first", () => {
  const desk = { ...emptyDesk, active: out, ringing: [incoming] };
  expect(announcement(desk)).toBe("Carol is calling as well.");
});

test("the end of a call is told with its reason", () => {
  const end = { by: "remote", code: "SIP_DECLINED", message: "" } as const;
  expect(announcement({ ...emptyDesk, ended: { card: out, end } })).toBe("Bob declined.");
});
