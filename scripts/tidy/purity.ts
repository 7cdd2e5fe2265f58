/** The pure part reads no clock and no randomness: time and dice are handed in. */
import { type ESTree, Visitor } from "rolldown/utils";
import { PURE_LAYERS } from "./layers.ts";
import { type Finding, isTest, lineOf, type SourceFile } from "./source-file.ts";

const LIBRARY = "packages/carillon/src/";

const FORBIDDEN_MEMBERS = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "performance.timeOrigin",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "crypto.subtle",
]);
const FORBIDDEN_NAMES = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "Temporal",
]);

export function purity(files: readonly SourceFile[]): readonly Finding[] {
  return files.filter((file) => isPure(file.path)).flatMap(impurities);
}

function isPure(path: string): boolean {
  if (!path.startsWith(LIBRARY) || isTest(path)) return false;
  const [folder = ""] = path.slice(LIBRARY.length).split("/");
  return PURE_LAYERS.includes(folder);
}

function impurities(file: SourceFile): readonly Finding[] {
  if (file.program === undefined) return [];
  const found: Finding[] = [];
  const add = (node: ESTree.Node, name: string): void => {
    const what = `${name} in the pure part: clocks, timers and randomness are handed in`;
    found.push({ path: file.path, line: lineOf(file, node.start), what });
  };
  new Visitor({
    MemberExpression: (node) => {
      const name = memberName(node);
      if (FORBIDDEN_MEMBERS.has(name) || name.startsWith("globalThis.")) add(node, name);
    },
    // new Date(ms) only formats; without an argument, or called as a function, it reads the clock.
    NewExpression: (node) => {
      if (isNamed(node.callee, "Date") && node.arguments.length === 0) add(node, "new Date()");
    },
    CallExpression: (node) => {
      if (isNamed(node.callee, "Date")) add(node, "Date()");
      if (node.callee.type === "Identifier" && FORBIDDEN_NAMES.has(node.callee.name)) {
        add(node, node.callee.name);
      }
    },
  }).visit(file.program);
  return found;
}

function memberName(node: ESTree.MemberExpression): string {
  if (node.object.type !== "Identifier") return "";
  if (!node.computed && node.property.type === "Identifier") {
    return `${node.object.name}.${node.property.name}`;
  }
  if (node.property.type === "Literal") return `${node.object.name}.${node.property.value}`;
  return "";
}

function isNamed(node: ESTree.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}
