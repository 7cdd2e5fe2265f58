/** What can live on a host: an endpoint, or anything that behaves like one. */
import type { Input, Output } from "../../endpoint/input-output.ts";
import type { Millis } from "../../grammar/millis.ts";

/** What a machine asks of this network; an endpoint's outputs, and what only misfits do. */
export type MachineOutput =
  | Output
  /** FIN: it says nothing more on this connection, and goes on listening. */
  | { readonly kind: "Finish"; readonly connection: number }
  /** RST: both directions end at once. */
  | { readonly kind: "Reset"; readonly connection: number };

/** Whatever lives on a host: an `Endpoint`, a `ScriptedPeer`, a `Tape`. */
export interface Machine {
  /** What it asks for when this happens; `now` is in ms, and never goes back. */
  handle(input: Input, now: Millis): readonly MachineOutput[];
  /** When it wants a Tick, in ms; NEVER if it does not. */
  deadline(): Millis;
}
