/** Inputs of `failover` in short, and its outputs in one line each. For tests only. */
import type * as failover from "./failover.ts";
import type { Target } from "./target.ts";

type Input = failover.Input;
type Output = failover.Output;
type Params = failover.Params;

const target = (n: number): Target => ({
  ...{ transport: "UDP", address: { host: `192.0.2.${n}`, port: 5060 }, name: "example.com" },
});
export const params = (count: number, invite = true): Params => ({
  targets: Array.from({ length: count }, (_, i) => target(i)),
  invite,
});
export const response = (attempt: number, status: number, retryAfterSeconds?: number): Input =>
  retryAfterSeconds === undefined
    ? { kind: "Response", attempt, status }
    : { kind: "Response", attempt, status, retryAfterSeconds };
export const refused = (attempt: number): Input => ({ kind: "Refused", attempt });
export const timedOut = (attempt: number): Input => ({ kind: "TimedOut", attempt });
export const TICK: Input = { kind: "Tick" };
export const ABANDON: Input = { kind: "Abandon" };

export function print(output: Output): string {
  switch (output.kind) {
    case "Try":
      return `Try ${output.attempt} ${output.target.transport} ${output.target.address.host}`;
    case "Exhausted":
      return `Exhausted ${output.reason}`;
    case "Silent":
    case "Answers":
      return `${output.kind} ${output.target.address.host}`;
    case "Unavailable":
      return `Unavailable ${output.target.address.host} for ${output.retryAfterSeconds}`;
    default:
      return `${output.kind} ${output.attempt}`;
  }
}
