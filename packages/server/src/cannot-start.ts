/**
 * The program cannot do what it was asked on the command line, and its message says why and what
 * to do in words for the person at the keyboard. `main.ts` prints the message and no stack.
 */
import type { Outcome } from "./refusal.ts";

export class CannotStart extends Error {
  override readonly name: string = "CannotStart";
}

/** The value, or the refusal in its words as the reason. */
export function orCannotStart<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { message, hint } = outcome.refusal;
  throw new CannotStart(`${message} ${hint}`);
}
