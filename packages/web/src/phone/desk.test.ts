import type { CallEnd, CallState } from "carillon";
import { expect, test } from "vitest";
import { type CallCard, type Desk, type DeskEvent, emptyDesk, step } from "./desk.ts";

const bob = { name: "Bob", uri: "sip:bob@house.example" };
const carol = { name: "Carol", uri: "sip:carol@house.example" };
const placed = (id: string): CallCard => ({
  id,
  direction: "outgoing",
  peer: bob,
  video: true,
  state: { name: "Dialing" },
});
const rang = (id: string, peer = carol): CallCard => ({
  id,
  direction: "incoming",
  peer,
  video: true,
  state: { name: "Incoming", video: true },
});
const end = (by: CallEnd["by"], code: CallEnd["code"]): CallEnd => ({ by, code, message: "" });
const changed = (id: string, state: CallState, nowMs = 0): DeskEvent => ({
  kind: "Changed",
  id,
  state,
  nowMs,
});
const after = (...events: DeskEvent[]): Desk => events.reduce(step, emptyDesk);

const established = after(
  { kind: "Placed", card: placed("1") },
  changed("1", { name: "Ringing" }),
  changed("1", { name: "Established", sinceMs: 1 }, 1000),
);

test("a placed call is the active one and follows its states", () => {
  expect(established.active).toMatchObject({ id: "1", establishedMs: 1000 });
  expect(established.active?.state.name).toBe("Established");
});

test("an ended call leaves its end and how long it was", () => {
  const desk = step(
    established,
    changed("1", { name: "Ended", end: end("remote", "SIP_HUNG_UP") }, 61_000),
  );
  expect(desk.active).toBeUndefined();
  expect(desk.ended).toMatchObject({ durationMs: 60_000, end: { by: "remote" } });
});

test("an incoming call rings and becomes the active one when it is answered", () => {
  const desk = after(
    { kind: "Rang", card: rang("2") },
    { kind: "Answered", id: "2", video: false },
    changed("2", { name: "Answering" }),
  );
  expect(desk.ringing).toEqual([]);
  expect(desk.active).toMatchObject({ id: "2", video: false, state: { name: "Answering" } });
});

test("a call answered on another device stops ringing and says so", () => {
  const desk = after(
    { kind: "Rang", card: rang("2") },
    changed("2", { name: "Ended", end: end("remote", "SIP_ANSWERED_ELSEWHERE") }),
  );
  expect(desk.ringing).toEqual([]);
  expect(desk.ended?.end.code).toBe("SIP_ANSWERED_ELSEWHERE");
});

test("a call one declined oneself leaves nothing behind", () => {
  const desk = after(
    { kind: "Rang", card: rang("2") },
    changed("2", { name: "Ended", end: end("local", "SIP_DECLINED") }),
  );
  expect(desk).toEqual(emptyDesk);
});

test("a new ring puts the end of the last call away", () => {
  const hungUp = { name: "Ended", end: end("remote", "SIP_HUNG_UP") } as const;
  const desk = step(step(established, changed("1", hungUp)), { kind: "Rang", card: rang("2") });
  const declined = { name: "Ended", end: end("local", "SIP_DECLINED") } as const;
  expect(step(desk, changed("2", declined))).toEqual(emptyDesk);
});

test("a second call rings beside the first, and missing it is only a notice", () => {
  const two = step(established, { kind: "Rang", card: rang("2") });
  expect(two.active?.id).toBe("1");
  expect(two.ringing.map((card) => card.id)).toEqual(["2"]);
  const desk = step(two, changed("2", { name: "Ended", end: end("remote", "SIP_CANCELLED") }));
  expect(desk.active?.id).toBe("1");
  expect(desk.ended).toBeUndefined();
  expect(desk.notice).toBe("Carol called.");
});

test("hanging up to answer shows the new call at once, and never the end of the old one", () => {
  const two = step(established, { kind: "Rang", card: rang("2") });
  const answered = step(two, { kind: "Answered", id: "2", video: true });
  expect(answered.active?.id).toBe("2");
  const gone = { name: "Ended", end: end("local", "SIP_HUNG_UP") } as const;
  const desk = step(answered, changed("1", gone, 2000));
  expect(desk.active?.id).toBe("2");
  expect(desk.ended).toBeUndefined();
});

test("answering what rings no more changes nothing", () => {
  expect(step(established, { kind: "Answered", id: "9", video: true })).toEqual(established);
});

test("what is said about a call nobody knows changes nothing", () => {
  expect(step(established, changed("9", { name: "Ringing" }))).toEqual(established);
  const gone = { name: "Ended", end: end("remote", "SIP_HUNG_UP") } as const;
  expect(step(established, changed("9", gone))).toEqual(established);
});

test("a problem with answering goes away with the call it was about", () => {
  const problem = { peer: carol, video: true, callId: "2", what: "No microphone.", doThis: "Plug" };
  const desk = after(
    { kind: "Rang", card: rang("2") },
    { kind: "Blocked", problem },
    changed("2", { name: "Ended", end: end("remote", "SIP_CANCELLED") }),
  );
  expect(desk.problem).toBeUndefined();
});

