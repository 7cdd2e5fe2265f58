import { expect, test } from "vitest";
import { type CallCard, emptyDesk } from "../phone/desk.ts";
import { announcement, calmWords, recordingWords, statusWords } from "./status-words.ts";

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
  expect(statusWords({ name: "Dialing" }, false, true)).toBe("Coming back…");
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

test("who has put whom on hold is said, on the screen and aloud", () => {
  const on = (held: "ByUs" | "ByThem" | "ByBoth") =>
    ({ name: "Established", sinceMs: 0, held }) as const;
  expect(statusWords(on("ByUs"))).toBe("On hold");
  expect(statusWords(on("ByThem"))).toBe("You are on hold");
  expect(statusWords(on("ByBoth"))).toBe("Both on hold");
  const aloud = (held: "ByUs" | "ByThem") =>
    announcement({ ...emptyDesk, active: { ...out, state: on(held) } });
  expect(aloud("ByUs")).toBe("Bob is on hold.");
  expect(aloud("ByThem")).toBe("Bob has put you on hold.");
});

test("a line that is down is told calmly, and whether the two still hear each other", () => {
  const state = { name: "Reconnecting", sinceMs: 0, why: "x" } as const;
  expect(statusWords(state)).toBe("Reconnecting…");
  expect(calmWords(true)).toContain("You still hear each other");
  expect(calmWords(false)).toContain("goes on as soon as it is back");
});

test("RFC 7866 §6.3: who is recorded is told for as long as it is so", () => {
  //= RFC 7866 §6.3
  //# A recording-aware UA MUST provide a recording indication to the end user through an
  //# appropriate user interface, indicating whether recording is on, off, or paused for each
  //# medium.
  expect(recordingWords("on")).toBe("This call is being recorded.");
  expect(recordingWords("paused")).toBe("The recording of this call has paused.");
  expect([recordingWords("off"), recordingWords(undefined)]).toEqual([undefined, undefined]);
});
