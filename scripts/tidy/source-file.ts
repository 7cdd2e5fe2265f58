/** Source files and their syntax trees, as the rules of tidy read them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, parseSync } from "rolldown/utils";

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Of TypeScript and JavaScript that could be parsed. */
  readonly program: ESTree.Program | undefined;
  /** Why it could not be parsed, if so. */
  readonly syntaxError: string | undefined;
}

export interface Finding {
  readonly path: string;
  /** 1-based; 0 speaks of the file as a whole. */
  readonly line: number;
  readonly what: string;
}

const NOT_OURS = new Set(["node_modules", "dist", ".git", ".carillon", "coverage", "test-results"]);
const CODE = /\.(ts|tsx|mjs)$/;
const TEXT = /\.(ts|tsx|mjs|json|jsonc|md|css|html|yml|xml|txt|sh)$/;

export function readSourceFiles(root: string): readonly SourceFile[] {
  return pathsUnder(root, "")
    .filter((path) => (TEXT.test(path) && !path.endsWith("package-lock.json")) || isCi(path))
    .map((path) => sourceFile(path, readFileSync(join(root, path), "utf8")));
}

export function sourceFile(path: string, text: string): SourceFile {
  if (!CODE.test(path)) return { path, text, program: undefined, syntaxError: undefined };
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error === undefined) return { path, text, program, syntaxError: undefined };
  return { path, text, program: undefined, syntaxError: error.message };
}

export function isCode(file: SourceFile): boolean {
  return CODE.test(file.path);
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

export function lineOf(file: SourceFile, offset: number): number {
  let line = 1;
  for (let at = file.text.indexOf("\n"); at >= 0 && at < offset; ) {
    line++;
    at = file.text.indexOf("\n", at + 1);
  }
  return line;
}

function isCi(path: string): boolean {
  return path.startsWith(".ci/");
}

function pathsUnder(root: string, folder: string): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
      return NOT_OURS.has(entry.name) ? [] : pathsUnder(root, path);
    });
}
