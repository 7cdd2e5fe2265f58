import { describe, expect, test } from "vitest";
import { type Millis, NEVER } from "../grammar/millis.ts";
import * as failover from "./failover.ts";
import { MAX_TARGETS } from "./target.ts";
import { ABANDON, params, print, refused, response, TICK, timedOut } from "./testing-failover.ts";
import { targetsForSize } from "./transport-choice.ts";

type Input = failover.Input;
type Params = failover.Params;

/** One life: inputs at their times, with every Tick that the machine asks for in between. */
function life(p: Params, script: readonly (readonly [at: Millis, input: Input])[]): string[] {
  let [s, ...outputs] = failover.start(p, 0);
  const lines = outputs.map((output) => `0 ${print(output)}`);
  const take = (input: Input, now: Millis) => {
    [s, ...outputs] = failover.step(p, s, input, now);
    lines.push(...outputs.map((output) => `${now} ${print(output)}`));
  };
  for (const [at, input] of [...script, [NEVER, TICK] as const]) {
    for (let i = 0; failover.deadline(s) < at; i++) {
      if (i > 99) throw new Error("it ticks for ever");
      take(TICK, failover.deadline(s));
    }
    if (at !== NEVER) take(input, at);
  }
  return [...lines, s.name];
}

describe("a server that refuses is left at once", () => {
  //= RFC 3263 §4.3
  //# For SIP requests, failure occurs if the transaction layer reports a 503 error response or a
  //# transport failure of some sort (generally, due to fatal ICMP errors in UDP or connection
  //# failures in TCP).
  //= RFC 3263 §4.3
  //# If a failure occurs, the client SHOULD create a new request, which is identical to the
  //# previous, but has a different value of the Via branch ID than the previous (and therefore
  //# constitutes a new SIP transaction). That request is sent to the next element in the list as
  //# specified by RFC 2782.
  test("by ICMP, a reset, or a TLS alert: the next is tried in the same step", () => {
    expect(
      life(params(3), [
        [5, refused(0)],
        [9, refused(1)],
        [20, response(2, 200)],
      ]),
    ).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "5 Try 1 UDP 192.0.2.1",
      "9 Try 2 UDP 192.0.2.2",
      "20 Deliver 2",
      "Ended",
    ]);
  });

  //= RFC 3261 §21.5.4
  //# A client (proxy or UAC) receiving a 503 (Service Unavailable) SHOULD attempt to forward the
  //# request to an alternate server. It SHOULD NOT forward any other requests to that server for
  //# the duration specified in the Retry-After header field, if present.
  test("by 503; how long it wants to be left alone is told", () => {
    const said = life(params(2), [
      [5, response(0, 503, 120)],
      [9, response(1, 503)],
    ]);
    expect(said).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "5 Unavailable 192.0.2.0 for 120",
      "5 Try 1 UDP 192.0.2.1",
      "9 Exhausted unavailable",
      "Ended",
    ]);
  });

  test("also after a provisional response", () => {
    const said = life(params(2), [
      [5, response(0, 100)],
      [6, response(0, 503)],
      [7, response(1, 180)],
      [8, refused(1)],
    ]);
    expect(said).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "5 Deliver 0",
      "6 Try 1 UDP 192.0.2.1",
      "7 Deliver 1",
      "8 Exhausted unavailable",
      "Ended",
    ]);
  });

  test("all of them: the request has failed, in no time", () => {
    expect(
      life(params(2), [
        [5, refused(0)],
        [9, refused(1)],
      ]).slice(-2),
    ).toEqual(["9 Exhausted refused", "Ended"]);
  });
});

