import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../transaction/timers.ts";
import * as machine from "./keep-alive.ts";
import { lifeOf } from "./picture.ts";

const CRLF: machine.Params = {
  ...machine.pingTimes(undefined, true),
  ...{ patienceMs: machine.PONG_MS, isPromised: true },
};
const STUN: machine.Params = {
  ...machine.pingTimes(undefined, false),
  ...{ patienceMs: machine.STUN_MS, isPromised: true },
};

/** Its life with nobody answering: when each ping went out, and when it was given up. */
function alone(params: machine.Params): { pings: number[]; lostAt: number | undefined } {
  const pings: number[] = [];
  let [state, ...outputs] = machine.start(params, 0);
  for (let now = 0; pings.length < 100; ) {
    if (outputs.some(({ kind }) => kind === "Lost")) return { pings, lostAt: now };
    now = machine.deadline(state);
    [state, ...outputs] = machine.step(params, state, { kind: "Tick", random: 0.5 }, now);
    if (outputs.some(({ kind }) => kind === "Ping")) pings.push(now);
  }
  return { pings, lostAt: undefined };
}

describe("RFC 5626 §4.4: keep-alives", () => {
  test("§4.4.1 a pong that does not come within ten seconds is the end of the flow", () => {
    //= RFC 5626 §4.4.1
    //# If a pong is not received within 10 seconds after sending a ping (or immediately after
    //# processing any incoming message being received when that 10 seconds expires), then the
    //# client MUST treat the flow as failed.
    expect(alone(CRLF)).toEqual({ pings: [27_000], lostAt: 37_000 });
  });

  test("§4.4.2 over UDP it is asked seven times, and waited for sixteen RTOs in the end", () => {
    //= RFC 5626 §4.4.2
    //# If a STUN Binding Error Response is received, or if no Binding Response is received after 7
    //# retransmissions (16 times the STUN "RTO" timer -- where RTO is an estimate of round-trip
    //# time), the UA considers the flow failed.
    const { pings, lostAt } = alone(STUN);
    expect(pings.map((at) => at - 26_500)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect((lostAt ?? 0) - (pings.at(-1) ?? 0)).toBe(16 * 500);
  });

  test("§4.4 the silence of who never promised to answer says nothing", () => {
    //= RFC 5626 §4.4
    //# However a UA that did not register using outbound registration cannot expect a CRLF in
    //# response (a "pong") unless the UA has an explicit indication that CRLF keep-alives are
    //# supported as described in this section.
    const { pings, lostAt } = alone({ ...CRLF, isPromised: false });
    expect(pings).toHaveLength(100);
    expect(lostAt).toBeUndefined();
  });

  test("who answered once is known to answer, and is missed", () => {
    const params = { ...CRLF, isPromised: false };
    const life = lifeOf<machine.Params, machine.State, machine.Input, machine.Output>(
      { ...machine, start: (p, now) => machine.start(p, now, 0) },
      params,
      [[24_100, { kind: "Pong", random: 0 }]],
    );
    expect(life).toEqual([
      "0 start = Resting (Ping 24000)",
      "24000 Tick = Waiting (Pong 34000, sent 1) | Ping",
      "24100 Pong (random 0) = Resting (Ping 48100, answers)",
      expect.stringContaining("48100 Tick = Waiting"),
      expect.stringContaining("58100 Tick = Terminated | Lost"),
    ]);
  });

  test("§4.4 the server's own time counts, between four fifths of it and all", () => {
    //= RFC 5626 §4.4
    //# The UA MUST send keep-alives at least as often as this number of seconds. If the UA uses the
    //# server-recommended keep-alive frequency it SHOULD send its keep-alives so that the interval
    //# between each keep-alive is randomly distributed between 80% and 100% of the server-provided
    //# time.
    expect(machine.pingTimes(120, true)).toEqual({ lowMs: 96_000, highMs: 120_000 });
    expect(machine.pingTimes(0, true)).toEqual(machine.pingTimes(undefined, true));
    //= RFC 5626 §4.4.2
    //# When a Flow-Timer header field is not included in a successful registration response, the
    //# time between each keep-alive request SHOULD be a random number between 24 and 29 seconds.
    expect(machine.pingTimes(undefined, false)).toEqual({ lowMs: 24_000, highMs: 29_000 });
    //= RFC 5626 §4.4.1
    //# The UA MUST select a random number between a fixed or configurable upper bound and a lower
    //# bound, where the lower bound is 20% less then the upper bound.
    const { lowMs, highMs } = machine.pingTimes(undefined, true);
    expect(lowMs).toBe(0.8 * highMs);
  });

  test("in a call it is asked sooner, and missed within seven seconds", () => {
    const inCall = { ...CRLF, ...machine.IN_CALL };
    const [idle] = machine.start(CRLF, 0, 0.5);
    const [hurried] = machine.step(inCall, idle, { kind: "Hurry", random: 0.5 }, 1000);
    expect(machine.deadline(hurried)).toBe(3700);
    const [waiting] = machine.step(inCall, hurried, { kind: "Tick", random: 0 }, 3700);
    expect(machine.deadline(waiting)).toBe(7700);
    const [, ...outputs] = machine.step(inCall, waiting, { kind: "Tick", random: 0 }, 7700);
    expect(outputs).toEqual([{ kind: "Lost" }]);
  });

  test("§4.4.1 each interval is drawn anew", () => {
    //= RFC 5626 §4.4.1
    //# The random number will be different for each keep-alive "ping".
    const [first] = machine.start(CRLF, 0, 0);
    const [waiting] = machine.step(CRLF, first, { kind: "Tick", random: 0 }, 24_000);
    for (const random of [0, 0.25, 0.75]) {
      const [next] = machine.step(CRLF, waiting, { kind: "Pong", random }, 24_001);
      expect(machine.deadline(next)).toBe(24_001 + 24_000 + random * 6000);
    }
  });

  test("whatever comes, and when: abandoned it ends, and it never wakes up in the past", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const one = fc.record({
      kind: fc.constantFrom("Pong" as const, "Hurry" as const, "Tick" as const),
      random,
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.tuple(one, fc.nat(60_000))), (isPromised, all) => {
        const params = { ...STUN, isPromised };
        let now = 0;
        let [state] = machine.start(params, now);
        for (const [input, wait] of all) {
          now += wait;
          [state] = machine.step(params, state, input, now);
          const [ticked] = machine.step(params, state, { kind: "Tick", random: 0 }, now);
          expect(machine.deadline(ticked)).toBeGreaterThan(now);
        }
        const [end, ...outputs] = machine.step(params, state, { kind: "Abandon" }, now);
        expect([end.name, outputs, machine.deadline(end)]).toEqual(["Terminated", [], NEVER]);
        for (const [input] of all) expect(machine.step(params, end, input, now)).toEqual([end]);
      }),
    );
  });
});
