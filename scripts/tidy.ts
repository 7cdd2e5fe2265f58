// Taste, checked: layers, clocks, names, sizes and the other rules of CONTRIBUTING.md.
//
//   node scripts/tidy.ts           tells what is wrong
//   node scripts/tidy.ts --write   also lowers the entries of tidy-ratchet.json that have slack

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { layers, libraryStandsAlone, type Manifest } from "./tidy/layers.ts";
import { type Lock, lockFindings } from "./tidy/lock.ts";
import { names } from "./tidy/names.ts";
import { purity } from "./tidy/purity.ts";
import { aimNote, type Ratchet, ratchetFindings, tightened } from "./tidy/ratchet.ts";
import { sizesOf } from "./tidy/sizes.ts";
import { readSourceFiles } from "./tidy/source-file.ts";
import { syntaxRules } from "./tidy/syntax-rules.ts";
import { textRules } from "./tidy/text-rules.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const RATCHET = join(ROOT, "scripts", "tidy-ratchet.json");
const LIBRARY = "packages/carillon";

const files = readSourceFiles(ROOT);
const manifests = new Map(
  files
    .filter(({ path }) => /^(?:packages\/[^/]+\/)?package\.json$/.test(path))
    .map(({ path, text }) => [path.replace(/\/?package\.json$/, ""), JSON.parse(text) as Manifest]),
);
const sizes = sizesOf(files);
const ratchet = lowered(JSON.parse(readFileSync(RATCHET, "utf8")) as Ratchet);

const findings = [
  ...syntaxRules(files),
  ...layers(files, manifests),
  ...libraryStandsAlone(manifests.get(LIBRARY) ?? {}),
  ...purity(files),
  ...names(files),
  ...textRules(files),
  ...ratchetFindings(sizes, ratchet),
  ...(existsSync(join(ROOT, "package-lock.json")) ? lockFindings(readLock()) : []),
];

for (const { path, line, what } of findings)
  console.log(`${path}${line ? `:${line}` : ""}: ${what}`);
const note = aimNote(sizes);
if (note !== undefined) console.log(`note: ${note}`);
if (findings.length > 0) {
  console.log(`${findings.length} findings. The rules and their reasons: CONTRIBUTING.md`);
  process.exitCode = 1;
}

function lowered(current: Ratchet): Ratchet {
  if (!process.argv.includes("--write")) return current;
  const next = tightened(sizes, current);
  writeFileSync(RATCHET, `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

function readLock(): Lock {
  return JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
}
