import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arrows, life } from "./arrows.ts";
import * as nonInviteServer from "./non-invite-server.ts";
import { timerEReachesT2, DEFAULT_TIMERS as timers } from "./timers.ts";

const { start, step, deadline } = nonInviteServer;
type Input = nonInviteServer.Input;
type Params = nonInviteServer.Params;
type State = nonInviteServer.State;

const text = (status: number) => `SIP/2.0 ${status} Whatever\r\n\r\n`;
const trying = () => text(100);
const udp: Params = { reliable: false, timers, trying };
const tcp: Params = { reliable: true, timers, trying };

const respond = (status: number): Input => ({ kind: "Respond", status, text: text(status) });
const RETRANSMISSION: Input = { kind: "Retransmission" };
const TICK: Input = { kind: "Tick" };
const ABANDON: Input = { kind: "Abandon" };
const TRANSPORT_ERROR: Input = { kind: "TransportError", cause: "EHOSTUNREACH" };

describe("a whole life", () => {
  //= RFC 3261 §17.2.2
  //# Once in the "Trying" state, any further request retransmissions are discarded.
  //= RFC 3261 §17.2.2
  //# If the TU passes a final response (status codes 200-699) to the server while in the
  //# "Proceeding" state, the transaction MUST enter the "Completed" state, and the response MUST be
  //# passed to the transport layer for transmission.
  //= RFC 3261 §17.2.2
  //# When the server transaction enters the "Completed" state, it MUST set Timer J to fire in 64*T1
  //# seconds for unreliable transports, and zero seconds for reliable transports.
  //= RFC 3261 §17.2.2
  //# While in the "Completed" state, the server transaction MUST pass the final response to the
  //# transport layer for retransmission whenever a retransmission of the request is received.
  //= RFC 3261 §17.2.2
  //# Any other final responses passed by the TU to the server transaction MUST be discarded while
  //# in the "Completed" state.
  //= RFC 3261 §17.2.2
  //# The server transaction remains in this state until Timer J fires, at which point it MUST
  //# transition to the "Terminated" state.
  test("RFC 3261 §17.2.2: over UDP the answer is repeated whenever the request is", () => {
    const script = [
      [500, RETRANSMISSION],
      [600, respond(200)],
      [1500, RETRANSMISSION],
      [1600, respond(500)],
      [3500, RETRANSMISSION],
    ] as const;
    expect(life(nonInviteServer, udp, script)).toEqual([
      "0 start = Trying (Trying 3500)",
      "500 Retransmission = Trying (Trying 3500)",
      "600 Respond 200 = Completed (J 32600): Send 200",
      "1500 Retransmission = Completed (J 32600): Send 200",
      "1600 Respond 500 = Completed (J 32600)",
      "3500 Retransmission = Completed (J 32600): Send 200",
      "32600 Tick = Terminated",
    ]);
  });

  test("RFC 3261 §17.2.2: over TCP the answer is the end", () => {
    expect(life(nonInviteServer, tcp, [[600, respond(404)]])).toEqual([
      "0 start = Trying (Trying 3500)",
      "600 Respond 404 = Completed (J 600): Send 404",
      "600 Tick = Terminated",
    ]);
  });

  //= RFC 3261 §17.2.2
  //# While in the "Trying" state, if the TU passes a provisional response to the server
  //# transaction, the server transaction MUST enter the "Proceeding" state. The response MUST be
  //# passed to the transport layer for transmission. Any further provisional responses that are
  //# received from the TU while in the "Proceeding" state MUST be passed to the transport layer for
  //# transmission.
  //= RFC 3261 §17.2.2
  //# If a retransmission of the request is received while in the "Proceeding" state, the most
  //# recently sent provisional response MUST be passed to the transport layer for retransmission.
  test("RFC 3261 §17.2.2: a request that takes long", () => {
    const script = [
      [3500, respond(100)],
      [7500, RETRANSMISSION],
      [8000, respond(100)],
      [9000, respond(202)],
    ] as const;
    expect(life(nonInviteServer, udp, script)).toEqual([
      "0 start = Trying (Trying 3500)",
      "3500 Respond 100 = Proceeding: Send 100",
      "7500 Retransmission = Proceeding: Send 100",
      "8000 Respond 100 = Proceeding: Send 100",
      "9000 Respond 202 = Completed (J 41000): Send 202",
      "41000 Tick = Terminated",
    ]);
  });

  //= RFC 4320 §4.1
  //# Without regard to transport, an SIP element MUST respond to a non-INVITE request with a
  //# Status-Code of 100 if it has not otherwise responded after the amount of time it takes a
  //# client transaction's Timer E to be reset to T2.
  test.each([
    ["UDP", udp],
    ["TCP", tcp],
  ])("RFC 4320 §4.1: whoever has not answered after 3.5 s says 100, once: %s", (_, p) => {
    expect(life(nonInviteServer, p, [[3400, RETRANSMISSION]])).toEqual([
      "0 start = Trying (Trying 3500)",
      "3400 Retransmission = Trying (Trying 3500)",
      "3500 Tick = Proceeding: Send 100",
    ]);
  });

  //= RFC 4320 §4.1
  //# An SIP element MUST NOT respond to a non-INVITE request with a Status-Code of 100 over any
  //# unreliable transport, such as UDP, before the amount of time it takes a client transaction's
  //# Timer E to be reset to T2.
  //= RFC 4320 §4.1
  //# An SIP element MAY respond to a non-INVITE request with a Status-Code of 100 over a reliable
  //# transport at any time.
  test("RFC 4320 §4.1: an early 100 is kept back over UDP, and sent over TCP", () => {
    expect(life(nonInviteServer, udp, [[3499, respond(100)]])).toEqual([
      "0 start = Trying (Trying 3500)",
      "3499 Respond 100 = Trying (Trying 3500)",
      "3500 Tick = Proceeding: Send 100",
    ]);
    expect(life(nonInviteServer, tcp, [[1, respond(100)]])).toEqual([
      "0 start = Trying (Trying 3500)",
      "1 Respond 100 = Proceeding: Send 100",
    ]);
  });

  //= RFC 4320 §4.1
  //# An SIP element MUST NOT send any provisional response with a Status-Code other than 100 to a
  //# non-INVITE request.
  test("RFC 4320 §4.1: no other provisional response is ever sent", () => {
    const [waiting] = start(udp, 0);
    const [proceeding] = step(udp, waiting, TICK, 3500);
    for (const p of [udp, tcp]) {
      for (let status = 101; status < 200; status++) {
        expect(step(p, waiting, respond(status), 3500)).toEqual([waiting]);
        expect(step(p, proceeding, respond(status), 9000)).toEqual([proceeding]);
      }
    }
  });
});

