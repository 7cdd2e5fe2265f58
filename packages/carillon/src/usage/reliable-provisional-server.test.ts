import { expect, test } from "vitest";
import { lifeOf, printStep } from "./picture.ts";
import * as server from "./reliable-provisional-server.ts";

const { start, step } = server;
type Input = server.Input;
type Params = server.Params;
type State = server.State;

const p: Params = { cseq: 7, inviteOffered: true, firstRSeq: 100, t1: 500 };

const provisional = (id: number, status: number, description?: "Offer" | "Answer"): Input => ({
  kind: "Provisional",
  response: { id, status, description },
});
const prack = (rseq: number, description = false, cseq = 7, method = "INVITE"): Input => ({
  kind: "Prack",
  rack: { rseq, cseq: { number: cseq, method } },
  description,
});
const final = (status: number): Input => ({ kind: "Final", status });

/** The kinds and numbers of what each input leads to, as one line each. */
function told(params: Params, ...inputs: readonly Input[]): readonly string[] {
  let [s]: readonly [State, ...unknown[]] = start(params, 0);
  return inputs.map((input) => {
    const [next, ...outputs] = step(params, s, input, 0);
    s = next;
    return printStep([{ name: next.name }, ...outputs]);
  });
}

//= RFC 3262 §3
//# The reliable provisional response is passed to the transaction layer periodically with an
//# interval that starts at T1 seconds and doubles for each retransmission
//= RFC 3262 §3
//# This differs from retransmissions of 2xx responses, whose intervals cap at T2 seconds.
//= RFC 3262 §3
//# If a reliable provisional response is retransmitted for 64*T1 seconds without reception of a
//# corresponding PRACK, the UAS SHOULD reject the original request with a 5xx response.
test("RFC 3262 §3: unacknowledged it goes out seven times, and then the INVITE is rejected", () => {
  const lines = lifeOf(server, p, [[0, provisional(1, 180)]]).map((line) => line.split(" = "));
  expect(lines.map(([what, became]) => `${what}: ${became?.split(" | ").slice(1)}`)).toEqual([
    "0 start: ",
    "0 Provisional {id 1, status 180}: Send (id 1, rseq 100)",
    "500 Tick: Send (id 1, rseq 100)",
    "1500 Tick: Send (id 1, rseq 100)",
    "3500 Tick: Send (id 1, rseq 100)",
    "7500 Tick: Send (id 1, rseq 100)",
    "15500 Tick: Send (id 1, rseq 100)",
    "31500 Tick: Send (id 1, rseq 100)",
    "32000 Tick: GiveUp 504 (id 1)",
    "64000 Tick: ",
  ]);
});

//= RFC 3262 §3
//# The UAS MUST NOT send a second reliable provisional response until the first is acknowledged.
//# After the first, it is RECOMMENDED that the UAS not send an additional reliable provisional
//# response until the previous is acknowledged.
//= RFC 3262 §3
//# The value of the RSeq in each subsequent reliable provisional response for the same request MUST
//# be greater by exactly one. RSeq numbers MUST NOT wrap around.
//= RFC 3262 §3
//# If the PRACK does match an unacknowledged reliable provisional response, it MUST be responded to
//# with a 2xx response.
//= RFC 3262 §3
//# It SHOULD cease retransmissions of the reliable provisional response, and MUST remove it from
//# the list of unacknowledged provisional responses.
test("RFC 3262 §3: the second waits for the first to be acknowledged, and is one higher", () => {
  expect(told(p, provisional(1, 180), provisional(2, 183), prack(100), prack(101))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Unacknowledged",
    "Unacknowledged | Acknowledged (id 1, body None) | Send (id 2, rseq 101)",
    "Idle | Acknowledged (id 2, body None)",
  ]);
});

test("of those that wait only the last is sent, but every one with a description", () => {
  const waiting = [provisional(2, 181), provisional(3, 183, "Answer"), provisional(4, 182)];
  expect(told(p, provisional(1, 180), ...waiting, prack(100), prack(101)).slice(-2)).toEqual([
    "Unacknowledged | Acknowledged (id 1, body None) | Send (id 3, rseq 101)",
    "Unacknowledged | Acknowledged (id 3, body None) | Send (id 4, rseq 102)",
  ]);
});

//= RFC 3262 §3
//# A matching PRACK is defined as one within the same dialog as the response, and whose method,
//# CSeq-num, and response-num in the RAck header field match, respectively, the method from the
//# CSeq, the sequence number from the CSeq, and the sequence number from the RSeq of the reliable
//# provisional response.
//= RFC 3262 §3
//# If a PRACK request is received by the UA core that does not match any unacknowledged reliable
//# provisional response, the UAS MUST respond to the PRACK with a 481 response.
test("RFC 3262 §3: a PRACK matches by all three, and once; any other gets a 481", () => {
  const wrong = [prack(101), prack(100, false, 8), prack(100, false, 7, "UPDATE")];
  expect(told(p, provisional(1, 180), ...wrong, prack(100), prack(100))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Unacknowledged | RefusePrack 481",
    "Unacknowledged | RefusePrack 481",
    "Unacknowledged | RefusePrack 481",
    "Idle | Acknowledged (id 1, body None)",
    "Idle | RefusePrack 481",
  ]);
});

