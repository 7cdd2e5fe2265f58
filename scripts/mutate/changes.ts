/** What can be put wrong at one place of a program: one small fault each, as people make them. */
import type { ESTree } from "rolldown/utils";

type Node = ESTree.Node;

/** The text between two offsets becomes another. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Each comparison: the boundary beside it, and its opposite. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
};

const ARITHMETIC: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*" };

/** Methods that give something of the kind they are called on, so that they can be left out. */
const PASSES_ON = new Set([
  ...["reverse", "slice", "filter", "trim", "trimEnd", "trimStart", "toLowerCase", "toUpperCase"],
  ...["replace", "replaceAll", "sort", "concat", "map"],
]);

const OTHER_METHOD: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  every: "some",
  some: "every",
  startsWith: "endsWith",
  endsWith: "startsWith",
};

/** Values that are taken for each other: the timers of RFC 3261 §17 are all made of these. */
const OTHER_PROPERTY: Readonly<Record<string, readonly string[]>> = {
  t1: ["t2", "t4"],
  t2: ["t1", "t4"],
  t4: ["t1", "t2"],
  localTag: ["remoteTag"],
  remoteTag: ["localTag"],
  localUri: ["remoteUri"],
  remoteUri: ["localUri"],
  localSeq: ["remoteSeq"],
  remoteSeq: ["localSeq"],
  fromTag: ["toTag"],
  toTag: ["fromTag"],
  from: ["to"],
  to: ["from"],
};

/** The faults that `node` alone can have; those of what is inside it are not among them. */
export function changesOf(node: Node, source: string): readonly Change[] {
  const text = ({ start, end }: Node) => source.slice(start, end);
  const instead = (of: Node, ...others: readonly string[]): Change[] =>
    others.map((other) => ({ start: of.start, end: of.end, text: other }));
  const between = (left: Node, right: Node, from: string, to: string): Change => {
    const start = source.indexOf(from, left.end);
    if (start < 0 || start >= right.start) throw new Error(`no ${from} in ${text(node)}`);
    return { start, end: start + from.length, text: to };
  };
  switch (node.type) {
    case "ConditionalExpression":
      return [
        ...(isComparison(node.test) ? [] : instead(node.test, `!(${text(node.test)})`)),
        ...instead(node, text(node.consequent), text(node.alternate)),
      ];
    case "IfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return isComparison(node.test) ? [] : instead(node.test, `!(${text(node.test)})`);
    case "BinaryExpression": {
      const { operator, left, right } = node;
      const others =
        COMPARISONS[operator] ?? [ARITHMETIC[operator]].filter((one) => one !== undefined);
      return others.map((other) => between(left, right, operator, other));
    }
    case "LogicalExpression":
      if (node.operator === "??") return instead(node, text(node.left), text(node.right));
      return [
        between(node.left, node.right, node.operator, node.operator === "&&" ? "||" : "&&"),
        ...instead(node, text(node.left), text(node.right)),
      ];
    case "UnaryExpression":
      return node.operator === "!" || node.operator === "-"
        ? instead(node, `(${text(node.argument)})`)
        : [];
    case "Literal":
      return literal(node.value).flatMap((other) => instead(node, other));
    case "TemplateLiteral":
      return instead(node, '""');
    case "MemberExpression":
      return (OTHER_PROPERTY[nameOf(node.property)] ?? []).flatMap((other) =>
        instead(node.property, other),
      );
    case "CallExpression":
      return called(node.callee, text, instead, node);
    case "ArrayExpression":
      return [...removals(node.elements, source, node), ...swaps(node.elements, source)];
    case "ObjectExpression":
      return removals(node.properties, source, node);
    case "BlockStatement":
      return node.body.flatMap((statement) => withoutStatement(statement, instead));
    case "SwitchCase":
      return node.consequent.flatMap((statement) => withoutStatement(statement, instead));
    case "FunctionDeclaration":
    case "FunctionExpression":
      return node.body ? earlyReturn(node.body) : [];
    case "ArrowFunctionExpression":
      return node.body.type === "BlockStatement" ? earlyReturn(node.body) : [];
    default:
      return [];
  }
}

const nameOf = (node: Node): string => (node.type === "Identifier" ? node.name : "");

/** Its operators are put wrong one by one; to negate it would be one of those again. */
const isComparison = (node: Node): boolean =>
  node.type === "BinaryExpression" && node.operator in COMPARISONS;

function literal(value: unknown): readonly string[] {
  if (typeof value === "number") return [String(value + 1), String(value - 1)];
  if (typeof value === "boolean") return [String(!value)];
  if (typeof value === "string") return [JSON.stringify(value === "" ? "!" : "")];
  return [];
}

type Instead = (of: Node, ...others: readonly string[]) => Change[];

function called(
  callee: Node,
  text: (node: Node) => string,
  instead: Instead,
  whole: Node,
): readonly Change[] {
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return [];
  const { name } = callee.property;
  const other = OTHER_METHOD[name];
  if (other !== undefined) return instead(callee.property, other);
  return PASSES_ON.has(name) ? instead(whole, text(callee.object)) : [];
}

/** Each element of a list left out, with the comma behind or before it. */
function removals(
  elements: readonly (Node | null)[],
  source: string,
  list: Node,
): readonly Change[] {
  return elements.flatMap((element, i): Change[] => {
    if (element === null) return [];
    const next = elements[i + 1];
    const before = elements[i - 1];
    if (next) return [{ start: element.start, end: next.start, text: "" }];
    const start = before ? before.end : element.start;
    const comma = source.slice(element.end, list.end - 1).search(/,/);
    return [{ start, end: comma < 0 ? element.end : element.end + comma + 1, text: "" }];
  });
}

/** Two neighbours the other way round. */
function swaps(elements: readonly (Node | null)[], source: string): readonly Change[] {
  return elements.slice(1).flatMap((later, i): Change[] => {
    const earlier = elements[i];
    if (!earlier || !later) return [];
    const [first, comma, second] = [
      source.slice(earlier.start, earlier.end),
      source.slice(earlier.end, later.start),
      source.slice(later.start, later.end),
    ];
    return [{ start: earlier.start, end: later.end, text: `${second}${comma}${first}` }];
  });
}

/** What only does something can be left out; what gives a name to a value cannot. */
function withoutStatement(statement: Node, instead: Instead): readonly Change[] {
  const { type } = statement;
  const isDoing = type === "ExpressionStatement" || type === "ThrowStatement";
  if (isDoing || type === "ContinueStatement" || type === "BreakStatement") {
    return instead(statement, ";");
  }
  // A condition that never holds, or always; its opposite is another fault.
  if (type === "IfStatement") return instead(statement.test, "false", "true");
  return type === "ReturnStatement" ? instead(statement, ";") : [];
}

/** Comes back with nothing before anything is done. */
function earlyReturn({ start }: Node): readonly Change[] {
  return [{ start: start + 1, end: start + 1, text: " return undefined as never;" }];
}
