// Builds what is published of the library: packages/carillon/dist, from which `npm publish` is run.
// In development nothing is built: Node runs the sources themselves.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Door, publishedManifest, type SourceManifest } from "./build/published-manifest.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LIBRARY = join(ROOT, "packages/carillon");
const DIST = join(LIBRARY, "dist");

rmSync(DIST, { recursive: true, force: true });
compile();
const manifest = publishedManifest(
  JSON.parse(readFileSync(join(LIBRARY, "package.json"), "utf8")) as SourceManifest,
);
writeFileSync(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(ROOT, "LICENSE"), join(DIST, "LICENSE"));
for (const readme of [join(ROOT, "README.md"), join(LIBRARY, "README.md")]) {
  if (existsSync(readme)) copyFileSync(readme, join(DIST, "README.md"));
}

const missing = targets(Object.values(manifest.exports)).filter(
  (at) => !existsSync(join(DIST, at)),
);
for (const target of missing) console.error(`a door leads nowhere: ${target}`);
if (missing.length > 0) process.exitCode = 1;
else console.log("built packages/carillon/dist");

function compile(): void {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", join(LIBRARY, "tsconfig.build.json")];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function targets(doors: readonly Door[]): readonly string[] {
  return doors.flatMap((door) =>
    typeof door === "string" ? [door] : targets(Object.values(door)),
  );
}