describe("a server that is silent", () => {
  test("has two seconds, then the next is tried beside it, and so on", () => {
    expect(life(params(3), [])).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "2000 Silent 192.0.2.0",
      "2000 Try 1 UDP 192.0.2.1",
      "4000 Silent 192.0.2.1",
      "4000 Try 2 UDP 192.0.2.2",
      "6000 Silent 192.0.2.2",
      "Trying",
    ]);
  });

  //= RFC 3263 §4.3
  //# Failure also occurs if the transaction layer times out without ever having received any
  //# response, provisional or final (i.e., timer B or timer F in RFC 3261 [1] fires).
  test("keeps its timers: only when all have run out has the request failed", () => {
    const said = life(params(2), [
      [32_000, timedOut(0)],
      [34_000, timedOut(1)],
    ]);
    expect(said.slice(-2)).toEqual(["34000 Exhausted timeout", "Ended"]);
  });

  test("any response within the two seconds is enough: nobody else is asked", () => {
    const said = life(params(2), [
      [1_999, response(0, 100)],
      [90_000, response(0, 486)],
    ]);
    expect(said).toEqual(["0 Try 0 UDP 192.0.2.0", "1999 Deliver 0", "90000 Deliver 0", "Ended"]);
  });

  test("may still be the first to answer, and then has the request", () => {
    const said = life(params(2), [
      [3_000, response(0, 180)],
      [5_000, response(0, 200)],
    ]);
    expect(said.slice(3, 7)).toEqual([
      "3000 Answers 192.0.2.0",
      "3000 Deliver 0",
      "3000 GiveUp 1",
      "5000 Deliver 0",
    ]);
  });

  test("whose 2xx comes when another has the call: ACK and BYE, each time it comes", () => {
    const said = life(params(2), [
      [2_500, response(1, 180)],
      [3_000, response(0, 180)],
      [4_000, response(0, 200)],
      [4_500, response(0, 200)],
      [5_000, response(1, 200)],
      [6_000, response(0, 200)],
      [7_000, response(1, 200)],
    ]);
    expect(said).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "2000 Silent 192.0.2.0",
      "2000 Try 1 UDP 192.0.2.1",
      "2500 Deliver 1",
      "2500 GiveUp 0",
      "4000 Late2xx 0",
      "4500 Late2xx 0",
      "5000 Deliver 1",
      "6000 Late2xx 0",
      "7000 Deliver 1",
      "Ended",
    ]);
  });

  test("whose given-up INVITE fails as it should is forgotten", () => {
    const p = params(2);
    const said = life(p, [
      [2_500, response(1, 180)],
      [2_600, response(0, 487)],
      [2_700, response(0, 200)],
      [3_000, response(1, 486)],
    ]);
    expect(said.slice(-2)).toEqual(["3000 Deliver 1", "Ended"]);
    expect(said.join()).not.toContain("Late2xx");
  });

  test("is waited for after the end no longer than its INVITE can live", () => {
    const p = params(2);
    let [s] = failover.start(p, 0);
    [s] = failover.step(p, s, TICK, 2_000);
    [s] = failover.step(p, s, response(1, 486), 3_000);
    expect(s.name).toBe("Finished");
    expect(failover.deadline(s)).toBe(3_000 + failover.LATE_MS);
    expect(failover.step(p, s, response(0, 180), 3_001)).toEqual([s]);
    expect(failover.step(p, s, response(0, 487), 3_002)[0].name).toBe("Ended");
    expect(failover.step(p, s, timedOut(0), 32_000)[0].name).toBe("Ended");
    expect(failover.step(p, s, TICK, 3_000 + failover.LATE_MS)[0].name).toBe("Ended");
  });

  //= RFC 3261 §13.2.2.4
  //# The UAC core considers the INVITE transaction completed 64*T1 seconds after the reception of
  //# the first 2xx response.
  test("leaves who accepted to 64*T1 for more forks, and then only who was given up", () => {
    const p = params(2);
    let [s] = failover.start(p, 0);
    [s] = failover.step(p, s, TICK, 2_000);
    [s] = failover.step(p, s, response(1, 200), 3_000);
    expect(failover.deadline(s)).toBe(3_000 + failover.FORKS_MS);
    const [, fork] = failover.step(p, s, response(1, 200), 34_999);
    expect(fork).toEqual({ kind: "Deliver", attempt: 1 });
    [s] = failover.step(p, s, TICK, 35_000);
    expect(failover.deadline(s)).toBe(3_000 + failover.LATE_MS);
    expect(failover.step(p, s, response(1, 200), 35_001)).toEqual([s]);
    const [, late] = failover.step(p, s, response(0, 200), 35_002);
    expect(late).toEqual({ kind: "Late2xx", attempt: 0 });
    expect(failover.step(p, s, TICK, 3_000 + failover.LATE_MS)[0].name).toBe("Ended");
  });

  test("and fails before that leaves nothing to wait for but the forks", () => {
    const p = params(2);
    let [s] = failover.start(p, 0);
    [s] = failover.step(p, s, TICK, 2_000);
    [s] = failover.step(p, s, response(1, 200), 3_000);
    [s] = failover.step(p, s, response(0, 487), 3_100);
    expect(failover.deadline(s)).toBe(3_000 + failover.FORKS_MS);
    expect(failover.step(p, s, TICK, 3_000 + failover.FORKS_MS)[0].name).toBe("Ended");
  });

  test("that is refused while another is in its two seconds moves nothing", () => {
    const said = life(params(3), [[2_500, refused(0)]]);
    expect(said.slice(3, 5)).toEqual(["4000 Silent 192.0.2.1", "4000 Try 2 UDP 192.0.2.2"]);
  });

  test("the last of all, when the others refused, still has its time", () => {
    const said = life(params(2), [
      [5, refused(0)],
      [5_000, response(1, 200)],
    ]);
    expect(said.slice(2)).toEqual([
      "2005 Silent 192.0.2.1",
      "5000 Answers 192.0.2.1",
      "5000 Deliver 1",
      "Ended",
    ]);
  });

  //= RFC 4320 §4.1
  //# An SIP element MUST NOT respond to a non-INVITE request with a Status-Code of 100 over any
  //# unreliable transport, such as UDP, before the amount of time it takes a client transaction's
  //# Timer E to be reset to T2.
  test("has five seconds for what is not an INVITE: nobody may say 100 to that at once", () => {
    expect(life(params(2, false), []).slice(1)).toEqual([
      "5000 Silent 192.0.2.0",
      "5000 Try 1 UDP 192.0.2.1",
      "10000 Silent 192.0.2.1",
      "Trying",
    ]);
  });

  test("is not only silent but dead when its transaction ends sooner", () => {
    const said = life(params(2, false), [[1_000, timedOut(0)]]);
    expect(said.slice(1, 3)).toEqual(["1000 Silent 192.0.2.0", "1000 Try 1 UDP 192.0.2.1"]);
  });

  test("503 from a silent one clears it, unless it asks for time", () => {
    expect(life(params(2), [[3_000, response(0, 503)]]).slice(3, 4)).toEqual([
      "3000 Answers 192.0.2.0",
    ]);
    expect(life(params(2), [[3_000, response(0, 503, 9)]]).slice(3, 4)).toEqual([
      "3000 Unavailable 192.0.2.0 for 9",
    ]);
  });
});