test("RFC 4320 §4.1: timer E is reset to T2 when it has been fired at T1, 2*T1, 4*T1 …", () => {
  expect(timerEReachesT2(timers)).toBe(3500);
  expect(timerEReachesT2({ t1: 1000, t2: 4000, t4: 5000 })).toBe(3000);
  expect(timerEReachesT2({ t1: 4000, t2: 4000, t4: 5000 })).toBe(4000);
  expect(timerEReachesT2({ t1: 500, t2: 4001, t4: 5000 })).toBe(7500);
});

//= RFC 6026 §8.8
//# the server transaction SHOULD inform the TU that a failure has occurred, and MUST remain in the
//# current state.
test("RFC 6026 §8.8: a transport error is told, and the machine stays where it is", () => {
  const [s] = step(udp, start(udp, 0)[0], respond(200), 0);
  const [next, ...out] = step(udp, s, TRANSPORT_ERROR, 1);
  expect(next).toBe(s);
  expect(out).toEqual([{ kind: "Failed", reason: "transport", cause: "EHOSTUNREACH" }]);
  expect(step(udp, next, RETRANSMISSION, 2)).toEqual([s, { kind: "Send", text: text(200) }]);
});

test.each([
  ["unreliable", udp],
  ["reliable", tcp],
])("every box, every arrow: %s", (_, p) => {
  const states: State[] = [
    { name: "Trying", timerTrying: 3500 },
    { name: "Proceeding", provisional: text(100) },
    { name: "Completed", timerJ: 32_000, final: text(486) },
    { name: "Terminated" },
  ];
  const inputs: [Input, number][] = [
    [RETRANSMISSION, 7],
    [RETRANSMISSION, 32_000],
    ...[100, 199, 200, 299, 300, 699].map((status): [Input, number] => [respond(status), 7]),
    [TICK, 7],
    [TICK, 3500],
    [TICK, 32_000],
    [TRANSPORT_ERROR, 7],
    [ABANDON, 7],
  ];
  expect(arrows(nonInviteServer, p, states, inputs)).toMatchSnapshot();
});

const anyInput = fc.oneof(
  fc.integer({ min: 100, max: 699 }).map(respond),
  fc.constantFrom(TICK, RETRANSMISSION, TRANSPORT_ERROR),
);
const script = fc.array(fc.tuple(anyInput, fc.nat(12_000)), { maxLength: 40 });

//= RFC 3261 §17.2.2
//# The server transaction MUST be destroyed the instant it enters the "Terminated" state.
test("RFC 3261 §17.2.2: whatever arrives, whenever: it ends, and is silent after the end", () => {
  fc.assert(
    fc.property(fc.boolean(), script, (reliable, events) => {
      const p = { ...udp, reliable };
      let now = 0;
      let [s] = start(p, now);
      const finals = new Set<string>();
      for (const [input, wait] of events) {
        now += wait;
        const [next, ...out] = step(p, s, input, now);
        if (s.name === "Terminated") expect([next, ...out]).toEqual([s]);
        if (next.name === s.name && out.length === 0) expect(next).toBe(s);
        if (input.kind === "Tick") expect(deadline(next)).toBeGreaterThan(now);
        for (const o of out) if (o.kind === "Send" && !/ 1\d\d /.test(o.text)) finals.add(o.text);
        s = next;
      }
      for (let n = 0; deadline(s) !== Infinity; n++) {
        expect(n).toBeLessThan(2);
        now = Math.max(now, deadline(s));
        [s] = step(p, s, TICK, now);
      }
      expect(deadline(s)).toBe(Infinity);
      expect(step(p, s, ABANDON, now)).toEqual([{ name: "Terminated" }]);
      expect(finals.size).toBeLessThan(2);
    }),
  );
});
