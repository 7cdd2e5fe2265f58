import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Millis, NEVER } from "../grammar/millis.ts";
import * as suspects from "./suspects.ts";
import type { Target } from "./target.ts";
import { arrows } from "./testing-arrows.ts";

type Input = suspects.Input;
type State = suspects.State;

const target = (n: number, more: Partial<Target> = {}): Target => ({
  ...{ transport: "UDP", address: { host: "192.0.2.1", port: n }, name: "example.com", ...more },
});
const silent = (n: number): Input => ({ kind: "Silent", target: target(n) });
const answers = (n: number): Input => ({ kind: "Answers", target: target(n) });
const unavailable = (n: number, retryAfterSeconds: number): Input => ({
  ...{ kind: "Unavailable", target: target(n), retryAfterSeconds },
});
const TICK: Input = { kind: "Tick" };

function after(...inputs: readonly (readonly [Input, Millis])[]): State {
  let [s] = suspects.start();
  for (const [input, now] of inputs) [s] = suspects.step(s, input, now);
  return s;
}
const ports = (targets: readonly Target[]) => targets.map(({ address }) => address.port);
const order = (s: State, ...numbers: number[]) =>
  ports(
    suspects.trustedFirst(
      s,
      numbers.map((n) => target(n)),
    ),
  );

describe("one that was silent", () => {
  test("is tried last, in the order it had", () => {
    const s = after([silent(2), 0], [silent(1), 0]);
    expect(order(s, 1, 2, 3, 4)).toEqual([3, 4, 1, 2]);
    expect(order(s, 1, 2)).toEqual([1, 2]);
    expect(order(after(), 2, 1)).toEqual([2, 1]);
  });

  test("is asked by OPTIONS after thirty seconds, and every thirty after", () => {
    const s = after([silent(1), 0]);
    expect(suspects.deadline(s)).toBe(30_000);
    expect(suspects.step(s, TICK, 29_999)).toEqual([s]);
    const [next, ...probes] = suspects.step(s, TICK, 30_000);
    expect(probes).toEqual([{ kind: "Probe", target: target(1) }]);
    expect(suspects.deadline(next)).toBe(60_000);
    expect(order(next, 1, 2)).toEqual([2, 1]);
  });

  test("is trusted again with its first answer", () => {
    const s = after([silent(1), 0], [TICK, 30_000], [answers(1), 30_050]);
    expect(s.suspects.size).toBe(0);
    expect(suspects.deadline(s)).toBe(NEVER);
  });

  test("that is tried all the same and silent again is asked no later", () => {
    expect(suspects.deadline(after([silent(1), 0], [silent(1), 20_000]))).toBe(30_000);
  });

  test("is forgotten after ten questions", () => {
    let s = after([silent(1), 0]);
    let probes = 0;
    let now = 0;
    while (suspects.deadline(s) !== NEVER) {
      now = suspects.deadline(s);
      const [next, ...outputs] = suspects.step(s, TICK, now);
      s = next;
      probes += outputs.length;
    }
    expect(probes).toBe(10);
    expect(now).toBe(11 * 30_000);
  });

  test("over TCP is another than over UDP, and for TLS the name counts", () => {
    const s = after([silent(1), 0]);
    const tcp = target(1, { transport: "TCP" });
    expect(suspects.trustedFirst(s, [target(1), tcp])).toEqual([tcp, target(1)]);
    const tls = (name: string) => target(1, { transport: "TLS", name });
    const [secure] = suspects.step(s, { kind: "Silent", target: tls("a.org") }, 0);
    expect(suspects.trustedFirst(secure, [tls("a.org"), tls("b.org")])).toEqual([
      tls("b.org"),
      tls("a.org"),
    ]);
  });
});

describe("RFC 3261 §21.5.4: one that sent 503 with Retry-After", () => {
  test("is skipped for as long as it said, answers or not, and is not asked", () => {
    const s = after([unavailable(1, 120), 0], [answers(1), 5]);
    expect(order(s, 1, 2)).toEqual([2, 1]);
    expect(suspects.step(s, TICK, 119_999)).toEqual([s]);
    expect(suspects.step(s, TICK, 120_000)).toEqual([after()]);
  });

  test("for an hour at most", () => {
    expect(suspects.deadline(after([unavailable(1, 1e9), 0]))).toBe(3_600_000);
    expect(suspects.deadline(after([unavailable(1, -5), 7]))).toBe(7);
  });

  test("a silent one that answers so has said it itself", () => {
    const s = after([silent(1), 0], [unavailable(1, 120), 10_000]);
    expect(suspects.deadline(s)).toBe(130_000);
  });
});

test("of more than 256 the oldest is forgotten", () => {
  const many = Array.from({ length: 257 }, (_, i) => [silent(i + 1), i] as const);
  const s = after(...many);
  expect(s.suspects.size).toBe(256);
  expect(order(s, 1, 2, 3)).toEqual([1, 2, 3]);
  expect(order(s, 1, 2, 999)).toEqual([1, 999, 2]);
});

test("every state, every input", () => {
  const lines = arrows<State, Input, suspects.Output>(
    suspects.step,
    suspects.deadline,
    [
      ["nobody", after()],
      ["1 silent", after([silent(1), 0])],
      ["1 silent, asked nine times", after(...asked(9))],
      ["1 silent, asked ten times", after(...asked(10))],
      ["1 unavailable", after([unavailable(1, 60), 0])],
    ],
    [
      ["Silent 1", silent(1), 500],
      ["Silent 2", silent(2), 500],
      ["Answers 1", answers(1), 500],
      ["Answers 2", answers(2), 500],
      ["Unavailable 1 for 60", unavailable(1, 60), 500],
      ["Tick", TICK, 500],
      ["Tick", TICK, 400_000],
    ],
    ({ kind, target: { address } }) => `${kind} ${address.port}`,
  );
  expect(lines).toMatchSnapshot();
});

const asked = (times: number) => [
  [silent(1), 0] as const,
  ...Array.from({ length: times }, (_, i) => [TICK, (i + 1) * 30_000] as const),
];

test("whatever comes: nobody is lost from a list, and left alone the table empties itself", () => {
  const input = fc.oneof(
    fc.nat(300).map(silent),
    fc.nat(300).map(answers),
    fc.tuple(fc.nat(300), fc.nat(9_999)).map(([n, seconds]) => unavailable(n, seconds)),
    fc.constant(TICK),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.nat(40_000))), (script) => {
      let [s] = suspects.start();
      let now = 0;
      for (const [one, wait] of script) {
        now += wait;
        [s] = suspects.step(s, one, now);
        expect(s.suspects.size).toBeLessThanOrEqual(suspects.MAX_SUSPECTS);
        expect(order(s, 1, 2, 3, 4).sort()).toEqual([1, 2, 3, 4]);
      }
      let probes = 0;
      for (let i = 0; suspects.deadline(s) !== NEVER; i++) {
        expect(i).toBeLessThan(5_000);
        const [next, ...outputs] = suspects.step(s, TICK, suspects.deadline(s));
        s = next;
        probes += outputs.length;
      }
      expect(s.suspects.size).toBe(0);
      expect(probes).toBeLessThanOrEqual(suspects.MAX_SUSPECTS * suspects.MAX_PROBES);
    }),
    { numRuns: 50 },
  );
});