describe("RFC 3261 §8.2.2.2: 482, when two copies met", () => {
  test("says that the silent one has its copy: it is waited for, and no third is sent", () => {
    const said = life(params(3), [
      [2_200, response(1, 482)],
      [9_000, response(0, 180)],
      [9_500, response(0, 200)],
    ]);
    expect(said.slice(2)).toEqual([
      "2000 Try 1 UDP 192.0.2.1",
      "9000 Answers 192.0.2.0",
      "9000 Deliver 0",
      "9500 Deliver 0",
      "Ended",
    ]);
  });

  test("of the silent one, before the other has answered, says so of the other", () => {
    const said = life(params(3), [
      [2_200, response(0, 482)],
      [2_300, response(1, 200)],
    ]);
    expect(said.slice(3)).toEqual(["2200 Answers 192.0.2.0", "2300 Deliver 1", "Ended"]);
  });

  test("is an outcome like any other where nobody else has a copy", () => {
    expect(life(params(2), [[5, response(0, 482)]]).slice(1)).toEqual(["5 Deliver 0", "Ended"]);
  });
});

test("a timer that runs out after a provisional response is an outcome, and no failure", () => {
  const said = life(params(2, false), [
    [5, response(0, 100)],
    [32_000, timedOut(0)],
  ]);
  expect(said.slice(-2)).toEqual(["32000 Exhausted timeout", "Ended"]);
  expect(said.join()).not.toContain("Try 1");
});

