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
