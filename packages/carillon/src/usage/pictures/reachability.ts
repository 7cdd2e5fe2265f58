/** Specimens of the machines that keep a phone reachable: their states and inputs. */
import { NEVER } from "../../transaction/timers.ts";
import * as alive from "../keep-alive.ts";
import { drawn, type Picture } from "../picture.ts";
import * as again from "../reconnection.ts";
import * as order from "../server-order.ts";

const random = 0.5;

export const serverOrder = (): Picture =>
  drawn<order.Params, order.State, order.Input, order.Output>({
    title: "Server order",
    file: "usage/server-order.ts",
    source: "RFC 5626 §4.2, §4.5",
    machine: order,
    params: { count: 3, patienceMs: 5000, comeBack: { baseMs: 30_000, maxMs: 600_000 } },
    endless: true,
    states: [
      { name: "Idle" },
      { name: "Trying", server: 0, timerPatience: 5000 },
      { name: "Trying", server: 2, timerPatience: NEVER },
      { name: "Using", server: 0, timerReturn: NEVER, failures: 0 },
      { name: "Using", server: 2, timerReturn: 30_000, failures: 0 },
      { name: "Returning", server: 2, better: 0, timerPatience: 35_000, failures: 0 },
      { name: "Returning", server: 2, better: 1, timerPatience: 35_000, failures: 1 },
    ],
    inputs: [
      [{ kind: "Want" }, 7],
      [{ kind: "Failed", random }, 7],
      [{ kind: "Worked", random }, 7],
      [{ kind: "Lost" }, 7],
      [{ kind: "Tick", random }, 7],
      [{ kind: "Tick", random }, 5000],
      [{ kind: "Tick", random }, 35_000],
      [{ kind: "Abandon" }, 7],
    ],
  });

export const keepAlive = (): Picture =>
  drawn<alive.Params, alive.State, alive.Input, alive.Output>({
    title: "Keep-alive",
    file: "usage/keep-alive.ts",
    source: "RFC 5626 §3.5, §4.4",
    machine: alive,
    params: { lowMs: 24_000, highMs: 30_000, patienceMs: [500, 1000], isPromised: false },
    states: [
      { name: "Resting", timerPing: 27_000, answers: false },
      { name: "Resting", timerPing: 27_000, answers: true },
      { name: "Waiting", timerPong: 27_500, sent: 1, answers: false },
      { name: "Waiting", timerPong: 27_500, sent: 1, answers: true },
      { name: "Waiting", timerPong: 28_500, sent: 2, answers: true },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Pong", random }, 7],
      [{ kind: "Hurry", random }, 7],
      [{ kind: "Tick", random }, 7],
      [{ kind: "Tick", random }, 27_000],
      [{ kind: "Tick", random }, 28_500],
      [{ kind: "Abandon" }, 7],
    ],
  });

export const reconnection = (): Picture =>
  drawn<again.Params, again.State, again.Input, again.Output>({
    title: "Reconnection",
    file: "usage/reconnection.ts",
    source: "RFC 3261 §12.2.1, RFC 5626 §4.5",
    machine: again,
    params: { keepMs: 120_000, delayMs: 0, backOff: { baseMs: 500, maxMs: 4000 } },
    states: [
      { name: "Connected" },
      { name: "CutOff", timerGiveUp: 120_000 },
      { name: "Restoring", timerGiveUp: 120_000, failures: 0 },
      { name: "Waiting", timerAgain: 750, timerGiveUp: 120_000, failures: 1 },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "CutOff" }, 7],
      [{ kind: "Back" }, 7],
      [{ kind: "Moved" }, 7],
      [{ kind: "Refreshed" }, 7],
      [{ kind: "Response", status: 200, random }, 7],
      [{ kind: "Response", status: 430, random }, 7],
      [{ kind: "Response", status: 481, random }, 7],
      [{ kind: "Response", status: 488, random }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 750],
      [{ kind: "Tick" }, 120_000],
      [{ kind: "Abandon" }, 7],
    ],
  });
