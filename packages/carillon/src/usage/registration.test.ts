import { describe, expect, test } from "vitest";
import { DEFAULT_BACK_OFF } from "./back-off.ts";
import { lifeOf } from "./picture.ts";
import * as registration from "./registration.ts";

type Input = registration.Input;
type Params = registration.Params;

const p: Params = { expiresSeconds: 3600, backOff: DEFAULT_BACK_OFF, spreadMs: 2000 };

const nothing = { expiresSeconds: undefined, minExpiresSeconds: undefined };
const granted = (expiresSeconds?: number): Input => ({
  ...{ kind: "Response", status: 200, ...nothing, expiresSeconds },
  ...{ retryAfterSeconds: undefined, redirected: false, random: 0 },
});
const refused = (status: number, random = 0, retryAfterSeconds?: number): Input => ({
  ...{ kind: "Response", status, ...nothing, retryAfterSeconds, redirected: false, random },
});
const tooBrief = (minExpiresSeconds: number): Input =>
  ({ ...refused(423), minExpiresSeconds }) as Input;
const redirected = { ...refused(302), redirected: true } as Input;
const stop: Input = { kind: "Stop" };
const refresh: Input = { kind: "Refresh" };
const flowLost: Input = { kind: "FlowLost", random: 0.5 };
const tick: Input = { kind: "Tick" };

type Script = readonly (readonly [number, Input])[];

function told(script: Script, max = 12): readonly string[] {
  return lifeOf(registration, p, script, max).map((line) => {
    const [when = "", became = ""] = line.split(" = ");
    const [state = "", ...outputs] = became.split(" | ");
    return `${when.split(" ")[0]} ${state.split(" ")[0]}: ${outputs.join(", ")}`;
  });
}

const REGISTER = "Registering: Register (expiresSeconds 3600)";

//= RFC 3261 §10.2.4
//# If so, it updates the expiration time interval according to the expires parameter or, if absent,
//# the Expires field value. The UA then issues a REGISTER request for each of its bindings before
//# the expiration interval has elapsed.
test("RFC 3261 §10.2.4: it is refreshed before it expires, for as long as was granted", () => {
  const script = [
    [100, granted(600)],
    [300_200, granted(7200)],
  ] as const;
  expect(told(script, 5)).toEqual([
    `0 ${REGISTER}`,
    "100 Registered: Registered (expiresSeconds 600)",
    `300100 ${REGISTER}`,
    "300200 Registered: Registered (expiresSeconds 7200)",
    `6900200 ${REGISTER}`,
  ]);
});

test("RFC 3261 §10.2.4: a 2xx that does not name us grants what was asked for", () => {
  expect(told([[100, granted()]], 3).slice(1)).toEqual([
    "100 Registered: Registered (expiresSeconds 3600)",
    `3000100 ${REGISTER}`,
  ]);
});

