/** Specimens of the machine's states and inputs. */
import { NEVER } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../subscriber.ts";
import * as machine from "../subscriber.ts";

const subscribed = {
  ...{ timerExpires: 3_600_000, timerRefresh: 3_000_000, timerN: NEVER, since: 0 },
  ...{ forksUntil: 32_000, isFork: false, askedSeconds: 3600, raised: false },
  ...{ awaiting: undefined, toldExpires: true },
};
const refreshing = {
  ...{ ...subscribed, timerRefresh: NEVER, timerN: 3_032_000 },
  ...({ awaiting: "Refresh", toldExpires: false } as const),
};

const states: readonly State[] = [
  { name: "Init", timerRetry: 60_000 },
  {
    ...{ name: "NotifyWait", timerN: 32_000, since: 0 },
    ...{ askedSeconds: 3600, grantedSeconds: 3600, answered: false, raised: false },
  },
  { name: "Pending", ...subscribed },
  { name: "Active", ...subscribed },
  { name: "Active", ...refreshing },
  { name: "Leaving", timerN: 32_000, told: false },
  { name: "Leaving", timerN: 32_000, told: true },
  { name: "Terminated" },
];

const response = (status: number, more: Partial<Input> = {}): Input =>
  ({
    ...{ kind: "Response", status, expiresSeconds: undefined },
    ...{ minExpiresSeconds: undefined, retryAfterSeconds: undefined, ...more },
  }) as Input;

const notify = (state: "active" | "pending" | "terminated", more: Partial<Input> = {}): Input =>
  ({
    ...{ kind: "Notify", state, expiresSeconds: undefined },
    ...{ reason: undefined, retryAfterSeconds: undefined, ...more },
  }) as Input;

const inputs: readonly (readonly [Input, number])[] = [
  [response(200, { expiresSeconds: 1800 }), 7],
  [response(204, { expiresSeconds: 1800 }), 7],
  [response(404), 7],
  [response(408), 7],
  [response(423, { minExpiresSeconds: 7200 }), 7],
  [response(481), 7],
  [response(503, { retryAfterSeconds: 120 }), 7],
  [notify("pending"), 7],
  [notify("active"), 7],
  [notify("active", { expiresSeconds: 600 }), 7],
  [notify("terminated"), 7],
  [notify("terminated", { reason: "deactivated" }), 40_000],
  [notify("terminated", { reason: "probation", retryAfterSeconds: 90 }), 7],
  [notify("terminated", { reason: "rejected" }), 7],
  [{ kind: "Refresh" }, 7],
  [{ kind: "Unsubscribe" }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 60_000],
  [{ kind: "Tick" }, 3_000_000],
  [{ kind: "Tick" }, 3_600_000],
  [{ kind: "Abandon" }, 7],
];

export const subscriber = (): Picture =>
  drawn({
    title: "Subscription, the side that wants to know",
    file: "usage/subscriber.ts",
    source: "RFC 6665 §4.1",
    machine,
    params: { expiresSeconds: 3600, t1: 500, forks: true, retrySeconds: 300 },
    states,
    inputs,
  });
