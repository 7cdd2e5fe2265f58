// The declarations as they are published, from the compiler: what a user of the packages gets.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A public door: how it is imported, and the emitted file behind it. */
export interface Door {
  readonly name: string;
  readonly file: string;
}

export interface Emitted {
  readonly doors: readonly Door[];
  readonly remove: () => void;
}

type Target = string | Readonly<Record<string, string>>;

/**
 * Emits the declarations of one package into a temporary folder. Types are not checked here, which
 * is another check's work: declarations are isolated, so that each file's own text is enough.
 */
export function emit(root: string, folder: string): Emitted {
  const out = mkdtempSync(join(tmpdir(), "carillon-api-"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const project = join(root, folder, "tsconfig.build.json");
  const args = [tsc, "-p", project, "--emitDeclarationOnly", "--noCheck", "--outDir", out];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`no declarations of ${folder}:\n${stdout}`);
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const { name, exports } = manifest as { name: string; exports: Record<string, Target> };
  return {
    doors: doorsOf(name, exports, out),
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}

/** Doors by conditions (`.` in Node and in a browser) are left to the doors that they lead to. */
function doorsOf(name: string, exports: Record<string, Target>, out: string): readonly Door[] {
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target !== "string") return [];
    const file = resolve(out, target.replace(/^\.\/src\//, "").replace(/\.ts$/, ".d.ts"));
    return [{ name: name + path.slice(1), file }];
  });
}
