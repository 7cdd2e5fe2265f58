/** The delivery to a plain phone drawn: specimens of its states and inputs. */
import { drawn, type Picture } from "../usage/picture.ts";
import * as machine from "./delivery.ts";

const params: machine.Params = {
  ...{ cursor: 4, waitMs: 10_000 },
  backOff: { baseMs: 30_000, maxMs: 1_800_000 },
};
const at = { cursor: 4, saved: 4 };

/** The machine drawn, as `pictures` of `carillon/usage` draws the others. */
export const delivery = (): Picture =>
  drawn<machine.Params, machine.State, machine.Input, machine.Output>({
    title: "Delivery of kept messages to a plain phone",
    file: "messaging/delivery.ts",
    source: "RFC 3428 §8",
    machine,
    params,
    states: [
      { name: "Waiting", ...at, timerPlain: 10_000 },
      { name: "Reading", ...at, failures: 1, isStale: false },
      { name: "Reading", ...at, failures: 0, isStale: true },
      { name: "Sending", ...at, failures: 1, seq: 6, form: "Original", hasText: true },
      { name: "Sending", ...at, failures: 0, seq: 6, form: "Text", hasText: true },
      { name: "Resting", ...at, failures: 1, timerRetry: 60_000 },
      { name: "Idle", ...at },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Entry", seq: 6, hasText: true }, 7],
      [{ kind: "Nothing", upTo: 5 }, 7],
      [{ kind: "Nothing", upTo: 104 }, 7],
      [{ kind: "Unread", random: 0 }, 7],
      [{ kind: "Answered", status: 200, random: 0 }, 7],
      [{ kind: "Answered", status: 408, random: 0 }, 7],
      [{ kind: "Answered", status: 415, random: 0 }, 7],
      [{ kind: "Answered", status: 603, random: 0 }, 7],
      [{ kind: "Added" }, 7],
      [{ kind: "Registered" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 60_000],
      [{ kind: "Abandon" }, 7],
    ],
  });
