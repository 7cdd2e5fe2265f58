/** A leg drawn: specimens of its states and inputs. docs/machines.md shows it. */
import { drawn, type Picture } from "../../usage/picture.ts";
import * as machine from "./leg.ts";

const params: machine.Params = { ...machine.LEG_TIMES, longestMs: 3_600_000 };

const after = (...inputs: readonly machine.Input[]): machine.State =>
  inputs.reduce(
    (state, input) => machine.step(params, state, input, 0)[0],
    machine.start(params, 0)[0],
  );

const ANSWERED: machine.Input = { kind: "Answered", sessionMs: 90_000 };

/** The machine drawn, as `pictures` of `carillon/usage` draws the others. */
export const outgoingLeg = (): Picture =>
  drawn({
    title: "A leg of a call that leaves the house",
    file: "roles/outgoing/leg.ts",
    source: "RFC 3261 §15, RFC 4028 §10",
    machine,
    params,
    states: [
      after(),
      after({ kind: "Exhausted" }),
      after(ANSWERED),
      after(ANSWERED, { kind: "Doubted" }),
      after({ kind: "Refused" }),
    ],
    inputs: [
      [ANSWERED, 10],
      [{ kind: "Answered", sessionMs: undefined }, 10],
      [{ kind: "Refused" }, 10],
      [{ kind: "Refreshed", sessionMs: 60_000 }, 10],
      [{ kind: "Parted" }, 10],
      [{ kind: "Doubted" }, 10],
      [{ kind: "Leaving" }, 10],
      [{ kind: "Exhausted" }, 10],
      [{ kind: "ByeAnswered", status: 200 }, 10],
      [{ kind: "ByeAnswered", status: 481 }, 10],
      [{ kind: "ByeAnswered", status: 500 }, 10],
      [{ kind: "Tick" }, 10],
      [{ kind: "Tick" }, params.longestMs],
    ],
  });
