/** A held request drawn: specimens of its states and inputs. docs/machines.md shows it. */
import { drawn, type Picture } from "../usage/picture.ts";
import * as machine from "./wake-hold.ts";

const params: machine.Params = { holdMs: 30_000 };

const after = (...inputs: readonly machine.Input[]): machine.State =>
  inputs.reduce(
    (state, input) => machine.step(params, state, input, 0)[0],
    machine.start(params, 0)[0],
  );

/** The machine drawn, as `pictures` of `carillon/usage` draws the others. */
export const wakeHold = (): Picture =>
  drawn({
    title: "A request that waits for its phone to wake",
    file: "roles/wake-hold.ts",
    source: "RFC 8599 §5.2, §5.6.2",
    machine,
    params,
    states: [after(), after({ kind: "Pushed" }), after({ kind: "Registered" })],
    inputs: [
      [{ kind: "Pushed" }, 10],
      [{ kind: "NotPushed", why: "no such phone" }, 10],
      [{ kind: "Registered" }, 10],
      [{ kind: "Declined" }, 10],
      [{ kind: "Cancelled" }, 10],
      [{ kind: "Tick" }, 10],
      [{ kind: "Tick" }, params.holdMs],
    ],
  });
