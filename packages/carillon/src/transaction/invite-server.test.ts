import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arrows, life } from "./arrows.ts";
import * as inviteServer from "./invite-server.ts";
import { DEFAULT_TIMERS as timers } from "./timers.ts";

const { start, step, deadline } = inviteServer;
type Input = inviteServer.Input;
type Params = inviteServer.Params;
type State = inviteServer.State;

const text = (status: number) => `SIP/2.0 ${status} Whatever\r\n\r\n`;
const trying = () => text(100);
const udp: Params = { reliable: false, timers, trying };
const tcp: Params = { reliable: true, timers, trying };

const respond = (status: number): Input => ({ kind: "Respond", status, text: text(status) });
const RETRANSMISSION: Input = { kind: "Retransmission" };
const ACK: Input = { kind: "Ack" };
const TICK: Input = { kind: "Tick" };
const ABANDON: Input = { kind: "Abandon" };
const TRANSPORT_ERROR: Input = { kind: "TransportError", cause: "EHOSTUNREACH" };

describe("a whole life", () => {
  //= RFC 3261 §17.2.1
  //# The server transaction MUST generate a 100 (Trying) response unless it knows that the TU will
  //# generate a provisional or final response within 200 ms, in which case it MAY generate a 100
  //# (Trying) response.
  //= RFC 3261 §17.2.1
  //# If a request retransmission is received while in the "Proceeding" state, the most recent
  //# provisional response that was received from the TU MUST be passed to the transport layer for
  //# retransmission.
  //= RFC 3261 §17.2.1
  //# So long as the server transaction is in the "Proceeding" state, each of these MUST be passed
  //# to the transport layer for transmission.
  //= RFC 3261 §17.2.1
  //# If, while in the "Proceeding" state, the TU passes a 2xx response to the server transaction,
  //# the server transaction MUST pass this response to the transport layer for transmission.
  //= RFC 6026 §8.5
  //# If, while in the "Proceeding" state, the TU passes a 2xx response to the server transaction,
  //# the server transaction MUST pass this response to the transport layer for transmission.
  //= RFC 6026 §8.5
  //# The server transaction MUST then transition to the "Accepted" state.
  //= RFC 6026 §7.1
  //# If the SIP element's TU (Transaction User) issues a 2xx response for this transaction while
  //# the state machine is in the "Proceeding" state, the state machine MUST transition to the
  //# "Accepted" state and set Timer L to 64*T1
  //= RFC 6026 §7.1
  //# Any retransmission of the 2xx response passed from the TU to the transaction while in the
  //# "Accepted" state MUST be passed to the transport layer for transmission.
  //= RFC 6026 §7.1
  //# When Timer L fires and the state machine is in the "Accepted" state, the machine MUST
  //# transition to the "Terminated" state.
  //= RFC 6026 §8.7
  //# When the INVITE server transaction enters the "Accepted" state, Timer L MUST be set to fire in
  //# 64*T1 for all transports.
  //= RFC 6026 §8.7
  //# While in the "Accepted" state, if the TU passes a 2xx response, the server transaction MUST
  //# pass the response to the transport layer for transmission.
  //= RFC 6026 §8.7
  //# Any such retransmissions are absorbed entirely within the server transaction.
  //= RFC 6026 §8.7
  //# If Timer L fires while the INVITE server transaction is in the "Accepted" state, the
  //# transaction MUST transition to the "Terminated" state.
  test.each([
    ["UDP", udp],
    ["TCP", tcp],
  ])("RFC 6026 §8.7: a call that rings and is answered: %s", (_, p) => {
    const script = [
      [600, RETRANSMISSION],
      [1000, respond(180)],
      [1600, RETRANSMISSION],
      [5000, respond(183)],
      [70_000, respond(200)],
      [70_100, RETRANSMISSION],
      [70_500, respond(200)],
      [70_600, ACK],
    ] as const;
    expect(life(inviteServer, p, script)).toEqual([
      "0 start = Proceeding (Trying 200)",
      "200 Tick = Proceeding: Send 100",
      "600 Retransmission = Proceeding: Send 100",
      "1000 Respond 180 = Proceeding: Send 180",
      "1600 Retransmission = Proceeding: Send 180",
      "5000 Respond 183 = Proceeding: Send 183",
      "70000 Respond 200 = Accepted (L 102000): Send 200",
      "70100 Retransmission = Accepted (L 102000)",
      "70500 Respond 200 = Accepted (L 102000): Send 200",
      "70600 Ack = Accepted (L 102000)",
      "102000 Tick = Terminated",
    ]);
  });

  test("RFC 3261 §17.2.1: a user that answers within 200 ms saves the 100", () => {
    let made = 0;
    const p = {
      ...udp,
      trying: () => {
        made++;
        return trying();
      },
    };
    expect(life(inviteServer, p, [[199, respond(180)]])).toEqual([
      "0 start = Proceeding (Trying 200)",
      "199 Respond 180 = Proceeding: Send 180",
    ]);
    expect(made).toBe(0);
  });

  //= RFC 3261 §17.2.1
  //# When a server transaction is constructed for a request, it enters the "Proceeding" state.
  test("RFC 3261 §17.2.1: it begins with nothing said", () => {
    const proceeding = { name: "Proceeding", timerTrying: 1200, provisional: undefined };
    expect(start(udp, 1000)).toStrictEqual([proceeding]);
  });

  test("RFC 3261 §17.2.1: an INVITE that comes again before the 100 is due waits for it", () => {
    expect(life(inviteServer, udp, [[1, RETRANSMISSION]])).toEqual([
      "0 start = Proceeding (Trying 200)",
      "1 Retransmission = Proceeding (Trying 200)",
      "200 Tick = Proceeding: Send 100",
    ]);
  });

  //= RFC 3261 §17.2.1
  //# While in the "Proceeding" state, if the TU passes a response with status code from 300 to 699
  //# to the server transaction, the response MUST be passed to the transport layer for
  //# transmission, and the state machine MUST enter the "Completed" state. For unreliable
  //# transports, timer G is set to fire in T1 seconds, and is not set to fire for reliable
  //# transports.
  //= RFC 3261 §17.2.1
  //# When the "Completed" state is entered, timer H MUST be set to fire in 64*T1 seconds for all
  //# transports.
  //= RFC 3261 §17.2.1
  //# If timer G fires, the response is passed to the transport layer once more for retransmission,
  //# and timer G is set to fire in MIN(2*T1, T2) seconds. From then on, when timer G fires, the
  //# response is passed to the transport again for transmission, and timer G is reset with a value
  //# that doubles, unless that value exceeds T2, in which case it is reset with the value of T2.
  //= RFC 3261 §17.2.1
  //# If timer H fires while in the "Completed" state, it implies that the ACK was never received.
  //# In this case, the server transaction MUST transition to the "Terminated" state, and MUST
  //# indicate to the TU that a transaction failure has occurred.
  test("RFC 3261 §17.2.1: a failure nobody acknowledges goes out eleven times over UDP", () => {
    expect(life(inviteServer, udp, [[0, respond(486)]])).toEqual([
      "0 start = Proceeding (Trying 200)",
      "0 Respond 486 = Completed (G 500, H 32000): Send 486",
      "500 Tick = Completed (G 1500, H 32000): Send 486",
      "1500 Tick = Completed (G 3500, H 32000): Send 486",
      "3500 Tick = Completed (G 7500, H 32000): Send 486",
      "7500 Tick = Completed (G 11500, H 32000): Send 486",
      "11500 Tick = Completed (G 15500, H 32000): Send 486",
      "15500 Tick = Completed (G 19500, H 32000): Send 486",
      "19500 Tick = Completed (G 23500, H 32000): Send 486",
      "23500 Tick = Completed (G 27500, H 32000): Send 486",
      "27500 Tick = Completed (G 31500, H 32000): Send 486",
      "31500 Tick = Completed (G 35500, H 32000): Send 486",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  test("RFC 3261 §17.2.1: over TCP it goes out once", () => {
    expect(life(inviteServer, tcp, [[0, respond(486)]])).toEqual([
      "0 start = Proceeding (Trying 200)",
      "0 Respond 486 = Completed (H 32000): Send 486",
      "32000 Tick = Terminated: Failed timeout",
    ]);
  });

  //= RFC 3261 §17.2.1
  //# while in the "Completed" state, if a request retransmission is received, the server SHOULD
  //# pass the response to the transport for retransmission.
  //= RFC 3261 §17.2.1
  //# If an ACK is received while the server transaction is in the "Completed" state, the server
  //# transaction MUST transition to the "Confirmed" state. As Timer G is ignored in this state, any
  //# retransmissions of the response will cease.
  //= RFC 3261 §17.2.1
  //# The purpose of the "Confirmed" state is to absorb any additional ACK messages that arrive,
  //# triggered from retransmissions of the final response.
  //= RFC 3261 §17.2.1
  //# When this state is entered, timer I is set to fire in T4 seconds for unreliable transports,
  //# and zero seconds for reliable transports. Once timer I fires, the server MUST transition to
  //# the "Terminated" state.
  test("RFC 3261 §17.2.1: an ACK stops it, and T4 more of ACKs are absorbed", () => {
    const script = [
      [100, respond(486)],
      [300, RETRANSMISSION],
      [700, ACK],
      [800, ACK],
    ] as const;
    expect(life(inviteServer, udp, script)).toEqual([
      "0 start = Proceeding (Trying 200)",
      "100 Respond 486 = Completed (G 600, H 32100): Send 486",
      "300 Retransmission = Completed (G 600, H 32100): Send 486",
      "600 Tick = Completed (G 1600, H 32100): Send 486",
      "700 Ack = Confirmed (I 5700): Acknowledged",
      "800 Ack = Confirmed (I 5700)",
      "5700 Tick = Terminated",
    ]);
  });

  test("RFC 3261 §17.2.1: over TCP the ACK is the end", () => {
    const script = [
      [100, respond(486)],
      [700, ACK],
    ] as const;
    expect(life(inviteServer, tcp, script)).toEqual([
      "0 start = Proceeding (Trying 200)",
      "100 Respond 486 = Completed (H 32100): Send 486",
      "700 Ack = Confirmed (I 700): Acknowledged",
      "700 Tick = Terminated",
    ]);
  });
});

//= RFC 6026 §7.1
//# The server transaction MUST NOT generate 2xx retransmissions on its own.
test("RFC 6026 §7.1: no Tick sends a 2xx again", () => {
  const [s] = step(udp, start(udp, 0)[0], respond(200), 0);
  for (let now = 0; now < 32_000; now += 100) expect(step(udp, s, TICK, now)).toEqual([s]);
});

//= RFC 6026 §7.1
//# A server transaction MUST NOT discard transaction state based only on encountering a
//# non-recoverable transport error when sending a response. Instead, the associated INVITE server
//# transaction state machine MUST remain in its current state.
//= RFC 6026 §8.8
//# the server transaction SHOULD inform the TU that a failure has occurred, and MUST remain in the
//# current state.
test("RFC 6026 §8.8: a transport error is told, and the machine stays where it is", () => {
  const [proceeding] = start(udp, 0);
  const states = [proceeding];
  for (const status of [180, 200, 486]) {
    states.push(step(udp, proceeding, respond(status), 1)[0]);
  }
  for (const s of states) {
    const [next, ...out] = step(udp, s, TRANSPORT_ERROR, 2);
    expect(next).toBe(s);
    expect(out).toEqual([{ kind: "Failed", reason: "transport", cause: "EHOSTUNREACH" }]);
  }
});

test.each([
  ["unreliable", udp],
  ["reliable", tcp],
])("every box, every arrow: %s", (_, p) => {
  const states: State[] = [
    { name: "Proceeding", timerTrying: 200, provisional: undefined },
    { name: "Proceeding", timerTrying: Infinity, provisional: text(180) },
    { name: "Completed", timerG: 500, intervalG: 500, timerH: 32_000, final: text(486) },
    { name: "Confirmed", timerI: 32_000 },
    { name: "Accepted", timerL: 32_000 },
    { name: "Terminated" },
  ];
  const inputs: [Input, number][] = [
    [RETRANSMISSION, 7],
    [ACK, 7],
    ...[100, 199, 200, 299, 300, 699].map((status): [Input, number] => [respond(status), 7]),
    [TICK, 7],
    [TICK, 500],
    [TICK, 32_000],
    [TRANSPORT_ERROR, 7],
    [ABANDON, 7],
  ];
  expect(arrows(inviteServer, p, states, inputs)).toMatchSnapshot();
});

const anyInput = fc.oneof(
  fc.integer({ min: 100, max: 699 }).map(respond),
  fc.constantFrom(TICK, RETRANSMISSION, ACK, TRANSPORT_ERROR),
);
const script = fc.array(fc.tuple(anyInput, fc.nat(12_000)), { maxLength: 40 });

//= RFC 3261 §17.2.1
//# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
//= RFC 6026 §7.1
//# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
//= RFC 6026 §8.7
//# Once the transaction is in the "Terminated" state, it MUST be destroyed immediately.
test("RFC 6026 §8.7: whatever arrives, whenever: it ends, and is silent after the end", () => {
  fc.assert(
    fc.property(fc.boolean(), script, (reliable, events) => {
      const p = { ...udp, reliable };
      let now = 0;
      let [s] = start(p, now);
      let final = 0;
      for (const [input, wait] of events) {
        now += wait;
        const [next, ...out] = step(p, s, input, now);
        if (s.name === "Terminated") expect([next, ...out]).toEqual([s]);
        if (next.name === s.name && out.length === 0) expect(next).toBe(s);
        if (input.kind === "Tick") expect(deadline(next)).toBeGreaterThan(now);
        if (next.name !== s.name && input.kind === "Respond") final++;
        s = next;
      }
      for (let n = 0; deadline(s) !== Infinity; n++) {
        expect(n).toBeLessThan(14);
        now = Math.max(now, deadline(s));
        [s] = step(p, s, TICK, now);
        expect(deadline(s)).toBeGreaterThan(now);
      }
      expect(s.name).toBe(final === 0 ? "Proceeding" : "Terminated");
      expect(step(p, s, ABANDON, now)).toEqual([{ name: "Terminated" }]);
      expect(final).toBeLessThan(2);
    }),
  );
});
