/** The end of a long record, short enough for a terminal. */
const WIDTH = 180;

export function lastLines(lines: readonly string[], count: number): readonly string[] {
  return lines
    .flatMap((line) => line.trimEnd().split(/\r?\n/))
    .slice(-count)
    .map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line));
}
