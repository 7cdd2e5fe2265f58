import type { CallEnd, CallState } from "carillon";
import { expect, test } from "vitest";
import { type CallCard, type Desk, emptyDesk } from "../phone/desk.ts";
import { cuesOf } from "./desk-cues.ts";

const card = (direction: CallCard["direction"], state: CallState): CallCard => ({
  id: direction,
  direction,
  peer: { name: "Bob", uri: "sip:bob@house.example" },
  video: true,
  state,
});
const incoming = card("incoming", { name: "Incoming", video: true });
const active = (state: CallState): Desk => ({ ...emptyDesk, active: card("outgoing", state) });
const declined: CallEnd = { by: "remote", code: "SIP_DECLINED", message: "" };

test("an incoming call rings, and only knocks while one is speaking", () => {
  expect(cuesOf(emptyDesk, { ...emptyDesk, ringing: [incoming] }).loop).toBe("ring");
  const speaking = active({ name: "Established", sinceMs: 0 });
  expect(cuesOf(speaking, { ...speaking, ringing: [incoming] }).loop).toBe("knock");
});

test("a caller hears ring-back only once it rings over there", () => {
  expect(cuesOf(emptyDesk, active({ name: "Dialing" })).loop).toBeUndefined();
  expect(cuesOf(emptyDesk, active({ name: "Ringing" })).loop).toBe("ringBack");
});

test("being connected is struck once and silences the ring-back", () => {
  const cues = cuesOf(active({ name: "Ringing" }), active({ name: "Established", sinceMs: 0 }));
  expect(cues).toEqual({ loop: undefined, once: "connected" });
});

test("a refusal sounds damped, the end of a talk falls, an own cancel is silent", () => {
  const before = active({ name: "Ringing" });
  const over = (end: CallEnd, durationMs?: number): Desk => ({
    ...emptyDesk,
    ended: {
      card: card("outgoing", { name: "Ringing" }),
      end,
      ...(durationMs === undefined ? {} : { durationMs }),
    },
  });
  expect(cuesOf(before, over(declined)).once).toBe("refused");
  expect(cuesOf(before, over(declined, 5000)).once).toBe("ended");
  const cancelled: CallEnd = { by: "local", code: "SIP_CANCELLED", message: "" };
  expect(cuesOf(before, over(cancelled)).once).toBeUndefined();
});

test("an end that is only still shown is not struck again", () => {
  const over: Desk = {
    ...emptyDesk,
    ended: { card: card("outgoing", { name: "Ringing" }), end: declined },
  };
  expect(cuesOf(over, { ...over, mediaRevision: 1 }).once).toBeUndefined();
});
