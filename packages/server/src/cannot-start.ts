/**
 * The program cannot do what it was asked on the command line, and its message says why and what
 * to do in words for the person at the keyboard. `main.ts` prints the message and no stack.
 */
import type { Outcome, Refusal } from "./refusal.ts";

export class CannotStart extends Error {
  override readonly name: string = "CannotStart";
  /** What was refused, if it is one of the house's refusals: for programs that read it. */
  readonly refusal: Refusal | undefined;

  constructor(why: string | Refusal) {
    super(typeof why === "string" ? why : `${why.message} ${why.hint}`);
    this.refusal = typeof why === "string" ? undefined : why;
  }
}

/** The value, or the refusal in its words as the reason. */
export function orCannotStart<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new CannotStart(outcome.refusal);
}
