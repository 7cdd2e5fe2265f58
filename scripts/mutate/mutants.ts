/** The mutants of a source file: copies of it with one fault each. */
import { type ESTree, parseSync } from "rolldown/utils";
import { type Change, changesOf } from "./changes.ts";

type Node = ESTree.Node;

export interface Mutant extends Change {
  /** 1-based. */
  readonly line: number;
  /** `now < s.timerA -> now <= s.timerA`: what became of that line, for people. */
  readonly what: string;
  /** The whole file with the fault in it. */
  readonly source: string;
}

/** Throws on a source that cannot be parsed. */
export function mutantsOf(path: string, source: string): readonly Mutant[] {
  const found = new Map<string, Mutant>();
  walk(parsed(path, source), (node) => {
    for (const change of changesOf(node, source)) {
      const mutant = made(source, change);
      if (mutant.source !== source) found.set(mutant.source, mutant);
    }
  });
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

export function parsed(path: string, source: string): ESTree.Program {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);
  return program;
}

/** Every node that runs: types are erased, and an import names what others export. */
export function walk(node: Node, visit: (node: Node) => void): void {
  if (isErased(node.type)) return;
  visit(node);
  for (const [key, value] of Object.entries(node)) {
    if (key === "typeAnnotation" || key === "returnType" || key === "typeParameters") continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) walk(child, visit);
  }
}

const RUNS = new Set(["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"]);

const isErased = (type: string): boolean =>
  (type.startsWith("TS") && !RUNS.has(type)) || type === "ImportDeclaration";

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

function made(source: string, change: Change): Mutant {
  const { start, end, text } = change;
  const from = source.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = source.indexOf("\n", end);
  const to = lineEnd < 0 ? source.length : lineEnd;
  const before = source.slice(from, to);
  const after = source.slice(from, start) + text + source.slice(end, to);
  return {
    ...change,
    line: source.slice(0, start).split("\n").length,
    what: `${onOneLine(before)} -> ${onOneLine(after)}`,
    source: source.slice(0, start) + text + source.slice(end),
  };
}

const onOneLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"))
    .join(" ");
