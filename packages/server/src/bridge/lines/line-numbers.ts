/** Under which names and numbers lines are called. */
import { LINES, type LineName } from "./line-acts.ts";

/** What is dialled for each line beside its name. */
export type LineNumbers = { readonly [Line in LineName]?: readonly string[] | undefined };

/** For phones without letters, where the operator says nothing else. */
export const USUAL_NUMBERS: LineNumbers = {
  echo: ["*43"],
  tone: ["*44"],
  clock: ["*60"],
};

/** From what is dialled to the line; names are those of the lines themselves. */
export function lineNumbers(numbers: LineNumbers = {}): ReadonlyMap<string, LineName> {
  return new Map(
    LINES.flatMap((line) => [
      [line, line] as const,
      ...(numbers[line] ?? USUAL_NUMBERS[line] ?? []).map((dialled) => [dialled, line] as const),
    ]),
  );
}
