/** Specimens of the machine's states and inputs. */
import { NEVER } from "../../transaction/timers.ts";
import { DEFAULT_BACK_OFF } from "../back-off.ts";
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../registration.ts";
import * as machine from "../registration.ts";

const asked = { askedSeconds: 600, failures: 0 };
const fresh = { raised: false, redirects: 0, again: false };

const states: readonly State[] = [
  { name: "Registering", timerExpires: NEVER, ...asked, ...fresh },
  { name: "Registering", timerExpires: 600_000, ...asked, ...fresh, again: true },
  { name: "Registered", timerRefresh: 300_000, timerExpires: 600_000, askedSeconds: 600 },
  { name: "Waiting", timerRetry: 60_000, timerExpires: NEVER, ...asked },
  { name: "Waiting", timerRetry: 60_000, timerExpires: 600_000, ...asked },
  { name: "Stopping", bound: false },
  { name: "Stopping", bound: true },
  { name: "Unregistering" },
  { name: "Terminated" },
];

const response = (status: number, more: Partial<Input> = {}): Input =>
  ({
    ...{ kind: "Response", status, expiresSeconds: undefined, redirected: false, random: 0.5 },
    ...{ minExpiresSeconds: undefined, retryAfterSeconds: undefined, ...more },
  }) as Input;

const inputs: readonly (readonly [Input, number])[] = [
  [response(200, { expiresSeconds: 300 }), 7],
  [response(200, { expiresSeconds: 1 }), 7],
  [response(302, { redirected: true }), 7],
  [response(403), 7],
  [response(408), 7],
  [response(423, { minExpiresSeconds: 3600 }), 7],
  [response(503, { retryAfterSeconds: 120 }), 7],
  [{ kind: "FlowLost", random: 0.5 }, 7],
  [{ kind: "Refresh" }, 7],
  [{ kind: "Stop" }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 60_000],
  [{ kind: "Tick" }, 300_000],
  [{ kind: "Tick" }, 600_000],
  [{ kind: "Abandon" }, 7],
];

export const registration = (): Picture =>
  drawn({
    title: "Registration",
    file: "usage/registration.ts",
    source: "RFC 3261 §10.2, RFC 5626 §4.5",
    machine,
    params: { expiresSeconds: 600, backOff: DEFAULT_BACK_OFF, spreadMs: 2000 },
    states,
    inputs,
  });
