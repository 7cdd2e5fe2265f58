import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeRequest, composeResponse } from "../message/compose.ts";
import { arrows, life } from "./arrows.ts";
import * as nonInviteClient from "./non-invite-client.ts";
import { DEFAULT_TIMERS as timers } from "./timers.ts";

const { start, step, deadline } = nonInviteClient;
type Input = nonInviteClient.Input;
type Params = nonInviteClient.Params;
type State = nonInviteClient.State;

const request = composeRequest("REGISTER", "sip:example.com", [
  ["Via", "SIP/2.0/UDP a.example.com;branch=z9hG4bK1"],
  ["Max-Forwards", "70"],
  ["From", "<sip:alice@example.com>;tag=1"],
  ["To", "<sip:alice@example.com>"],
  ["Call-ID", "c1"],
  ["CSeq", "7 REGISTER"],
]);
const udp: Params = { request, reliable: false, timers };
const tcp: Params = { request, reliable: true, timers };

const response = (status: number): Input => ({
  kind: "Response",
  response: composeResponse(status, []),
});
const TICK: Input = { kind: "Tick" };
const ABANDON: Input = { kind: "Abandon" };
const TRANSPORT_ERROR: Input = { kind: "TransportError", cause: "ECONNRESET" };

describe("a whole life", () => {
  //= RFC 3261 §17.1.2.2
  //# When entering this state, the client transaction SHOULD set timer F to fire in 64*T1 seconds.
  //# The request MUST be passed to the transport layer for transmission.
  //= RFC 3261 §17.1.2.2
  //# If an unreliable transport is in use, the client transaction MUST set timer E to fire in T1
  //# seconds.
  //= RFC 3261 §17.1.2.2
  //# For the default values of T1 and T2, this results in intervals of 500 ms, 1 s, 2 s, 4 s, 4 s,
  //# 4 s, etc.
  //= RFC 3261 §17.1.2.2
  //# If Timer F fires while the client transaction is still in the "Trying" state, the client
  //# transaction SHOULD inform the TU about the timeout, and then it SHOULD enter the "Terminated"
  //# state.
  test("RFC 3261 §17.1.2.2: an unanswered request goes out eleven times over UDP", () => {
    expect(life(nonInviteClient, udp)).toEqual([
      "0 start = Trying (E 500, F 32000): Send REGISTER",
      "500 Tick = Trying (E 1500, F 32000): Send REGISTER",
      "1500 Tick = Trying (E 3500, F 32000): Send REGISTER",
      "3500 Tick = Trying (E 7500, F 32000): Send REGISTER",
      "7500 Tick = Trying (E 11500, F 32000): Send REGISTER",
      "11500 Tick = Trying (E 15500, F 32000): Send REGISTER",
      "15500 Tick = Trying (E 19500, F 32000): Send REGISTER",
      "19500 Tick = Trying (E 23500, F 32000): Send REGISTER",
      "23500 Tick = Trying (E 27500, F 32000): Send REGISTER",
      "27500 Tick = Trying (E 31500, F 32000): Send REGISTER",
      "31500 Tick = Trying (E 35500, F 32000): Send REGISTER",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  test("RFC 3261 §17.1.2.2: over TCP it goes out once", () => {
    expect(life(nonInviteClient, tcp)).toEqual([
      "0 start = Trying (F 32000): Send REGISTER",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  //= RFC 3261 §17.1.2.2
  //# If a provisional response is received while in the "Trying" state, the response MUST be passed
  //# to the TU, and then the client transaction SHOULD move to the "Proceeding" state.
  //= RFC 3261 §17.1.2.2
  //# If Timer E fires while in the "Proceeding" state, the request MUST be passed to the transport
  //# layer for retransmission, and Timer E MUST be reset with a value of T2 seconds.
  //= RFC 3261 §17.1.2.2
  //# If a final response (status codes 200-699) is received while in the "Proceeding" state, the
  //# response MUST be passed to the TU, and the client transaction MUST transition to the
  //# "Completed" state.
  //= RFC 3261 §17.1.2.2
  //# Once the client transaction enters the "Completed" state, it MUST set Timer K to fire in T4
  //# seconds for unreliable transports, and zero seconds for reliable transports.
  //= RFC 3261 §17.1.2.2
  //# If Timer K fires while in this state, the client transaction MUST transition to the
  //# "Terminated" state.
  test("RFC 3261 §17.1.2.2: after a 100 over UDP it asks every T2 until the answer", () => {
    const script = [
      [700, response(100)],
      [9000, response(200)],
      [9400, response(200)],
    ] as const;
    expect(life(nonInviteClient, udp, script)).toEqual([
      "0 start = Trying (E 500, F 32000): Send REGISTER",
      "500 Tick = Trying (E 1500, F 32000): Send REGISTER",
      "700 Response 100 = Proceeding (E 1500, F 32000): ToUser 100",
      "1500 Tick = Proceeding (E 5500, F 32000): Send REGISTER",
      "5500 Tick = Proceeding (E 9500, F 32000): Send REGISTER",
      "9000 Response 200 = Completed (K 14000): ToUser 200",
      "9400 Response 200 = Completed (K 14000)",
      "14000 Tick = Terminated",
    ]);
  });

  //= RFC 3261 §17.1.2.2
  //# If timer F fires while in the "Proceeding" state, the TU MUST be informed of a timeout, and
  //# the client transaction MUST transition to the terminated state.
  test("RFC 3261 §17.1.2.2: a 100 does not stop the clock", () => {
    expect(life(nonInviteClient, tcp, [[700, response(100)]])).toEqual([
      "0 start = Trying (F 32000): Send REGISTER",
      "700 Response 100 = Proceeding (F 32000): ToUser 100",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  //= RFC 3261 §17.1.2.2
  //# If a final response (status codes 200-699) is received while in the "Trying" state, the
  //# response MUST be passed to the TU, and the client transaction MUST transition to the
  //# "Completed" state.
  test("RFC 3261 §17.1.2.2: over TCP an answer ends it", () => {
    expect(life(nonInviteClient, tcp, [[30, response(401)]])).toEqual([
      "0 start = Trying (F 32000): Send REGISTER",
      "30 Response 401 = Completed (K 30): ToUser 401",
      "30 Tick = Terminated",
    ]);
  });
});

//= RFC 3261 §17.1.2.2
//# If timer E fires while still in this state, the timer is reset, but this time with a value of
//# MIN(2*T1, T2).
test("RFC 3261 §17.1.2.2: the interval never passes T2, whatever T1 is", () => {
  const p = { ...udp, timers: { t1: 3000, t2: 4000, t4: 5000 } };
  const [s] = start(p, 0);
  expect(step(p, s, TICK, 3000)[0]).toMatchObject({ timerE: 7000, intervalE: 4000 });
});

//= RFC 3261 §17.1.4
//# The client transaction SHOULD inform the TU that a transport failure has occurred, and the
//# client transaction SHOULD transition directly to the "Terminated" state.
test("RFC 3261 §17.1.4: a transport error reaches the user with its cause", () => {
  const [s] = start(udp, 0);
  expect(step(udp, s, TRANSPORT_ERROR, 1)).toEqual([
    { name: "Terminated" },
    { kind: "Failed", reason: "transport", cause: "ECONNRESET" },
  ]);
});

test.each([
  ["unreliable", udp],
  ["reliable", tcp],
])("every box, every arrow: %s", (_, p) => {
  const states: State[] = [
    { name: "Trying", timerE: 500, intervalE: 500, timerF: 32_000 },
    { name: "Proceeding", timerE: 500, timerF: 32_000 },
    { name: "Completed", timerK: 32_000 },
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
  expect(arrows(nonInviteClient, p, states, inputs)).toMatchSnapshot();
});

const anyInput = fc.oneof(
  fc.integer({ min: 100, max: 699 }).map(response),
  fc.constant(TICK),
  fc.constant(TRANSPORT_ERROR),
);
const script = fc.array(fc.tuple(anyInput, fc.nat(12_000)), { maxLength: 40 });

//= RFC 3261 §17.1.2.2
//# Once the transaction is in the terminated state, it MUST be destroyed immediately.
test("RFC 3261 §17.1.2.2: whatever arrives, it ends by itself and is silent then", () => {
  fc.assert(
    fc.property(fc.boolean(), script, (reliable, events) => {
      const p = { ...udp, reliable };
      let now = 0;
      let [s] = start(p, now);
      let outcomes = 0;
      for (const [input, wait] of events) {
        now += wait;
        const [next, ...out] = step(p, s, input, now);
        if (s.name === "Terminated") expect([next, ...out]).toEqual([s]);
        if (next.name === s.name && out.length === 0) expect(next).toBe(s);
        if (input.kind === "Tick") expect(deadline(next)).toBeGreaterThan(now);
        outcomes += out.filter(isOutcome).length;
        s = next;
      }
      for (let n = 0; deadline(s) !== Infinity; n++) {
        expect(n).toBeLessThan(14);
        now = Math.max(now, deadline(s));
        const [next, ...out] = step(p, s, TICK, now);
        outcomes += out.filter(isOutcome).length;
        s = next;
        expect(deadline(s)).toBeGreaterThan(now);
      }
      expect(s).toEqual({ name: "Terminated" });
      expect(outcomes).toBe(1);
    }),
  );
});

test("abandoned before the answer it says so once; after it, nothing", () => {
  const [trying] = start(udp, 0);
  expect(step(udp, trying, ABANDON, 1)).toStrictEqual([
    { name: "Terminated" },
    { kind: "Failed", reason: "abandoned" },
  ]);
  const [completed] = step(udp, trying, response(200), 1);
  expect(step(udp, completed, ABANDON, 2)).toEqual([{ name: "Terminated" }]);
});

const isOutcome = (o: nonInviteClient.Output): boolean =>
  o.kind === "Failed" || (o.kind === "ToUser" && o.response.status >= 200);
