/**
 * Where mutants are tried: a copy of the library's sources in the system's folder for temporary
 * files, with a folder a mutant. Nothing is ever written into the working tree.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parsed } from "./mutants.ts";

/** A file to be put wrong, and the tests that have to notice. Paths from the project's root. */
export interface Subject {
  readonly path: string;
  readonly tests: readonly string[];
  /** Files over which the tests reach it, if not by themselves. */
  readonly over?: readonly string[];
}

export interface Workshop {
  readonly root: string;
  /** Puts a version of the subject into a folder of this name, its tests beside it. */
  add(name: string, subject: Subject, source: string): void;
  remove(): void;
}

/** Where the folders of versions are, from the workshop's root. */
export const BENCH = "packages/carillon/src";

export function workshop(project: string): Workshop {
  const root = mkdtempSync(join(tmpdir(), "carillon-mutants-"));
  const bench = join(root, BENCH);
  cpSync(join(project, BENCH), bench, { recursive: true, filter: (from) => !isOfTests(from) });
  symlinkSync(join(project, "node_modules"), join(root, "node_modules"));
  cpSync(join(project, "tsconfig.base.json"), join(root, "tsconfig.base.json"));
  writeFileSync(join(root, "package.json"), '{ "type": "module", "private": true }\n');
  return {
    root,
    add(name, { path, tests, over = [] }, source) {
      const folder = join(bench, name);
      mkdirSync(join(folder, "__snapshots__"), { recursive: true });
      const along = [path, ...over];
      writeFileSync(join(folder, basename(path)), moved(path, source, along));
      for (const other of [...over, ...tests]) {
        const text = readFileSync(join(project, other), "utf8");
        writeFileSync(join(folder, basename(other)), moved(other, text, along));
      }
      for (const test of tests) {
        const snapshots = join("__snapshots__", `${basename(test)}.snap`);
        const from = join(project, dirname(test), snapshots);
        if (existsSync(from)) cpSync(from, join(folder, snapshots));
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * A source that goes into a folder beside its own: what it imports from its old neighbours is
 * still with them, but for those that go along.
 */
export function moved(path: string, source: string, along: readonly string[]): string {
  const home = basename(dirname(path));
  const here = new Set(along.map((one) => `./${basename(one)}`));
  let text = source;
  for (const node of parsed(path, source).body.toReversed()) {
    const from = "source" in node ? node.source : null;
    if (!from?.value.startsWith("./") || here.has(from.value)) continue;
    const there = JSON.stringify(`../${home}/${from.value.slice(2)}`);
    text = text.slice(0, from.start) + there + text.slice(from.end);
  }
  return text;
}

/** Whether one of the tests imports the subject, or a file over which it is reached. */
export function isReached(project: string, { path, tests, over = [] }: Subject): boolean {
  const names = [path, ...over].map((one) => `./${basename(one)}`);
  return tests.some((test) => {
    const { body } = parsed(test, readFileSync(join(project, test), "utf8"));
    return body.some((node) => "source" in node && names.includes(node.source?.value ?? ""));
  });
}

const isOfTests = (path: string): boolean => /\.test\.ts$|__snapshots__$|\/torture$/.test(path);
