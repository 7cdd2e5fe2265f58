// Builds what is published: `dist` in packages/carillon and packages/media, from which
// `npm publish` is run. In development nothing is built: Node runs the sources themselves.

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Door, publishedManifest, type SourceManifest } from "./build/published-manifest.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** The second is compiled against what was built of the first. */
const PUBLISHED = ["packages/carillon", "packages/media"];

for (const what of PUBLISHED) build(what);

function build(what: string): void {
  const folder = join(ROOT, what);
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  compile(folder);
  const manifest = publishedManifest(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as SourceManifest,
  );
  writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(ROOT, "LICENSE"), join(dist, "LICENSE"));
  // What is no source and lies beside one: words and announcements.
  const prompts = join(folder, "src/prompts/en");
  if (existsSync(prompts)) cpSync(prompts, join(dist, "prompts/en"), { recursive: true });
  for (const readme of [join(ROOT, "README.md"), join(folder, "README.md")]) {
    if (existsSync(readme)) copyFileSync(readme, join(dist, "README.md"));
  }
  const missing = targets(Object.values(manifest.exports)).filter(
    (at) => !existsSync(join(dist, at)),
  );
  for (const target of missing) console.error(`a door of ${what} leads nowhere: ${target}`);
  if (missing.length > 0) process.exitCode = 1;
  else console.log(`built ${what}/dist`);
}

function compile(folder: string): void {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", join(folder, "tsconfig.build.json")];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function targets(doors: readonly Door[]): readonly string[] {
  return doors.flatMap((door) =>
    typeof door === "string" ? [door] : targets(Object.values(door)),
  );
}
