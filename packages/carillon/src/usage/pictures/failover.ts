/** Specimens of one request that tries several servers, and of those that did not answer. */
import * as machine from "../../locate/failover.ts";
import * as suspectsMachine from "../../locate/suspects.ts";
import type { Target } from "../../locate/target.ts";
import { drawn, type Picture } from "../picture.ts";

const TICK = { kind: "Tick" } as const;
const target = (n: number): Target => ({
  ...{ transport: "UDP", address: { host: `192.0.2.${n}`, port: 5060 }, name: "example.com" },
});

export function failover(): Picture {
  const params = { targets: [target(1), target(2), target(3)], invite: true };
  const response = (attempt: number, status: number): machine.Input => ({
    ...{ kind: "Response", attempt, status },
  });
  const after = (...inputs: readonly (readonly [machine.Input, number])[]): machine.State =>
    inputs.reduce(
      (s, [input, now]) => machine.step(params, s, input, now)[0],
      machine.start(params, 0)[0],
    );
  const silent = [TICK, 2000] as const;
  return drawn({
    title: "One request and several servers",
    file: "locate/failover.ts",
    source: "RFC 3263 §4.3, RFC 3261 §16.6",
    machine,
    params,
    states: [
      after(),
      after(silent),
      after(silent, [TICK, 4000], [TICK, 6000]),
      after(silent, [response(1, 180), 2100]),
      after(silent, [response(1, 486), 2100]),
      after([response(0, 486), 1]),
    ],
    inputs: [
      [response(0, 100), 2300],
      [response(0, 200), 2300],
      [response(0, 486), 2300],
      [response(0, 503), 2300],
      [{ kind: "Response", attempt: 0, status: 503, retryAfterSeconds: 9 }, 2300],
      [response(1, 180), 2300],
      [response(1, 200), 2300],
      [response(1, 503), 2300],
      [{ kind: "Refused", attempt: 0 }, 2300],
      [{ kind: "Refused", attempt: 1 }, 2300],
      [{ kind: "TimedOut", attempt: 0 }, 2300],
      [TICK, 1999],
      [TICK, 2300],
      [TICK, 70_000],
      [{ kind: "Abandon" }, 2300],
    ],
  });
}

export function suspects(): Picture {
  const on = {
    ...suspectsMachine,
    start: () => suspectsMachine.start(),
    step: (_: undefined, s: suspectsMachine.State, input: suspectsMachine.Input, now: number) =>
      suspectsMachine.step(s, input, now),
  };
  const silent = (n: number): suspectsMachine.Input => ({ kind: "Silent", target: target(n) });
  const after = (...inputs: readonly (readonly [suspectsMachine.Input, number])[]) =>
    inputs.reduce(
      (s, [input, now]) => suspectsMachine.step(s, input, now)[0],
      suspectsMachine.start()[0],
    );
  const asked = Array.from({ length: 10 }, (_, i) => [TICK, (i + 1) * 30_000] as const);
  const unavailable: suspectsMachine.Input = {
    ...{ kind: "Unavailable", target: target(1), retryAfterSeconds: 60 },
  };
  return drawn({
    title: "Servers that did not answer",
    file: "locate/suspects.ts",
    source: "RFC 3263 §4.3, RFC 3261 §21.5.4",
    machine: on,
    params: undefined,
    states: [
      after(),
      after([silent(1), 0]),
      after([silent(1), 0], ...asked),
      after([unavailable, 0]),
    ],
    inputs: [
      [silent(1), 500],
      [silent(2), 500],
      [{ kind: "Answers", target: target(1) }, 500],
      [{ kind: "Answers", target: target(2) }, 500],
      [unavailable, 500],
      [TICK, 500],
      [TICK, 30_000],
      [TICK, 400_000],
    ],
    endless: true,
  });
}
