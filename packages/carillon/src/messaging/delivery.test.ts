import fc from "fast-check";
import { expect, test } from "vitest";
import { mermaid } from "../usage/mermaid.ts";
import { printPicture } from "../usage/picture.ts";
import * as machine from "./delivery.ts";
import { delivery } from "./delivery-picture.ts";

test("every box, every arrow", () => {
  expect(printPicture(delivery())).toMatchSnapshot();
});

test("as a diagram", () => {
  expect(mermaid(delivery())).toMatchSnapshot();
});

const params: machine.Params = {
  ...{ cursor: 0, waitMs: 0, backOff: { baseMs: 1000, maxMs: 8000 } },
};
const random = 0.5;

/** A phone takes a message, takes it as text, is not there, or does not want it. */
const answers = fc.array(fc.constantFrom(200, 202, 408, 415, 480, 503, 403, 603), {
  minLength: 1,
  maxLength: 60,
});

test("RFC 3428 §8: brings everything in order, one at a time, whatever the phone answers", () => {
  const property = fc.property(fc.nat(30), answers, (count, all) => {
    const done: number[] = [];
    const advanced: number[] = [];
    let now = 0;
    let asked = 0;
    let [state, ...outputs] = machine.start(params, now);
    const feed = (input: machine.Input) => {
      const [next, ...more] = machine.step(params, state, input, now);
      state = next;
      outputs.push(...more);
    };
    for (let turn = 0; turn < 1000 && state.name !== "Idle"; turn++) {
      const output = outputs.shift();
      if (!output) {
        now = Math.max(now, machine.deadline(state));
        feed({ kind: "Tick" });
      } else if (output.kind === "Read") {
        const seq = output.after + 1;
        if (seq <= count) feed({ kind: "Entry", seq, hasText: seq % 2 === 0 });
        else feed({ kind: "Nothing", upTo: count });
      } else if (output.kind === "Send") {
        // In the end it takes what it gets.
        feed({ kind: "Answered", status: all[asked++] ?? 200, random });
      } else if (output.kind === "Advance") advanced.push(output.seq);
      else done.push(output.seq);
    }
    const everything = Array.from({ length: count }, (_, i) => i + 1);
    expect(state.name).toBe("Idle");
    expect([done, advanced]).toEqual([everything, everything]);
  });
  fc.assert(property);
});

const input: fc.Arbitrary<machine.Input> = fc.oneof(
  fc.record({ kind: fc.constant("Entry" as const), seq: fc.nat(9), hasText: fc.boolean() }),
  fc.record({ kind: fc.constant("Nothing" as const), upTo: fc.nat(9) }),
  fc.record({ kind: fc.constant("Unread" as const), random: fc.constant(random) }),
  fc.record({
    kind: fc.constant("Answered" as const),
    status: fc.integer({ min: 200, max: 699 }),
    random: fc.constant(random),
  }),
  fc.constantFrom({ kind: "Added" }, { kind: "Registered" }, { kind: "Tick" }),
) as fc.Arbitrary<machine.Input>;

test("can be ended at any time, and says nothing from then on", () => {
  const property = fc.property(fc.array(input), fc.array(input), (before, after) => {
    let [state] = machine.start({ ...params, waitMs: 10 }, 0);
    let now = 0;
    const feed = (one: machine.Input) => {
      const [next, ...outputs] = machine.step(params, state, one, ++now);
      state = next;
      return outputs;
    };
    for (const one of before) expect(feed(one).length).toBeLessThanOrEqual(3);
    expect(feed({ kind: "Abandon" })).toEqual([]);
    expect([state.name, machine.deadline(state)]).toEqual(["Terminated", Number.POSITIVE_INFINITY]);
    for (const one of after) expect(feed(one)).toEqual([]);
  });
  fc.assert(property);
});
