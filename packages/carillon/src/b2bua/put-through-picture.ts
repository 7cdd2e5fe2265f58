/** A transfer that the agent carries out, drawn. docs/machines.md shows it. */
import { drawn, type Picture } from "../usage/picture.ts";
import * as machine from "./put-through.ts";

const params = machine.PUT_THROUGH;

const after = (...inputs: readonly machine.Input[]): machine.State =>
  inputs.reduce(
    (state, input) => machine.step(params, state, input, 0)[0],
    machine.start(params, 0)[0],
  );

/** The machine drawn, as `pictures` of `carillon/usage` draws the others. */
export const putThrough = (): Picture =>
  drawn({
    title: "A transfer that a back-to-back agent carries out",
    file: "b2bua/put-through.ts",
    source: "RFC 5589 §6, RFC 3515 §2.4",
    machine,
    params,
    states: [
      after(),
      after({ kind: "TransferorLeft" }),
      after({ kind: "Answered" }),
      after({ kind: "TransferorLeft" }, { kind: "Answered" }),
      after({ kind: "Answered" }, { kind: "Joined" }),
      after({ kind: "Refused", status: 486 }),
    ],
    inputs: [
      [{ kind: "Progress", status: 180 }, 10],
      [{ kind: "Answered" }, 10],
      [{ kind: "Refused", status: 486 }, 10],
      [{ kind: "Joined" }, 10],
      [{ kind: "Unjoined", status: 488 }, 10],
      [{ kind: "TransferorLeft" }, 10],
      [{ kind: "TransfereeLeft" }, 10],
      [{ kind: "TargetLeft" }, 10],
      [{ kind: "Tick" }, 10],
      [{ kind: "Tick" }, params.partingMs],
      [{ kind: "Tick" }, params.joiningMs],
      [{ kind: "Tick" }, params.callingMs],
    ],
  });