describe("refusals", () => {
  //= RFC 3261 §10.2.8
  //# If a UA receives a 423 (Interval Too Brief) response, it MAY retry the registration after
  //# making the expiration interval of all contact addresses in the REGISTER request equal to or
  //# greater than the expiration interval within the Min-Expires header field of the 423 (Interval
  //# Too Brief) response.
  test("RFC 3261 §10.2.8: a 423 is obeyed, once, and remembered", () => {
    const script = [
      [100, tooBrief(7200)],
      [200, granted(7200)],
    ] as const;
    expect(told(script, 4).slice(1)).toEqual([
      "100 Registering: Register (expiresSeconds 7200)",
      "200 Registered: Registered (expiresSeconds 7200)",
      "6600200 Registering: Register (expiresSeconds 7200)",
    ]);
    expect(
      told([
        [100, tooBrief(7200)],
        [200, tooBrief(9000)],
      ]).at(-1),
    ).toBe("200 Terminated: Refused 423");
    expect(told([[100, tooBrief(60)]]).at(-1)).toBe("100 Terminated: Refused 423");
  });

  test("a refusal on merit is final", () => {
    for (const status of [400, 403, 404, 606]) {
      expect(told([[100, refused(status)]])).toEqual([
        `0 ${REGISTER}`,
        `100 Terminated: Refused ${status}`,
      ]);
    }
  });

  //= RFC 3261 §10.2.7
  //# If the transaction layer returns a timeout error because the REGISTER yielded no response, the
  //# UAC SHOULD NOT immediately re-attempt a registration to the same registrar.
  //= RFC 5626 §4.5
  //# The UA MUST wait for at least the value of the retry delay time before trying another
  //# registration to form a new flow for that URI (a 503 response to an earlier failed registration
  //# attempt with a Retry-After header field value may cause the UA to wait longer).
  test("RFC 5626 §4.5: after silence it waits, longer each time, half an hour at most", () => {
    const waits: number[] = [];
    let [s] = registration.start(p, 0);
    for (let now = 0, n = 0; n < 8; n++) {
      [s] = registration.step(p, s, refused(408, n % 2), now);
      waits.push((registration.deadline(s) - now) / 1000);
      now = registration.deadline(s);
      [s] = registration.step(p, s, tick, now);
    }
    expect(waits).toEqual([30, 120, 120, 480, 480, 1800, 900, 1800]);
  });

  test("RFC 5626 §4.5: a Retry-After makes it wait longer, never less", () => {
    expect(told([[0, refused(503, 0, 600)]], 3).slice(1)).toEqual([
      "0 Waiting: Lost 503",
      `600000 ${REGISTER}`,
    ]);
    expect(told([[0, refused(503, 0, 1)]], 3).at(-1)).toBe(`30000 ${REGISTER}`);
    expect(told([[0, refused(404, 0, 60)]], 3).at(-1)).toBe(`60000 ${REGISTER}`);
  });

  test("after a success the waits begin anew", () => {
    const script = [
      [0, refused(500)],
      [30_000, tick],
      [30_000, granted(600)],
      [330_000, tick],
      [330_000, refused(500)],
    ] as const;
    expect(told(script, 7).slice(-2)).toEqual(["330000 Waiting: ", `360000 ${REGISTER}`]);
  });

  test("RFC 3261 §8.1.3.4: a redirection is followed, five times", () => {
    const script = Array.from({ length: 6 }, (_, n) => [n, redirected] as const);
    expect(told(script)).toEqual([
      `0 ${REGISTER}`,
      ...[0, 1, 2, 3, 4].map((n) => `${n} Registering: Redirect (expiresSeconds 3600)`),
      "5 Terminated: Refused 302",
    ]);
    expect(told([[0, refused(302)]]).at(-1)).toBe("0 Terminated: Refused 302");
  });

  test("who grants next to nothing is not asked again at once", () => {
    expect(told([[0, granted(1)]], 3).slice(1)).toEqual([
      "0 Waiting: Lost 200",
      `30000 ${REGISTER}`,
    ]);
  });
});

