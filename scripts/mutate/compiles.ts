/** Which versions TypeScript refuses: such a fault is never run, so no test has to find it. */
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BENCH, type Workshop } from "./workshop.ts";

/** The names of the folders, of these, in which the compiler finds something wrong. */
export function refused({ root }: Workshop, names: readonly string[]): ReadonlySet<string> {
  const files = names.flatMap((name) => {
    const inside = readdirSync(join(root, BENCH, name));
    const sources = inside.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    return sources.map((file) => join(BENCH, name, file));
  });
  const config = {
    extends: "./tsconfig.base.json",
    // What a fault leaves unused or out of reach is no reason to call it impossible.
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      allowUnreachableCode: true,
      isolatedDeclarations: false,
      declaration: false,
    },
    files: [...files, join(BENCH, "ambient.d.ts")],
  };
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", "tsconfig.json", "--pretty", "false"];
  const run = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const known = new Set(names);
  const found = new Set<string>();
  for (const line of run.stdout.split("\n")) {
    const [, name] = /^packages\/carillon\/src\/([^/]+)\/[^/]+\(\d+,\d+\): error /.exec(line) ?? [];
    if (name !== undefined && known.has(name)) found.add(name);
    else if (line.includes(": error ") || line.startsWith("error ")) throw new Error(line);
  }
  if (run.status !== 0 && found.size === 0) throw new Error(`tsc: ${run.stdout}${run.stderr}`);
  return found;
}
