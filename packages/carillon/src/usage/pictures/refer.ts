/** Specimens of both sides' states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input as RefereeInput, State as RefereeState } from "../referee.ts";
import * as refereeMachine from "../referee.ts";
import type { Input as ReferrerInput, State as ReferrerState } from "../referrer.ts";
import * as referrerMachine from "../referrer.ts";

const asking: readonly ReferrerState[] = [
  { name: "Asking" },
  { name: "Following", status: 100, answered: false },
  { name: "Following", status: 100, answered: true },
  { name: "Terminated" },
];

const heard: readonly (readonly [ReferrerInput, number])[] = [
  [{ kind: "Response", status: 200, reports: true }, 7],
  [{ kind: "Response", status: 200, reports: false }, 7],
  [{ kind: "Response", status: 408, reports: false }, 7],
  [{ kind: "Response", status: 603, reports: false }, 7],
  [{ kind: "Report", status: 100 }, 7],
  [{ kind: "Report", status: 180 }, 7],
  [{ kind: "Report", status: 200 }, 7],
  [{ kind: "Report", status: 486 }, 7],
  [{ kind: "Unsubscribed", told: true }, 7],
  [{ kind: "Unsubscribed", told: false }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Abandon" }, 7],
];

export const referrer = (): Picture =>
  drawn({
    title: "REFER, the side that asks",
    file: "usage/referrer.ts",
    source: "RFC 3515 §2.4",
    machine: referrerMachine,
    params: {},
    states: asking,
    inputs: heard,
  });

const asked: readonly RefereeState[] = [
  { name: "Asked", timerAnswer: 1000, timerDecide: 60_000 },
  { name: "Undecided", timerDecide: 60_000 },
  { name: "Following", status: 100 },
  { name: "Terminated" },
];

const done: readonly (readonly [RefereeInput, number])[] = [
  [{ kind: "Allow" }, 7],
  [{ kind: "Refuse", status: 603 }, 7],
  [{ kind: "Progress", status: 100 }, 7],
  [{ kind: "Progress", status: 180 }, 7],
  [{ kind: "Final", status: 200 }, 7],
  [{ kind: "Final", status: 486 }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 1000],
  [{ kind: "Tick" }, 60_000],
  [{ kind: "Abandon" }, 7],
];

export const referee = (): Picture =>
  drawn({
    title: "REFER, the side that is asked",
    file: "usage/referee.ts",
    source: "RFC 3515 §2.4",
    machine: refereeMachine,
    params: { answerMs: 1000, decideMs: 60_000 },
    states: asked,
    inputs: done,
  });
