/** Specimens of the machine's states and inputs. */
import { NEVER } from "../../transaction/timers.ts";
import type { Input, State } from "../notifier.ts";
import * as machine from "../notifier.ts";
import { drawn, type Picture } from "../picture.ts";

const subscribed = {
  ...{ timerExpires: 3_600_000, timerNotify: NEVER, lastNotify: 0, open: 0, changed: false },
};

const states: readonly State[] = [
  { name: "Pending", ...subscribed },
  { name: "Active", ...subscribed },
  { name: "Active", ...subscribed, timerNotify: 5000, changed: true },
  { name: "Active", ...subscribed, open: 1, changed: true },
  { name: "Terminated" },
];

const inputs: readonly (readonly [Input, number])[] = [
  [{ kind: "Subscribe", expiresSeconds: 7200 }, 7],
  [{ kind: "Subscribe", expiresSeconds: undefined }, 7],
  [{ kind: "Subscribe", expiresSeconds: 10 }, 7],
  [{ kind: "Subscribe", expiresSeconds: 0 }, 7],
  [{ kind: "Response", status: 200 }, 7],
  [{ kind: "Response", status: 408 }, 7],
  [{ kind: "Response", status: 481 }, 7],
  [{ kind: "Response", status: 500 }, 6000],
  [{ kind: "Changed" }, 7],
  [{ kind: "Changed" }, 6000],
  [{ kind: "Granted" }, 7],
  [{ kind: "End", reason: "rejected", retryAfterSeconds: undefined }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 5000],
  [{ kind: "Tick" }, 3_600_000],
  [{ kind: "Abandon" }, 7],
];

export const notifier = (): Picture =>
  drawn({
    title: "Subscription, the side that knows",
    file: "usage/notifier.ts",
    source: "RFC 6665 §4.2",
    machine,
    params: {
      askedSeconds: 3600,
      granted: false,
      policy: { defaultSeconds: 3600, minSeconds: 60, maxSeconds: 3600, minGapMs: 5000 },
    },
    states,
    inputs,
  });
