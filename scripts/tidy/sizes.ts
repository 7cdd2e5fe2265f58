/** How long files and functions are. */
import { type ESTree, Visitor } from "rolldown/utils";
import { isCode, isTest, lineOf, type SourceFile } from "./source-file.ts";

export interface Size {
  /** A path, or a path and a function's name: `src/a.ts readMessage`. */
  readonly of: string;
  readonly kind: "file" | "function";
  readonly path: string;
  readonly line: number;
  readonly lines: number;
}

type AnyFunction = ESTree.Function | ESTree.ArrowFunctionExpression;

export function sizesOf(files: readonly SourceFile[]): readonly Size[] {
  return files.filter(isCode).flatMap((file) => [fileSize(file), ...functionSizes(file)]);
}

function fileSize(file: SourceFile): Size {
  const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
  return { of: file.path, kind: "file", path: file.path, line: 1, lines };
}

/** In a test a function is often the frame of a whole suite, and its length says nothing. */
function functionSizes(file: SourceFile): readonly Size[] {
  if (file.program === undefined || isTest(file.path)) return [];
  const found: Size[] = [];
  const names = new Map<ESTree.Node, string>();
  const measure = (node: AnyFunction): void => {
    if (node.body === null) return;
    const line = lineOf(file, node.start);
    const own = node.type === "ArrowFunctionExpression" ? undefined : node.id?.name;
    const of = `${file.path} ${own ?? names.get(node) ?? "(anonymous)"}`;
    const lines = lineOf(file, node.end - 1) - line + 1;
    found.push({ of, kind: "function", path: file.path, line, lines });
  };
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (init !== null && id.type === "Identifier") names.set(init, id.name);
    },
    MethodDefinition: ({ key, value }) => names.set(value, keyName(key)),
    PropertyDefinition: ({ key, value }) => value && names.set(value, keyName(key)),
    Property: ({ key, value }) => names.set(value, keyName(key)),
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(file.program);
  return found;
}

function keyName(key: ESTree.Node): string {
  if (key.type === "Identifier" || key.type === "PrivateIdentifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "(computed)";
}