//= RFC 3262 §3
//# The UAS MAY send a final response to the initial request before having received PRACKs for all
//# unacknowledged reliable provisional responses, unless the final response is 2xx and any of the
//# unacknowledged reliable provisional responses contained a session description. In that case, it
//# MUST NOT send a final response until those provisional responses are acknowledged.
//= RFC 3262 §5
//# If the UAS had placed a session description in any reliable provisional response that is
//# unacknowledged when the INVITE is accepted, the UAS MUST delay sending the 2xx until the
//# provisional response is acknowledged.
test("RFC 3262 §5: a 2xx waits for the PRACK of every description, sent or not", () => {
  const early = provisional(2, 183, "Answer");
  expect(told(p, provisional(1, 180), early, final(200), prack(100), prack(101))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Unacknowledged",
    "Unacknowledged",
    "Unacknowledged | Acknowledged (id 1, body None) | Send (id 2, rseq 101)",
    "Terminated | Acknowledged (id 2, body None) | SendFinal 200",
  ]);
});

//= RFC 3262 §3
//# If the UAS does send a final response when reliable responses are still unacknowledged, it
//# SHOULD NOT continue to retransmit the unacknowledged reliable provisional responses, but it MUST
//# be prepared to process PRACK requests for those outstanding responses.
//= RFC 3262 §3
//# A UAS MUST NOT send new reliable provisional responses (as opposed to retransmissions of
//# unacknowledged ones) after sending a final response to a request.
test("RFC 3262 §3: a refusal waits for nothing, and a late PRACK still has its answer", () => {
  const early = provisional(1, 183, "Answer");
  expect(told(p, early, final(486), provisional(2, 180), prack(99), prack(100))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Finished | SendFinal 486",
    "Finished",
    "Finished | RefusePrack 481",
    "Terminated | Acknowledged (id 1, body None)",
  ]);
  expect(told(p, early, final(300))[1]).toBe("Finished | SendFinal 300");
  expect(told(p, early, final(200), provisional(2, 180), final(487))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Unacknowledged",
    "Unacknowledged",
    "Finished | SendFinal 487",
  ]);
});

test("RFC 3262 §3: without a description a 2xx does not wait", () => {
  expect(told(p, provisional(1, 180), provisional(2, 181), final(200), prack(100))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Unacknowledged",
    "Finished | SendFinal 200",
    "Terminated | Acknowledged (id 1, body None)",
  ]);
  expect(told(p, final(200))).toEqual(["Terminated | SendFinal 200"]);
});

//= RFC 3262 §5
//# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the PRACK.
test("RFC 3262 §5: what a PRACK's description is follows from what was sent", () => {
  expect(told(p, provisional(1, 183, "Answer"), prack(100, true)).at(-1)).toBe(
    "Idle | Acknowledged (id 1, body Offer)",
  );
  expect(told(p, provisional(1, 183, "Offer"), prack(100, true)).at(-1)).toBe(
    "Idle | Acknowledged (id 1, body Answer)",
  );
});

//= RFC 3262 §5
//# Similarly, if a reliable provisional response is the first reliable message sent back to the
//# UAC, and the INVITE did not contain an offer, one MUST appear in that reliable provisional
//# response.
test("RFC 3262 §5: to an INVITE without an offer the first one makes it", () => {
  const q = { ...p, inviteOffered: false };
  expect(() => told(q, provisional(1, 180))).toThrow(RangeError);
  expect(told(q, provisional(1, 183, "Offer"), prack(100, true), provisional(2, 180))).toEqual([
    "Unacknowledged | Send (id 1, rseq 100)",
    "Idle | Acknowledged (id 1, body Answer)",
    "Unacknowledged | Send (id 2, rseq 101)",
  ]);
});

test("RFC 3262 §3: who wants to send a 100 or a 200 reliably is told so", () => {
  for (const status of [100, 200]) {
    expect(() => told(p, provisional(1, status))).toThrow(RangeError);
    expect(() => told(p, provisional(1, 180), provisional(2, status))).toThrow(RangeError);
  }
});

test("RFC 3262 §3: RSeq numbers do not wrap around", () => {
  const last = { ...p, firstRSeq: 2 ** 32 - 2 };
  const more = [provisional(2, 183), prack(2 ** 32 - 2), provisional(3, 183), prack(2 ** 32 - 1)];
  expect(told(last, provisional(1, 180), ...more).slice(2)).toEqual([
    "Unacknowledged | Acknowledged (id 1, body None) | Send (id 2, rseq 4294967295)",
    "Unacknowledged",
    "Idle | Acknowledged (id 2, body None)",
  ]);
});

//= RFC 3262 §3
//# As a more efficient alternative, the UAS can send the response reliably, in which case the UAS
//# SHOULD send provisional responses once every two and a half minutes.
test("RFC 3262 §3: a phone that rings long is asked for another word every 150 seconds", () => {
  const lines = lifeOf(server, p, [[400_000, final(200)]]);
  expect(lines.map((line) => line.replace(/ = .*? \|/, ""))).toEqual([
    "0 start = Idle (Extend 150000, rseq 100, first)",
    "150000 Tick Extend",
    "300000 Tick Extend",
    "400000 Final 200 SendFinal 200",
  ]);
});
