import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../transaction/timers.ts";
import {
  deadline,
  type Input,
  mayFollow,
  type Output,
  type Params,
  type State,
  start,
  step,
  TIMER_C,
  TIMER_DECLINE,
} from "./response-context.ts";

const invite: Params = { method: "INVITE", branches: 3, groups: 0, ringMs: 20_000 };
const message: Params = { ...invite, method: "MESSAGE" };

const said = (branch: number, status: number): Input => ({ kind: "Response", branch, status });
const CANCELLED: Input = { kind: "Cancelled" };
const TICK: Input = { kind: "Tick" };

/** Feeds inputs, all at one time or each at its own. */
function after(p: Params, ...inputs: readonly (Input | readonly [Input, number])[]): State {
  let [state] = start(p, 0);
  for (const one of inputs) {
    const [input, now] = "kind" in one ? [one, 0] : one;
    [state] = step(p, state, input, now);
  }
  return state;
}

function printed([state, ...outputs]: readonly [State, ...Output[]]): string {
  const words = outputs.map((one) => {
    const { kind, branch, status, cause } = one as Output & Record<string, unknown>;
    const facts = [branch, status, cause].filter((fact) => fact !== undefined);
    return [kind, ...facts].join(" ");
  });
  return [printedState(state), ...words].join(", ");
}

function printedState(state: State): string {
  if (state.name === "Answered") return state.name;
  const branches = state.ended.map((ended, i) => (ended ? "-" : timer(state.timerC[i])));
  const best = state.best ? ` best ${state.best.status}` : "";
  const decline = state.timerDecline === NEVER ? "" : ` decline ${state.timerDecline}`;
  return `${state.name} [${branches.join(" ")}]${best}${decline}`;
}

const timer = (at: number | undefined) => (at === NEVER ? "open" : String(at));

describe("every state with every input", () => {
  const inputs: readonly (readonly [string, Input, number])[] = [
    ["100 of the second", said(1, 100), 10],
    ["180 of the second", said(1, 180), 10],
    ["200 of the second", said(1, 200), 10],
    ["302 of the second", said(1, 302), 10],
    ["407 of the second", said(1, 407), 10],
    ["486 of the second", said(1, 486), 10],
    ["603 of the second", said(1, 603), 10],
    ["silence of the second", { kind: "Failed", branch: 1, status: 408 }, 10],
    ["no way to the second", { kind: "Failed", branch: 1, status: 503 }, 10],
    ["200 of the first", said(0, 200), 10],
    ["a CANCEL", CANCELLED, 10],
    ["a Tick too early", TICK, 10],
    ["a Tick when a decline is over", TICK, TIMER_DECLINE],
    ["a Tick after three minutes", TICK, TIMER_C],
  ];
  const states: readonly (readonly [string, (p: Params) => State])[] = [
    ["all open", (p) => after(p)],
    ["first ended with 486", (p) => after(p, said(0, 486))],
    ["first declined", (p) => after(p, said(0, 603))],
    ["only the second open", (p) => after(p, said(0, 404), said(2, 480))],
    ["answered", (p) => after(p, said(0, 200))],
  ];
  test.each([invite, message])("of a $method", (p) => {
    const lines = states.flatMap(([name, make]) => [
      `${name}: ${printedState(make(p))}`,
      ...inputs.map(([what, input, now]) => {
        const next = step(p, make(p), input, now);
        return `  + ${what} = ${printed(next)}`;
      }),
    ]);
    expect(lines.join("\n")).toMatchSnapshot();
  });
});

//= RFC 3261 §16.6
//# Timer C MUST be set for each client transaction when an INVITE request is proxied. The timer
//# MUST be larger than 3 minutes.
//= RFC 3261 §16.8
//# If timer C should fire, the proxy MUST either reset the timer with any value it chooses, or
//# terminate the client transaction.
//= RFC 3261 §16.7
//# For an INVITE transaction, if the response is a provisional response with status codes 101 to
//# 199 inclusive (i.e., anything but 100), the proxy MUST reset timer C for that client
//# transaction. The timer MAY be reset to a different value, but this value MUST be greater than 3
//# minutes.
test("RFC 3261 §16.8: timer C ends what rings for over three minutes, branch by branch", () => {
  expect(TIMER_C).toBeGreaterThan(180_000);
  expect(deadline(after(message))).toBe(NEVER);
  expect(deadline(after(invite))).toBe(TIMER_C);
  const rang = after(invite, [said(1, 183), 5000], [said(2, 100), 6000]);
  expect(deadline(rang)).toBe(TIMER_C);
  const [later, ...outputs] = step(invite, rang, TICK, TIMER_C);
  expect(outputs).toEqual([
    { kind: "GiveUp", branch: 0 },
    { kind: "GiveUp", branch: 2 },
  ]);
  expect(deadline(later)).toBe(5000 + TIMER_C);
});

