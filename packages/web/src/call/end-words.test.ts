import type { CallEnd } from "carillon";
import { expect, test } from "vitest";
import type { CallCard, EndedCard } from "../phone/desk.ts";
import { endWords } from "./end-words.ts";

const codes: readonly CallEnd["code"][] = [
  "SIP_HUNG_UP",
  "SIP_CANCELLED",
  "SIP_DECLINED",
  "SIP_BUSY",
  "SIP_UNAVAILABLE",
  "SIP_NOT_FOUND",
  "SIP_ANSWERED_ELSEWHERE",
  "SIP_FORBIDDEN",
  "SIP_UNAUTHORIZED",
  "SIP_NOT_ACCEPTABLE",
  "SIP_TIMEOUT",
  "SIP_TRANSPORT",
  "SIP_MEDIA",
  "SIP_REJECTED",
  "SIP_CLOSED",
];

function over(
  direction: CallCard["direction"],
  code: CallEnd["code"],
  rest: Partial<CallEnd> & { durationMs?: number; gaveUp?: boolean } = {},
): EndedCard {
  const { durationMs, gaveUp, ...end } = rest;
  const peer = { name: "Bob", uri: "sip:bob@house.example" };
  const card = { id: "1", direction, peer, video: true, state: { name: "Ringing" } } as const;
  return {
    card: gaveUp ? { ...card, gaveUp } : card,
    end: { by: "remote", code, message: "", ...end },
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

const title = (ended: EndedCard): string => endWords(ended).title;

test("a caller reads why nobody is there", () => {
  expect(title(over("outgoing", "SIP_UNAVAILABLE"))).toBe("Bob is not online.");
  expect(title(over("outgoing", "SIP_DECLINED"))).toBe("Bob declined.");
  expect(title(over("outgoing", "SIP_BUSY"))).toBe("Bob is in another call.");
  expect(title(over("outgoing", "SIP_TIMEOUT"))).toBe("No answer.");
});

test("giving up after long ringing is no answer, not a cancelled call", () => {
  const cancelled = over("outgoing", "SIP_CANCELLED", { by: "local" });
  expect(title(cancelled)).toBe("You cancelled the call.");
  const gaveUp = over("outgoing", "SIP_CANCELLED", { by: "local", gaveUp: true });
  expect(title(gaveUp)).toBe("No answer.");
});

test("a callee reads what became of the ringing", () => {
  expect(title(over("incoming", "SIP_ANSWERED_ELSEWHERE"))).toBe("Answered on another device.");
  expect(title(over("incoming", "SIP_CANCELLED"))).toBe("Missed call from Bob.");
});

test("after talking one reads who hung up and how long it was", () => {
  const byBob = endWords(over("outgoing", "SIP_HUNG_UP", { durationMs: 83_000 }));
  expect(byBob).toMatchObject({ title: "Bob hung up.", detail: "You spoke for 1:23." });
  const byMe = over("incoming", "SIP_HUNG_UP", { by: "local", durationMs: 1000 });
  expect(title(byMe)).toBe("You hung up.");
  const lost = over("outgoing", "SIP_TRANSPORT", { by: "network", durationMs: 1000 });
  expect(title(lost)).toBe("The connection was lost.");
});

test("no title shows a code or a number, and every one ends a sentence", () => {
  for (const direction of ["outgoing", "incoming"] as const) {
    for (const by of ["local", "remote", "network"] as const) {
      for (const code of codes) {
        const words = endWords(over(direction, code, { by, status: 480 }));
        expect(words.title).toMatch(/^[^_0-9]+\.$/);
        expect(words.code).toContain(code);
      }
    }
  }
});

test("the protocol's own words are kept for whoever wants them", () => {
  const ended = over("outgoing", "SIP_UNAVAILABLE", { status: 480, message: "Not registered." });
  expect(endWords(ended).code).toBe("480 · SIP_UNAVAILABLE · Not registered.");
});

test("a call that was passed on, or whose other side was, did not simply end", () => {
  const passed = over("outgoing", "SIP_TRANSFERRED", { by: "local", durationMs: 5000 });
  expect(title(passed)).toBe("You passed Bob on.");
  for (const code of ["SIP_TRANSFERRED", "SIP_REPLACED"] as const) {
    expect(title(over("incoming", code, { durationMs: 5000 }))).toBe(
      "Bob speaks with somebody else now.",
    );
  }
});

test("who closed the page left, and who was gone before this page was back had hung up", () => {
  const left = over("outgoing", "SIP_HUNG_UP", { by: "local", durationMs: 5000 });
  expect(title({ ...left, card: { ...left.card, gone: true } })).toBe("Bob left.");
  const late = over("outgoing", "SIP_REJECTED", { status: 481, durationMs: 5000 });
  expect(title({ ...late, card: { ...late.card, resumes: true } })).toBe(
    "Bob has hung up meanwhile.",
  );
});

test("who cannot be talked to can be written to; first of all who is not there", () => {
  const write = (ended: EndedCard) => endWords(ended).write;
  expect(write(over("outgoing", "SIP_UNAVAILABLE"))).toEqual({
    ...{ label: "Leave a message", first: true },
  });
  for (const code of ["SIP_DECLINED", "SIP_BUSY", "SIP_TIMEOUT", "SIP_NOT_ACCEPTABLE"] as const) {
    expect(write(over("outgoing", code))?.first).toBe(false);
  }
  const gaveUp = over("outgoing", "SIP_CANCELLED", { by: "local", gaveUp: true });
  expect(write(gaveUp)?.label).toBe("Leave a message");
  expect(write(over("incoming", "SIP_CANCELLED"))?.label).toBe("Write a message");
  // One knows why, or the two have spoken, or nothing of this page's gets there.
  expect(write(over("outgoing", "SIP_CANCELLED", { by: "local" }))).toBeUndefined();
  expect(write(over("incoming", "SIP_DECLINED", { by: "local" }))).toBeUndefined();
  expect(write(over("outgoing", "SIP_HUNG_UP", { durationMs: 1000 }))).toBeUndefined();
  expect(write(over("outgoing", "SIP_TRANSPORT", { by: "network" }))).toBeUndefined();
});

test("a voice call that nothing can be done about is not told to try a voice call", () => {
  const voice = over("outgoing", "SIP_NOT_ACCEPTABLE");
  expect(endWords(voice).detail).toBe("A voice call may work.");
  const { detail } = endWords({ ...voice, card: { ...voice.card, video: false } });
  expect(detail).toContain("the house cannot translate");
});
