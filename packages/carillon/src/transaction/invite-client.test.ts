import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeRequest, composeResponse } from "../message/compose.ts";
import { arrows, life } from "./arrows.ts";
import * as inviteClient from "./invite-client.ts";
import { DEFAULT_TIMERS as timers } from "./timers.ts";

const { start, step, deadline } = inviteClient;
type Input = inviteClient.Input;
type Params = inviteClient.Params;
type State = inviteClient.State;

const request = composeRequest("INVITE", "sip:bob@example.com", [
  ["Via", "SIP/2.0/UDP a.example.com;branch=z9hG4bK1"],
  ["Max-Forwards", "70"],
  ["From", "<sip:alice@example.com>;tag=1"],
  ["To", "<sip:bob@example.com>"],
  ["Call-ID", "c1"],
  ["CSeq", "7 INVITE"],
]);
const udp: Params = { request, reliable: false, timers };
const tcp: Params = { request, reliable: true, timers };

const response = (status: number): Input => ({
  kind: "Response",
  response: composeResponse(status, [["To", `<sip:bob@example.com>;tag=${status}`]]),
});
const TICK: Input = { kind: "Tick" };
const ABANDON: Input = { kind: "Abandon" };
const TRANSPORT_ERROR: Input = { kind: "TransportError", cause: "ECONNREFUSED" };
const ack = "ACK sip:bob@example.com SIP/2.0\r\n\r\n";