//= RFC 3261 §16.7
//# It MUST choose from the 6xx class responses if any exist in the context. If no 6xx class
//# responses are present, the proxy SHOULD choose from the lowest response class stored in the
//# response context.
//= RFC 3261 §16.7
//# give preference to responses that provide information affecting resubmission of this request,
//# such as 401, 407, 415, 420, and 484
//= RFC 3261 §16.7
//# The stateful proxy MUST choose the "best" final response among those received and stored in the
//# response context.
test.each([
  [[503, 407, 501], 407],
  [[486, 603, 404], 603],
  [[404, 302, 500], 302],
  [[486, 408, 480], 486],
  [[408, 487, 486], 486],
  [[404, 484, 486], 484],
  [[500, 503, 404], 404],
  [[480, 404, 486], 404],
])("RFC 3261 §16.7: of %j the best is %i", (statuses, best) => {
  const [first = 0, second = 0, third = 0] = statuses;
  const [, ...outputs] = step(
    invite,
    after(invite, said(0, first), said(1, second)),
    said(2, third),
    0,
  );
  const branch = statuses.indexOf(best);
  expect(outputs).toEqual([{ kind: "ForwardBest", branch, status: best }]);
});

//= RFC 3261 §16.7
//# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
//# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
//# new branches in this context.
test("RFC 3261 §16.7: a decline stops the others, and waits for them, but not for ever", () => {
  const [state, ...outputs] = step(invite, after(invite), said(0, 603), 100);
  expect(outputs).toEqual([{ kind: "CancelOpen", cause: 603 }]);
  const [waiting, ...more] = step(invite, state, said(1, 487), 150);
  expect(more).toEqual([]);
  expect(step(invite, waiting, said(2, 487), 160).slice(1)).toEqual([
    { kind: "ForwardBest", branch: 0, status: 603 },
  ]);
  expect(deadline(waiting)).toBe(100 + TIMER_DECLINE);
  expect(step(invite, waiting, TICK, 100 + TIMER_DECLINE)).toEqual([
    { name: "Answered" },
    { kind: "ForwardBest", branch: 0, status: 603 },
  ]);
});

const statuses = fc.constantFrom(100, 180, 183, 200, 202, 302, 401, 404, 408, 486, 487, 503, 603);
const anyInput = (branches: number): fc.Arbitrary<Input> => {
  const branch = fc.nat({ max: branches - 1 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("Response"), branch, status: statuses }),
    },
    fc.record({ kind: fc.constant("Failed"), branch, status: fc.constantFrom(408, 503) }),
    fc.record({ kind: fc.constant("Beside"), branch, count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("Redirected"), branch, count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("Cancelled") }),
    fc.record({ kind: fc.constant("Tick") }),
  ) as fc.Arbitrary<Input>;
};
const anyRun = fc.integer({ min: 1, max: 10 }).chain((branches) =>
  fc.record({
    p: fc.record({
      method: fc.constantFrom("INVITE", "MESSAGE"),
      branches: fc.constant(branches),
      groups: fc.nat({ max: 3 }),
      ringMs: fc.constant(20_000),
    }),
    inputs: fc.array(fc.tuple(anyInput(branches), fc.nat({ max: 60_000 })), { maxLength: 40 }),
  }),
);

interface Spoken {
  readonly output: Output;
  readonly status: number;
}

/** A step, and the branches of the group that it opens, if it opens one. */
function stepped(
  p: Params,
  state: State,
  input: Input,
  now: number,
): readonly [State, ...Output[]] {
  const [next, ...outputs] = step(p, state, input, now);
  if (!outputs.some(({ kind }) => kind === "OpenNext")) return [next, ...outputs];
  const [after, ...more] = stepped(p, next, { kind: "Added", count: now % 3 }, now);
  return [after, ...outputs, ...more];
}

/** What goes upstream in a run, with its status. */
function spoken(p: Params, inputs: readonly (readonly [Input, number])[]): Spoken[] {
  const all: Spoken[] = [];
  let [state] = start(p, 0);
  let now = 0;
  for (const [input, wait] of inputs) {
    now += wait;
    const [next, ...outputs] = stepped(p, state, input, now);
    state = next;
    for (const output of outputs) {
      if (output.kind === "Forward" && input.kind === "Response")
        all.push({ output, status: input.status });
      if (output.kind === "ForwardBest") all.push({ output, status: output.status });
    }
  }
  return all;
}

