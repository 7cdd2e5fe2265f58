/** Rules on the syntax: what could not be parsed, default exports, tests that are put aside. */
import { type ESTree, Visitor } from "rolldown/utils";
import { type Finding, isCode, isTest, lineOf, type SourceFile } from "./source-file.ts";

const TEST_FUNCTIONS = new Set(["test", "it", "describe", "suite", "bench"]);
const PUT_ASIDE = new Set(["skip", "only", "todo", "fails", "skipIf", "runIf"]);

export function syntaxRules(files: readonly SourceFile[]): readonly Finding[] {
  return files.filter(isCode).flatMap((file) => {
    if (file.syntaxError === undefined) return [...defaultExports(file), ...testsPutAside(file)];
    return [{ path: file.path, line: 0, what: `cannot be parsed: ${file.syntaxError}` }];
  });
}

function defaultExports(file: SourceFile): readonly Finding[] {
  if (file.program === undefined || /\.config\.ts$/.test(file.path)) return [];
  const found: Finding[] = [];
  const add = (node: ESTree.Node): void => {
    const what = "default export: a thing has one name, the same everywhere";
    found.push({ path: file.path, line: lineOf(file, node.start), what });
  };
  new Visitor({
    ExportDefaultDeclaration: add,
    ExportNamedDeclaration: (node) => {
      const named = node.specifiers.some(({ exported }) => nameOf(exported) === "default");
      if (named) add(node);
    },
  }).visit(file.program);
  return found;
}

/** A test that is put aside, or runs alone, is a promise nobody keeps. */
function testsPutAside(file: SourceFile): readonly Finding[] {
  if (file.program === undefined || !isTest(file.path)) return [];
  const found: Finding[] = [];
  const add = (node: ESTree.Node, how: string): void => {
    found.push({
      path: file.path,
      line: lineOf(file, node.start),
      what: `a test is put aside: ${how}`,
    });
  };
  new Visitor({
    MemberExpression: (node) => {
      const how = nameOf(node.property);
      if (PUT_ASIDE.has(how) && TEST_FUNCTIONS.has(rootOf(node))) add(node, `.${how}`);
    },
    CallExpression: (node) => {
      if (!TEST_FUNCTIONS.has(rootOf(node.callee))) return;
      for (const option of node.arguments) {
        if (option.type !== "ObjectExpression") continue;
        for (const property of option.properties) {
          const how = property.type === "Property" ? nameOf(property.key) : "";
          if (PUT_ASIDE.has(how)) add(property, `{ ${how} }`);
        }
      }
    },
    Identifier: (node) => {
      if (/^(?:xit|xtest|xdescribe|fit|fdescribe)$/.test(node.name)) add(node, node.name);
    },
  }).visit(file.program);
  return found;
}

/** `test` of `test.concurrent.skip` and of `test.each([…])`. */
function rootOf(node: ESTree.Node): string {
  if (node.type === "MemberExpression") return rootOf(node.object);
  if (node.type === "CallExpression") return rootOf(node.callee);
  return nameOf(node);
}

function nameOf(node: ESTree.Node): string {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "";
}
