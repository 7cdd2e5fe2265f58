import fc from "fast-check";
import { expect, test } from "vitest";
import { printStep } from "./picture.ts";
import * as client from "./reliable-provisional-client.ts";
import * as server from "./reliable-provisional-server.ts";

type Input = client.Input;
type Params = client.Params;

const reliable = (rseq: number, description = false, status = 180): Input => ({
  ...{ kind: "Provisional", status, required: true, rseq },
  ...{ toTag: "bob", description },
});

function told(p: Params, ...inputs: readonly Input[]): readonly string[] {
  let [s] = client.start(p, 0);
  return inputs.map((input) => {
    const [next, ...outputs] = client.step(p, s, input, 0);
    s = next;
    return printStep([{ name: next.name }, ...outputs]);
  });
}

const offered: Params = { inviteOffered: true };
const unoffered: Params = { inviteOffered: false };

//= RFC 3262 §4
//# The UAC MUST maintain a sequence number that indicates the most recently received in-order
//# reliable provisional response for the initial request.
//= RFC 3262 §4
//# Assuming the response is to be transmitted reliably, the UAC MUST create a new request with
//# method PRACK.
//= RFC 3262 §4
//# Its value MUST be initialized to the RSeq header field in the first reliable provisional
//# response received for the initial request.
//= RFC 3262 §4
//# Once a reliable provisional response is received, retransmissions of that response MUST be
//# discarded.
//= RFC 3262 §4
//# As a result, if the UAC receives another reliable provisional response to the same request, and
//# its RSeq value is not one higher than the value of the sequence number, that response MUST NOT
//# be acknowledged with a PRACK, and MUST NOT be processed further by the UAC.
test("RFC 3262 §4: each is acknowledged once and in order; what is not is forgotten", () => {
  expect(told(offered, reliable(5), reliable(5), reliable(7), reliable(6), reliable(7))).toEqual([
    "Listening | Prack (rseq 5, body None) | ToUser 180",
    "Listening",
    "Listening",
    "Listening | Prack (rseq 6, body None) | ToUser 180",
    "Listening | Prack (rseq 7, body None) | ToUser 180",
  ]);
});

//= RFC 3262 §4
//# If a provisional response is received for an initial request, and that response contains a
//# Require header field containing the option tag 100rel, the response is to be sent reliably. If
//# the response is a 100 (Trying) (as opposed to 101 to 199), this option tag MUST be ignored, and
//# the procedures below MUST NOT be used.
test("RFC 3262 §4: a 100 is never acknowledged, nor is one that does not ask for it", () => {
  const plain = { ...reliable(5), required: false } as Input;
  const unnumbered = { ...reliable(5), rseq: undefined } as Input;
  expect(told(offered, reliable(5, false, 100), plain, unnumbered)).toEqual([
    "Listening | ToUser 100",
    "Listening | ToUser 180",
    "Listening | ToUser 180",
  ]);
});

//= RFC 3262 §4
//# The provisional response MUST establish a dialog if one is not yet created.
test("RFC 3262 §4: what makes no dialog cannot be acknowledged, nor what has no number", () => {
  const tagless = { ...reliable(5), toTag: "" } as Input;
  expect(told(offered, tagless, reliable(0), reliable(2 ** 32), reliable(2 ** 32 - 1))).toEqual([
    "Listening",
    "Listening",
    "Listening",
    "Listening | Prack (rseq 4294967295, body None) | ToUser 180",
  ]);
});

//= RFC 3262 §4
//# This sequence number MUST be maintained until a final response is received for the initial
//# request.
//= RFC 3262 §4
//# The UAC MAY acknowledge reliable provisional responses received after the final response or MAY
//# discard them.
test("RFC 3262 §4: after the final response those that come late are discarded", () => {
  expect(told(offered, reliable(5), { kind: "Final" }, reliable(6))).toEqual([
    "Listening | Prack (rseq 5, body None) | ToUser 180",
    "Finished",
    "Finished",
  ]);
});

//= RFC 3262 §5
//# If the UAC receives a reliable provisional response with an offer (this would occur if the UAC
//# sent an INVITE without an offer, in which case the first reliable provisional response will
//# contain the offer), it MUST generate an answer in the PRACK. If the UAC receives a reliable
//# provisional response with an answer, it MAY generate an additional offer in the PRACK.
test("RFC 3262 §5: an offer is answered in the PRACK; after an answer it may offer anew", () => {
  expect(told(unoffered, reliable(5, true), reliable(6))).toEqual([
    "Listening | Prack (rseq 5, body Answer) | ToUser 180",
    "Listening | Prack (rseq 6, body MayOffer) | ToUser 180",
  ]);
  expect(told(offered, reliable(5), reliable(6, true))).toEqual([
    "Listening | Prack (rseq 5, body None) | ToUser 180",
    "Listening | Prack (rseq 6, body MayOffer) | ToUser 180",
  ]);
  expect(told(unoffered, reliable(5))[0]).toContain("body None");
});

test("both sides over a network that loses: every response arrives once and in order", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), fc.integer({ min: 1, max: 9 }), (lost, count) => {
      const p: server.Params = { cseq: 7, inviteOffered: true, firstRSeq: 9, t1: 500 };
      const heard: number[] = [];
      let [ours] = client.start(offered, 0);
      let [theirs] = server.start(p, 0);
      let now = 0;
      const feed = (input: server.Input): void => {
        const [next, ...outputs] = server.step(p, theirs, input, now);
        theirs = next;
        for (const one of outputs) if (one.kind === "Send" && !lost.next().value) hear(one);
      };
      const hear = ({ id, rseq }: { id: number; rseq: number }): void => {
        const [next, ...outputs] = client.step(offered, ours, reliable(rseq), now);
        ours = next;
        if (outputs.some(({ kind }) => kind === "ToUser")) heard.push(id);
        // The PRACK's own transaction makes sure that it arrives.
        if (outputs.some(({ kind }) => kind === "Prack")) {
          feed({
            kind: "Prack",
            rack: { rseq, cseq: { number: 7, method: "INVITE" } },
            description: false,
          });
        }
      };
      for (let id = 1; id <= count; id++) {
        const response = { id, status: 183, description: "Answer" } as const;
        feed({ kind: "Provisional", response });
      }
      while (theirs.name === "Unacknowledged") {
        now = server.deadline(theirs);
        feed({ kind: "Tick" });
      }
      // Unless all seven of one were lost.
      if (theirs.name === "Idle")
        expect(heard).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect(new Set(heard).size).toBe(heard.length);
    }),
  );
});