describe("whatever comes in, in whatever order", () => {
  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  //= RFC 3261 §16.7
  //# A stateful proxy MUST NOT immediately forward any other responses. In particular, a stateful
  //# proxy MUST NOT forward any 100 (Trying) response.
  test("RFC 3261 §16.7: one final response goes up, and after it only 2xx of an INVITE", () => {
    fc.assert(
      fc.property(anyRun, ({ p, inputs }) => {
        const all = spoken(p, inputs);
        const first = all.findIndex(({ status }) => status >= 200);
        const later = first < 0 ? [] : all.slice(first + 1);
        expect(all.every(({ status }) => status !== 100)).toBe(true);
        expect(later.every(({ status }) => status >= 200 && status < 300)).toBe(true);
        if (p.method !== "INVITE") expect(later).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  //= RFC 3261 §16.7
  //# Until a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any provisional response other than 100 (Trying) - Any 2xx
  //# response
  //= RFC 3261 §16.7
  //# A stateful proxy MUST send a final response to a response context's server transaction if no
  //# final responses have been immediately forwarded by the above rules and all client transactions
  //# in this response context have been terminated.
  test("RFC 3261 §16.7: once every branch has ended, the caller has its answer", () => {
    fc.assert(
      fc.property(anyRun, fc.array(statuses.filter((status) => status >= 300)), (run, ends) => {
        const { p, inputs } = run;
        // Every group may add branches, and every redirection.
        const rest = Array.from({ length: 200 }, (_, branch): [Input, number] => [
          said(branch, ends[branch] ?? 480),
          0,
        ]);
        const all = spoken(p, [...inputs, ...rest]);
        expect(all.some(({ status }) => status >= 200)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  //= RFC 3261 §16.7
  //# If the forwarded response was a final response, the proxy MUST generate a CANCEL request for
  //# all pending client transactions associated with this response context.
  test("RFC 3261 §16.7: when one answers, the open ones are cancelled", () => {
    expect(step(invite, after(invite), said(1, 200), 0).slice(1)).toEqual([
      { kind: "Forward", branch: 1 },
      { kind: "CancelOpen", cause: 200 },
    ]);
    const alone = after(invite, said(0, 486), said(2, 486));
    expect(step(invite, alone, said(1, 200), 0).slice(1)).toEqual([{ kind: "Forward", branch: 1 }]);
    expect(step(message, after(message), said(1, 200), 0).slice(1)).toEqual([
      { kind: "Forward", branch: 1 },
    ]);
  });

  test("nothing is waited for after the end, and nothing earlier than now is asked for", () => {
    fc.assert(
      fc.property(anyRun, ({ p, inputs }) => {
        let [state] = start(p, 0);
        let now = 0;
        for (const [input, wait] of inputs) {
          now += wait;
          [state] = stepped(p, state, input, now);
          if (state.name === "Answered") expect(deadline(state)).toBe(NEVER);
          else if (input.kind === "Tick") expect(deadline(state)).toBeGreaterThan(now);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("RFC 3261 §16.7: a branch that is redirected", () => {
  const moved: Input = { kind: "Redirected", branch: 1, count: 2 };

  test("has ended without a response, and those that come of it count", () => {
    const state = after(invite, moved);
    expect(printedState(state)).toBe("Collecting [181000 - 181000 181000 181000]");
    const rest = after(invite, moved, said(0, 404), said(2, 404), said(3, 404));
    expect(mayFollow(rest, 4)).toBe(true);
    expect(step(invite, rest, said(4, 486), 0).slice(1)).toEqual([
      { kind: "ForwardBest", branch: 0, status: 404 },
    ]);
  });

  //= RFC 3261 §16.7
  //# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
  //# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
  //# new branches in this context.
  test("is not followed once it has ended, nor when all of it ends", () => {
    for (const end of [said(0, 603), CANCELLED, said(1, 486), said(0, 200)]) {
      const state = after(invite, end);
      expect(mayFollow(state, 1)).toBe(false);
      expect(step(invite, state, moved, 0)).toEqual([state]);
    }
    const moving = after({ ...invite, groups: 1 }, [TICK, 20_000]);
    expect(mayFollow(moving, 1)).toBe(false);
  });
});

describe("RFC 8599 §5.6.2: one that is tried beside a branch that is silent", () => {
  const beside: Input = { kind: "Beside", branch: 1, count: 1 };

  test("is waited for, and what the silent one has to say still counts", () => {
    const all = [said(0, 486), said(2, 486), said(3, 480)];
    expect(after(invite, beside, ...all)).toMatchObject({ name: "Collecting" });
    const [state, ...outputs] = step(invite, after(invite, beside, ...all), said(1, 200), 0);
    expect([state.name, outputs]).toEqual(["Answered", [{ kind: "Forward", branch: 1 }]]);
  });

  test("is not opened where that has ended, or nobody wants another", () => {
    for (const before of [said(1, 486), CANCELLED, said(0, 603), said(0, 200)]) {
      const state = after(invite, before);
      expect(step(invite, state, beside, 0)).toEqual([state]);
    }
  });
});

describe("RFC 3261 §16.6: one group of targets after the other", () => {
  const p: Params = { method: "INVITE", branches: 2, groups: 2, ringMs: 20_000 };
  const added = (count: number): Input => ({ kind: "Added", count });
  const outputs = ([, ...all]: readonly [State, ...Output[]]) => all.map(({ kind }) => kind);

  test("the next is opened when all of this one have failed, and the best of all counts", () => {
    const first = after(p, said(0, 486));
    expect(outputs(step(p, first, said(1, 480), 0))).toEqual(["OpenNext"]);
    const second = after(p, said(0, 486), said(1, 480), added(1));
    expect(printedState(second)).toBe("Collecting [- - 181000] best 486");
    expect(outputs(step(p, second, said(2, 200), 0))).toEqual(["Forward"]);
    const third = after(p, said(0, 486), said(1, 480), added(1), said(2, 404), added(1));
    expect(step(p, third, said(3, 408), 0).slice(1)).toEqual([
      { kind: "ForwardBest", branch: 0, status: 486 },
    ]);
  });

  test("a group that rings for long enough is cancelled, and left alone 2 s later", () => {
    const ringing = after(p, [said(0, 180), 1000]);
    expect(deadline(ringing)).toBe(20_000);
    const [moving, ...cancels] = step(p, ringing, TICK, 20_000);
    expect(cancels).toEqual([{ kind: "CancelOpen", cause: 408 }]);
    expect(deadline(moving)).toBe(20_000 + TIMER_DECLINE);
    const [gone] = step(p, moving, said(0, 487), 20_100);
    expect(outputs(step(p, gone, TICK, 20_000 + TIMER_DECLINE))).toEqual(["Abandon", "OpenNext"]);
    expect(outputs(step(p, gone, said(1, 487), 20_200))).toEqual(["OpenNext"]);
    // Who answers in the last moment has the call.
    expect(outputs(step(p, gone, said(1, 200), 20_200))).toEqual(["Forward"]);
  });

  test("nobody is waited for who could not be reached at all", () => {
    const state = after(p, said(0, 503), said(1, 503));
    expect(outputs(step(p, state, added(0), 0))).toEqual(["OpenNext"]);
    const none = after(p, said(0, 503), said(1, 503), added(0));
    expect(outputs(step(p, none, added(0), 0))).toEqual(["ForwardBest"]);
  });

  //= RFC 3261 §16.7
  //# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
  //# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
  //# new branches in this context.
  test("RFC 3261 §16.7: after a decline, and after a CANCEL, there is no next group", () => {
    const declined = after(p, said(0, 603));
    expect(outputs(step(p, declined, said(1, 487), 0))).toEqual(["ForwardBest"]);
    const cancelled = after(p, CANCELLED, said(0, 487));
    expect(outputs(step(p, cancelled, said(1, 487), 0))).toEqual(["ForwardBest"]);
  });

  test("other requests than INVITE do not ring: they wait for their answer", () => {
    const [state] = start({ ...p, method: "MESSAGE" }, 0);
    expect(deadline(state)).toBe(NEVER);
  });
});

describe("RFC 3261 §16.5: where a 3xx leads is tried instead", () => {
  //= RFC 3261 §16.7
  //# If the proxy chooses to recurse on any contacts in a 3xx response by adding them to the target
  //# set, it MUST remove them from the response before adding the response to the response context.
  test("and nothing of the 3xx is left to be the best response", () => {
    const state = after(invite, said(0, 486), said(2, 404), {
      kind: "Redirected",
      branch: 1,
      count: 2,
    });
    expect(printedState(state)).toBe("Collecting [- - - 181000 181000] best 486");
    const [next] = step(invite, state, said(3, 480), 0);
    expect(step(invite, next, said(4, 500), 0).slice(1)).toEqual([
      { kind: "ForwardBest", branch: 0, status: 486 },
    ]);
  });

  test("not once more for a branch that has ended", () => {
    const state = after(invite, said(0, 486));
    const again = step(invite, state, { kind: "Redirected", branch: 0, count: 2 }, 0);
    expect(again).toEqual([state]);
  });
});
