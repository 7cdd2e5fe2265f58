/** A picture of a machine as a Mermaid state diagram. */
import type { Arrow, Picture } from "./picture.ts";

interface Line {
  readonly from: string;
  readonly to: string;
  readonly outputs: string;
  /** The words of each kind of input. */
  readonly inputs: Map<string, Set<string>>;
}

/** The states and what leads from one to another, but not what changes and says nothing. */
export function mermaid({ start, boxes, endless }: Picture): string {
  const lines = new Map<string, Line>();
  for (const { name, arrows } of boxes) {
    for (const arrow of arrows) {
      if (arrow.to !== name || arrow.outputs.length > 0) add(lines, name, arrow);
    }
  }
  const last = boxes.at(-1)?.name ?? "";
  return [
    "stateDiagram-v2",
    `  [*] --> ${start.to}${start.outputs.length > 0 ? `: ${start.outputs.join(", ")}` : ""}`,
    ...[...lines.values()].map(printLine),
    ...(endless ? [] : [`  ${last} --> [*]`]),
  ].join("\n");
}

function add(lines: Map<string, Line>, from: string, { to, outputs, input }: Arrow): void {
  const said = [...new Set(outputs)].join(", ");
  const key = `${from} ${to} ${said}`;
  const line = lines.get(key) ?? { from, to, outputs: said, inputs: new Map() };
  const [kind = "", ...words] = input;
  const known = line.inputs.get(kind) ?? new Set();
  line.inputs.set(kind, known.add(words.join(" ")));
  lines.set(key, line);
}

function printLine({ from, to, outputs, inputs }: Line): string {
  const fed = [...inputs]
    .map(([kind, words]) => `${kind} ${printWords([...words])}`.trim())
    .join(", ");
  return `  ${from} --> ${to}: ${fed}${outputs === "" ? "" : ` / ${outputs}`}`;
}

/** `404 481`, but `terminated or terminated probation`. */
const printWords = (words: readonly string[]): string =>
  words.join(words.some((one) => one.includes(" ")) ? " or " : " ");