describe("a whole life", () => {
  //= RFC 3261 §17.1.1.2
  //# If an unreliable transport is being used, the client transaction MUST start timer A with a
  //# value of T1. If a reliable transport is being used, the client transaction SHOULD NOT start
  //# timer A (Timer A controls request retransmissions).
  //= RFC 3261 §17.1.1.2
  //# For any transport, the client transaction MUST start timer B with a value of 64*T1 seconds
  //# (Timer B controls transaction timeouts).
  //= RFC 3261 §17.1.1.2
  //# When timer A fires, the client transaction MUST retransmit the request by passing it to the
  //# transport layer, and MUST reset the timer with a value of 2*T1.
  //= RFC 3261 §17.1.1.2
  //# This process MUST continue so that the request is retransmitted with intervals that double
  //# after each transmission.
  //= RFC 3261 §17.1.1.2
  //# When timer A fires 2*T1 seconds later, the request MUST be retransmitted again (assuming the
  //# client transaction is still in this state).
  //= RFC 3261 §17.1.1.2
  //# If the client transaction is still in the "Calling" state when timer B fires, the client
  //# transaction SHOULD inform the TU that a timeout has occurred. The client transaction MUST NOT
  //# generate an ACK.
  test("RFC 3261 §17.1.1.2: an unanswered INVITE goes out seven times over UDP", () => {
    expect(life(inviteClient, udp)).toEqual([
      "0 start = Calling (A 500, B 32000): Send INVITE",
      "500 Tick = Calling (A 1500, B 32000): Send INVITE",
      "1500 Tick = Calling (A 3500, B 32000): Send INVITE",
      "3500 Tick = Calling (A 7500, B 32000): Send INVITE",
      "7500 Tick = Calling (A 15500, B 32000): Send INVITE",
      "15500 Tick = Calling (A 31500, B 32000): Send INVITE",
      "31500 Tick = Calling (A 63500, B 32000): Send INVITE",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  test("RFC 3261 §17.1.1.2: over TCP it goes out once", () => {
    expect(life(inviteClient, tcp)).toEqual([
      "0 start = Calling (B 32000): Send INVITE",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  //= RFC 3261 §17.1.1.2
  //# The initial state, "calling", MUST be entered when the TU initiates a new client transaction
  //# with an INVITE request. The client transaction MUST pass the request to the transport layer
  //# for transmission
  test("RFC 3261 §17.1.1.2: what goes out is the request's text as it is, every time", () => {
    const [s, ...first] = start(udp, 0);
    const [, ...again] = step(udp, s, TICK, 500);
    expect(first).toEqual([{ kind: "Send", text: request.text }]);
    expect(again).toEqual(first);
  });

  //= RFC 3261 §17.1.1.2
  //# If the client transaction receives a provisional response while in the "Calling" state, it
  //# transitions to the "Proceeding" state. In the "Proceeding" state, the client transaction
  //# SHOULD NOT retransmit the request any longer. Furthermore, the provisional response MUST be
  //# passed to the TU. Any further provisional responses MUST be passed up to the TU while in the
  //# "Proceeding" state.
  //= RFC 6026 §7.2
  //# If a 2xx response is received while the client INVITE state machine is in the "Calling" or
  //# "Proceeding" states, it MUST transition to the "Accepted" state, pass the 2xx response to the
  //# TU, and set Timer M to 64*T1. A 2xx response received while in the "Accepted" state MUST be
  //# passed to the TU and the machine remains in the "Accepted" state. The client transaction MUST
  //# NOT generate an ACK to any 2xx response on its own.
  //= RFC 6026 §7.2
  //# When Timer M fires and the state machine is in the "Accepted" state, the machine MUST
  //# transition to the "Terminated" state.
  //= RFC 6026 §8.4
  //# When a 2xx response is received while in either the "Calling" or "Proceeding" states, the
  //# client transaction MUST transition to the "Accepted" state, and Timer M MUST be started with a
  //# value of 64*T1. The 2xx response MUST be passed up to the TU. The client transaction MUST NOT
  //# generate an ACK to the 2xx response -- its handling is delegated to the TU.
  //= RFC 6026 §8.4
  //# Any 2xx responses that match this client transaction and that are received while in the
  //# "Accepted" state MUST be passed up to the TU. The client transaction MUST NOT generate an ACK
  //# to the 2xx response. The client transaction takes no further action.
  //= RFC 6026 §8.4
  //# If Timer M fires while the client transaction is in the "Accepted" state, the client
  //# transaction MUST move to the "Terminated" state.
  test.each([
    ["UDP", udp, "Calling (A 500, B 32000)"],
    ["TCP", tcp, "Calling (B 32000)"],
  ])(
    "RFC 6026 §8.4: every 2xx reaches the user for 64*T1, and none is acknowledged here: %s",
    (_, p, calling) => {
      const script = [
        [100, response(100)],
        [200, response(180)],
        [90_000, response(200)],
        [90_500, response(200)],
        [91_000, response(202)],
      ] as const;
      expect(life(inviteClient, p, script)).toEqual([
        `0 start = ${calling}: Send INVITE`,
        "100 Response 100 = Proceeding: ToUser 100",
        "200 Response 180 = Proceeding: ToUser 180",
        "90000 Response 200 = Accepted (M 122000): ToUser 200",
        "90500 Response 200 = Accepted (M 122000): ToUser 200",
        "91000 Response 202 = Accepted (M 122000): ToUser 202",
        "122000 Tick = Terminated",
      ]);
    },
  );

  //= RFC 3261 §17.1.1.2
  //# When in either the "Calling" or "Proceeding" states, reception of a response with status code
  //# from 300-699 MUST cause the client transaction to transition to "Completed". The client
  //# transaction MUST pass the received response up to the TU, and the client transaction MUST
  //# generate an ACK request, even if the transport is reliable
  //= RFC 3261 §17.1.1.2
  //# Any retransmissions of the final response that are received while in the "Completed" state
  //# MUST cause the ACK to be re-passed to the transport layer for retransmission, but the newly
  //# received response MUST NOT be passed up to the TU.
  //= RFC 3261 §17.1.1.2
  //# If timer D fires while the client transaction is in the "Completed" state, the client
  //# transaction MUST move to the terminated state.
  //= RFC 6026 §8.4
  //# When in either the "Calling" or "Proceeding" states, reception of a response with status code
  //# from 300-699 MUST cause the client transaction to transition to "Completed". The client
  //# transaction MUST pass the received response up to the TU, and the client transaction MUST
  //# generate an ACK request, even if the transport is reliable
  //= RFC 6026 §8.4
  //# The client transaction MUST start Timer D when it enters the "Completed" state for any reason,
  //# with a value of at least 32 seconds for unreliable transports, and a value of zero seconds for
  //# reliable transports.
  //= RFC 6026 §8.4
  //# Any retransmissions of a response with status code 300-699 that are received while in the
  //# "Completed" state MUST cause the ACK to be re-passed to the transport layer for
  //# retransmission, but the newly received response MUST NOT be passed up to the TU.
  //= RFC 6026 §8.4
  //# If Timer D fires while the client transaction is in the "Completed" state, the client
  //# transaction MUST move to the "Terminated" state.
  test("RFC 6026 §8.4: over UDP a refusal is acknowledged each time it comes, for 32 s", () => {
    const script = [
      [100, response(180)],
      [2000, response(486)],
      [2500, response(486)],
      [3500, response(486)],
    ] as const;
    expect(life(inviteClient, udp, script)).toEqual([
      "0 start = Calling (A 500, B 32000): Send INVITE",
      "100 Response 180 = Proceeding: ToUser 180",
      "2000 Response 486 = Completed (D 34000): Send ACK, ToUser 486",
      "2500 Response 486 = Completed (D 34000): Send ACK",
      "3500 Response 486 = Completed (D 34000): Send ACK",
      "34000 Tick = Terminated",
    ]);
  });

  test("RFC 6026 §8.4: over TCP the ACK goes out once, and it is over", () => {
    expect(life(inviteClient, tcp, [[100, response(486)]])).toEqual([
      "0 start = Calling (B 32000): Send INVITE",
      "100 Response 486 = Completed (D 100): Send ACK, ToUser 486",
      "100 Tick = Terminated",
    ]);
  });

  test("RFC 6026 §8.4: timer D is 32 s at least, and longer where T1 is", () => {
    for (const [t1, timerD] of [
      [10, 32_000],
      [500, 32_000],
      [2000, 128_000],
    ] as const) {
      const p = { ...udp, timers: { ...timers, t1 } };
      const [s] = start(p, 0);
      expect(step(p, s, response(404), 0)[0]).toMatchObject({ name: "Completed", timerD });
    }
  });

  //= RFC 3261 §17.1.1.2
  //# Whatever the value of T1, the exponential backoffs on retransmissions described in this
  //# section MUST be used.
  test("RFC 3261 §17.1.1.2: the intervals double whatever T1 is", () => {
    const sent = life(inviteClient, { ...udp, timers: { ...timers, t1: 3 } });
    expect(sent.map((line) => Number.parseInt(line, 10))).toEqual([0, 3, 9, 21, 45, 93, 189, 192]);
  });

  test("a Tick an hour late ends what is overdue, and sends nothing", () => {
    const [s] = start(udp, 0);
    expect(step(udp, s, TICK, 3_600_000)).toStrictEqual([
      { name: "Terminated" },
      { kind: "Failed", reason: "timeout" },
    ]);
  });
});

test("the ACK is sent again as the same text", () => {
  const [calling] = start(udp, 0);
  const [completed, first] = step(udp, calling, response(486), 1);
  const [same, again] = step(udp, completed, response(500), 2);
  expect(again).toEqual(first);
  expect(first).toMatchObject({ text: expect.stringContaining(";tag=486\r\n") });
  expect(same).toBe(completed);
});

//= RFC 3261 §17.1.4
//# The client transaction SHOULD inform the TU that a transport failure has occurred, and the
//# client transaction SHOULD transition directly to the "Terminated" state.
test("RFC 3261 §17.1.4: a transport error reaches the user with its cause", () => {
  const [s] = start(udp, 0);
  expect(step(udp, s, TRANSPORT_ERROR, 1)).toEqual([
    { name: "Terminated" },
    { kind: "Failed", reason: "transport", cause: "ECONNREFUSED" },
  ]);
});

test.each([
  ["unreliable", udp],
  ["reliable", tcp],
])("every box, every arrow: %s", (_, p) => {
  const states: State[] = [
    { name: "Calling", timerA: 500, intervalA: 500, timerB: 32_000 },
    { name: "Proceeding" },
    { name: "Completed", ack, timerD: 32_000 },
    { name: "Accepted", timerM: 32_000 },
    { name: "Terminated" },
  ];
  const inputs: [Input, number][] = [
    ...[100, 199, 200, 299, 300, 699].map((status): [Input, number] => [response(status), 7]),
    [TICK, 7],
    [TICK, 500],
    [TICK, 32_000],
    [TRANSPORT_ERROR, 7],
    [TRANSPORT_ERROR, 32_000],
    [ABANDON, 7],
  ];
  expect(arrows(inviteClient, p, states, inputs)).toMatchSnapshot();
});

const anyInput = fc.oneof(
  fc.integer({ min: 100, max: 699 }).map(response),
  fc.constant(TICK),
  fc.constant(TRANSPORT_ERROR),
);
const script = fc.array(fc.tuple(anyInput, fc.nat(40_000)), { maxLength: 40 });

//= RFC 3261 §17.1.1.2
//# The client transaction MUST be destroyed the instant it enters the "Terminated" state.
//= RFC 6026 §7.2
//# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
//= RFC 6026 §8.4
//# The client transaction MUST be destroyed the instant it enters the "Terminated" state.
test("RFC 6026 §8.4: whatever arrives, whenever: it ends, and is silent after the end", () => {
  fc.assert(
    fc.property(fc.boolean(), script, (reliable, events) => {
      const p = { ...udp, reliable };
      let now = 0;
      let [s] = start(p, now);
      for (const [input, wait] of events) {
        now += wait;
        const [next, ...out] = step(p, s, input, now);
        if (s.name === "Terminated") expect([next, ...out]).toEqual([s]);
        if (next.name === s.name && out.length === 0) expect(next).toBe(s);
        if (input.kind === "Tick") expect(deadline(next)).toBeGreaterThan(now);
        s = next;
      }
      for (let n = 0; deadline(s) !== Infinity; n++) {
        expect(n).toBeLessThan(9);
        now = Math.max(now, deadline(s));
        [s] = step(p, s, TICK, now);
        expect(deadline(s)).toBeGreaterThan(now);
      }
      [s] = step(p, s, ABANDON, now);
      expect(s).toEqual({ name: "Terminated" });
    }),
  );
});

test("the user hears one outcome: 2xx, or one failure, or that there will be none", () => {
  const answers = fc.array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 100, max: 699 }).map(response), fc.constant(TICK)),
      fc.nat(9000),
    ),
  );
  fc.assert(
    fc.property(fc.boolean(), answers, (reliable, events) => {
      const p = { ...udp, reliable };
      let now = 0;
      let [s] = start(p, now);
      const outcomes: string[] = [];
      for (const [input, wait] of [...events, [ABANDON, 0] as const]) {
        now += wait;
        const [next, ...out] = step(p, s, input, now);
        for (const o of out) {
          if (o.kind === "Failed") outcomes.push("failed");
          if (o.kind !== "ToUser" || o.response.status < 200) continue;
          outcomes.push(o.response.status < 300 ? "2xx" : "refused");
        }
        s = next;
      }
      expect([...new Set(outcomes)]).toHaveLength(1);
      if (outcomes[0] !== "2xx") expect(outcomes).toHaveLength(1);
    }),
  );
});