test("a new call clears the end of the last one and unfolds", () => {
  const over = step(
    established,
    changed("1", { name: "Ended", end: end("remote", "SIP_HUNG_UP") }),
  );
  const desk = step({ ...over, folded: true }, { kind: "Placed", card: placed("3") });
  expect(desk.ended).toBeUndefined();
  expect(desk.folded).toBe(false);
});

// ---- several calls ------------------------------------------------------------------------------

const two = step(step(established, { kind: "Rang", card: rang("2") }), {
  kind: "Answered",
  id: "2",
  video: false,
  keeps: true,
});

test("a call that is answered beside another keeps that one, and they can be swapped", () => {
  expect([two.active?.id, two.aside.map(({ id }) => id)]).toEqual(["2", ["1"]]);
  const swapped = step(two, { kind: "Swapped", id: "1" });
  expect([swapped.active?.id, swapped.aside.map(({ id }) => id)]).toEqual(["1", ["2"]]);
  expect(swapped.active?.establishedMs, "its clock goes on").toBe(1000);
  expect(step(two, { kind: "Swapped", id: "9" })).toBe(two);
});

test("when the one in front ends, the other comes back, and a line says so", () => {
  const hungUp = { name: "Ended", end: end("remote", "SIP_HUNG_UP") } as const;
  const desk = step(step(two, { kind: "Joined", joined: true }), changed("2", hungUp));
  expect(desk).toMatchObject({ active: { id: "1" }, aside: [], joined: false });
  expect([desk.notice, desk.ended]).toEqual(["Carol hung up.", undefined]);
});

test("one that ends beside changes nothing else", () => {
  const lost = { name: "Ended", end: end("network", "SIP_TRANSPORT") } as const;
  const desk = step(two, changed("1", lost));
  expect(desk).toMatchObject({ active: { id: "2" }, aside: [] });
  expect(desk.notice).toBe("The call with Bob is over.");
  const own = { name: "Ended", end: end("local", "SIP_HUNG_UP") } as const;
  expect(step(two, changed("1", own)).notice).toBeUndefined();
});

test("what happens to a call beside is seen on its card", () => {
  const held = { name: "Established", sinceMs: 1, held: "ByUs" } as const;
  const [card] = step(two, changed("1", held)).aside;
  expect(card?.state).toEqual(held);
});

test("only several calls can be joined, and a new one is not joined with those", () => {
  expect(step(established, { kind: "Joined", joined: true }).joined).toBe(false);
  const joined = step(two, { kind: "Joined", joined: true });
  expect(joined.joined).toBe(true);
  const third = step(joined, { kind: "Placed", card: placed("3"), keeps: true });
  expect([third.joined, third.aside.map(({ id }) => id)]).toEqual([false, ["2", "1"]]);
});

test("a call that takes another's place stands where that one stood", () => {
  const desk = step(two, { kind: "Replaced", id: "1", card: rang("7") });
  expect(desk.aside.map(({ id }) => id)).toEqual(["7"]);
  expect(desk.aside[0]?.establishedMs).toBe(1000);
  const gone = { name: "Ended", end: end("remote", "SIP_HUNG_UP") } as const;
  expect(step(desk, changed("1", gone)), "what is said of the old one is nothing").toEqual(desk);
});

test("what the house says of a call is on its card, and a missing picture is said once", () => {
  const there = { why: "w", here: "opus DTLS-SRTP", there: "PCMA RTP" };
  const voice = step(established, { kind: "Bridged", id: "1", bridge: there });
  expect([voice.active?.bridge, voice.notice]).toEqual([there, undefined]);
  const bridge = { ...there, video: "dropped" } as const;
  const dropped = step(voice, { kind: "Bridged", id: "1", bridge });
  expect(dropped.notice).toBe("The other phone has no picture. You hear each other.");
  const read = step(dropped, { kind: "Dismissed" });
  const again = step(read, { kind: "Bridged", id: "1", bridge: { ...bridge, here: "x RTP" } });
  expect([again.active?.bridge?.here, again.notice]).toEqual(["x RTP", undefined]);
  const other = step(established, { kind: "Bridged", id: "9", bridge });
  expect([other.active?.bridge, other.notice]).toEqual([undefined, undefined]);
});

test("nobody misses a picture in a call that was to be a voice call", () => {
  const asVoice = after({ kind: "Placed", card: { ...placed("1"), video: false } });
  const bridge = { why: "w", video: "dropped" } as const;
  expect(step(asVoice, { kind: "Bridged", id: "1", bridge }).notice).toBeUndefined();
});

test("who records is on the card until that is over", () => {
  const on = step(established, { kind: "Recording", id: "1", recording: "on" });
  expect(on.active?.recording).toBe("on");
  const off = step(on, { kind: "Recording", id: "1", recording: "off" });
  expect(off.active?.recording).toBe("off");
});
