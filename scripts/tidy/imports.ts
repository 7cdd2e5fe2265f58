/** What a file imports: `import`, `export … from`, `import()` and `import("…")` types alike. */
import { type ESTree, Visitor } from "rolldown/utils";
import { lineOf, type SourceFile } from "./source-file.ts";

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export function importsOf(file: SourceFile): readonly Import[] {
  if (file.program === undefined) return [];
  const found: Import[] = [];
  const add = (source: ESTree.Node | null): void => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    found.push({ specifier: source.value, line: lineOf(file, source.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
  }).visit(file.program);
  return found;
}
