/** A machine printed, every state with every input as one line, for tests to keep and review. */
import { type Millis, NEVER } from "../grammar/millis.ts";

interface Kind {
  readonly kind: string;
}
interface Named {
  readonly name: string;
}

/** `Trying + Refused 0 at 7 = Trying until 2007: Try 1`, a line for each pair. */
export function arrows<S extends Named, I extends Kind, O extends Kind>(
  step: (state: S, input: I, now: Millis) => readonly [S, ...O[]],
  deadline: (state: S) => Millis,
  states: readonly (readonly [label: string, state: S])[],
  inputs: readonly (readonly [label: string, input: I, now: Millis])[],
  printOutput: (output: O) => string,
): string {
  const lines = states.flatMap(([before, state]) =>
    inputs.map(([what, input, now]) => {
      const [next, ...outputs] = step(state, input, now);
      const until = deadline(next) === NEVER ? "" : ` until ${deadline(next)}`;
      const said = outputs.map(printOutput).join(", ");
      return `${before} + ${what} at ${now} = ${next.name}${until}${said && `: ${said}`}`;
    }),
  );
  return lines.join("\n");
}