describe("while it lasts", () => {
  test("a refresh that fails loses nothing until the binding expires", () => {
    const script = [
      [0, granted(600)],
      [300_000, tick],
      [300_000, refused(500, 0.999)],
      [359_970, tick],
      [359_970, refused(500, 0.999)],
      [479_910, tick],
      [479_910, refused(500, 0.999)],
    ] as const;
    expect(told(script, 9).slice(3)).toEqual([
      "300000 Waiting: ",
      `359970 ${REGISTER}`,
      "359970 Waiting: ",
      `479910 ${REGISTER}`,
      "479910 Waiting: ",
      "600000 Waiting: Lost",
    ]);
  });

  test("one that fails just then has lost it", () => {
    const script = [
      [0, granted(600)],
      [300_000, tick],
      [600_000, refused(500)],
    ] as const;
    expect(told(script, 4).at(-1)).toBe("600000 Waiting: Lost 500");
  });

  test("and one that has no answer by then says so, too", () => {
    expect(told([[0, granted(600)]], 4).slice(2)).toEqual([
      `300000 ${REGISTER}`,
      "600000 Registering: Lost",
    ]);
  });

  test("who slept through it all is lost, and begins anew", () => {
    const [s] = registration.step(p, registration.start(p, 0)[0], granted(600), 0);
    expect(registration.step(p, s, tick, 9_000_000).slice(1)).toEqual([
      { kind: "Lost", status: undefined },
      { kind: "Register", expiresSeconds: 3600 },
    ]);
  });

  //= RFC 5626 §4.5
  //# When a flow used for registration (through a particular URI in the outbound-proxy-set) fails,
  //# the UA needs to form a new flow to replace the old flow and replace any registrations that
  //# were previously sent over this flow.
  test("RFC 5626 §4.5: without its flow it begins anew, not all phones at once", () => {
    const script = [
      [0, granted(600)],
      [5000, flowLost],
    ] as const;
    expect(told(script, 4).slice(2)).toEqual(["5000 Waiting: Lost", `6000 ${REGISTER}`]);
  });

  test("a flow that goes while something is on its way is told once", () => {
    const script = [
      [0, granted(600)],
      [1000, refresh],
      [2000, flowLost],
      [3000, flowLost],
      [4000, refused(503)],
      [5000, flowLost],
    ] as const;
    expect(told(script, 7).slice(2)).toEqual([
      `1000 ${REGISTER}`,
      "2000 Registering: Lost",
      "3000 Registering: ",
      "4000 Waiting: Lost 503",
      "5000 Waiting: ",
    ]);
    const waiting = [
      [0, granted(600)],
      [1000, refresh],
      [2000, refused(500)],
      [3000, flowLost],
    ] as const;
    expect(told(waiting, 5).slice(3)).toEqual(["2000 Waiting: ", "3000 Waiting: Lost"]);
  });

  //= RFC 3261 §10.2
  //# UAs MUST NOT send a new registration (that is, containing new Contact header field values, as
  //# opposed to a retransmission) until they have received a final response from the registrar for
  //# the previous one or the previous REGISTER request has timed out.
  test("RFC 3261 §10.2: one REGISTER at a time; what changes meanwhile goes into the next", () => {
    const script = [
      [10, refresh],
      [20, refresh],
      [100, granted(600)],
      [200, granted(600)],
    ] as const;
    expect(told(script, 6).slice(1)).toEqual([
      "10 Registering: ",
      "20 Registering: ",
      "100 Registering: Registered (expiresSeconds 600), Register (expiresSeconds 3600)",
      "200 Registered: Registered (expiresSeconds 600)",
      `300200 ${REGISTER}`,
    ]);
  });

  test("the network is back: it need not wait any longer", () => {
    const script = [
      [0, refused(503)],
      [5000, refresh],
    ] as const;
    expect(told(script, 3).at(-1)).toBe(`5000 ${REGISTER}`);
  });
});

describe("stopping", () => {
  //= RFC 3261 §10.2.2
  //# A UA requests the immediate removal of a binding by specifying an expiration interval of "0"
  //# for that contact address in a REGISTER request. UAs SHOULD support this mechanism so that
  //# bindings can be removed before their expiration interval has passed.
  test("RFC 3261 §10.2.2: the binding is taken back, whatever the answer", () => {
    for (const answer of [granted(0), refused(500), refused(408)]) {
      expect(
        told([
          [0, granted(600)],
          [100, stop],
          [200, answer],
        ]).slice(2),
      ).toEqual(["100 Unregistering: Register (expiresSeconds 0)", "200 Terminated: Unregistered"]);
    }
  });

  test("after the answer to what is on its way; without a binding there is nothing to take", () => {
    expect(
      told([
        [10, stop],
        [20, granted(600)],
        [30, granted(0)],
      ]).slice(1),
    ).toEqual([
      "10 Stopping: ",
      "20 Unregistering: Register (expiresSeconds 0)",
      "30 Terminated: Unregistered",
    ]);
    expect(
      told([
        [10, stop],
        [20, refused(500)],
      ]).at(-1),
    ).toBe("20 Terminated: Unregistered");
    expect(
      told([
        [10, refused(500)],
        [20, stop],
      ]).at(-1),
    ).toBe("20 Terminated: Unregistered");
    const bound = [
      [0, granted(600)],
      [10, refresh],
      [20, stop],
      [30, refused(500)],
    ] as const;
    expect(told(bound).at(-1)).toBe("30 Unregistering: Register (expiresSeconds 0)");
    const waiting = [
      [0, granted(600)],
      [10, refresh],
      [20, refused(500)],
      [30, stop],
    ] as const;
    expect(told(waiting).at(-1)).toBe("30 Unregistering: Register (expiresSeconds 0)");
  });
});