test("RFC 3261 §18.1.1: TCP that is refused is followed by UDP to the same server, once", () => {
  const p = { ...params(2), targets: targetsForSize(params(2).targets, { bytes: 2_000 }, ["TCP"]) };
  const said = life(p, [
    [5, refused(0)],
    [9, refused(1)],
    [12, response(2, 503)],
    [15, refused(3)],
  ]);
  expect(said).toEqual([
    "0 Try 0 TCP 192.0.2.0",
    "5 Try 1 UDP 192.0.2.0",
    "9 Try 2 TCP 192.0.2.1",
    "12 Exhausted unavailable",
    "Ended",
  ]);
});

test("a silent TCP that is refused at last is tried over UDP when its turn comes", () => {
  const p = { ...params(2), targets: targetsForSize(params(2).targets, { bytes: 2_000 }, ["TCP"]) };
  const said = life(p, [
    [3_000, refused(0)],
    [3_500, refused(1)],
  ]);
  expect(said.slice(3, 6)).toEqual([
    "3500 Try 2 UDP 192.0.2.1",
    "5500 Silent 192.0.2.1",
    "5500 Try 3 UDP 192.0.2.0",
  ]);
});

describe("what is not an INVITE", () => {
  test("has no late acceptances: with its final response it is over", () => {
    const p = params(2, false);
    const said = life(p, [
      [5_500, response(1, 100)],
      [5_600, response(0, 200)],
      [6_000, response(1, 200)],
    ]);
    expect(said.slice(-2)).toEqual(["6000 Deliver 1", "Ended"]);
    expect(said.join()).not.toContain("Late2xx");
  });

  test("waits for nobody after the last has failed", () => {
    const p = params(2, false);
    const said = life(p, [
      [5_500, response(1, 100)],
      [6_000, response(1, 503)],
    ]);
    expect(said.slice(-2)).toEqual(["6000 Exhausted unavailable", "Ended"]);
  });
});

describe("Abandon", () => {
  test("gives up whoever was tried; a 2xx that crosses is late", () => {
    const said = life(params(3), [
      [2_500, ABANDON],
      [2_600, response(0, 200)],
    ]);
    expect(said).toEqual([
      "0 Try 0 UDP 192.0.2.0",
      "2000 Silent 192.0.2.0",
      "2000 Try 1 UDP 192.0.2.1",
      "2500 GiveUp 0",
      "2500 GiveUp 1",
      "2500 Exhausted abandoned",
      "2600 Late2xx 0",
      "Ended",
    ]);
  });

  test("of the one that rings", () => {
    const said = life(params(2), [
      [5, response(0, 180)],
      [9, ABANDON],
      [20, response(0, 487)],
    ]);
    expect(said.slice(2)).toEqual(["9 GiveUp 0", "9 Exhausted abandoned", "Ended"]);
  });

  test("after the end is the end of waiting", () => {
    const said = life(params(2), [
      [5, response(0, 200)],
      [6, ABANDON],
      [7, response(0, 200)],
    ]);
    expect(said.slice(1)).toEqual(["5 Deliver 0", "Ended"]);
  });
});

test("who has no target has nothing to fail over", () => {
  expect(() => failover.start(params(0), 0)).toThrow(RangeError);
});

test("more targets than eight are not tried", () => {
  const tries = life(params(20), []).filter((line) => line.includes(" Try "));
  expect(tries).toHaveLength(MAX_TARGETS);
});
