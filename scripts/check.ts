// Everything that can be said about the sources without running them, two checks at a time.
// One line per check; what a failed one had to say follows in full.

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

interface Outcome {
  readonly check: Check;
  readonly ok: boolean;
  readonly output: string;
}

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TSC = "node_modules/typescript/bin/tsc";
const AT_ONCE = 2;

/** The slowest first, so that two cores end at about the same time. */
const CHECKS: readonly Check[] = [
  { name: "types: everything on Node", args: [TSC, "-p", "tsconfig.json"] },
  {
    name: "types: the library as it is published",
    args: [TSC, "-p", "packages/carillon/tsconfig.build.json", "--noEmit"],
  },
  { name: "types: the page", args: [TSC, "-p", "packages/web/tsconfig.json"] },
  {
    name: "types: the pure part, without Node or DOM",
    args: [TSC, "-p", "packages/carillon/tsconfig.json"],
  },
  { name: "public names, as docs/api has them", args: ["scripts/api.ts", "--check"] },
  { name: "size of a phone in a page", args: ["scripts/size.ts", "--check"] },
  { name: "tidy", args: ["scripts/tidy.ts"] },
  {
    name: "format and lint",
    args: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  },
  { name: "RFC quotes", args: ["scripts/rfc-coverage.ts"] },
];

const failed = (await runAll()).filter((outcome) => !outcome.ok);
for (const { check, output } of failed) console.log(`\n--- ${check.name}\n${output.trimEnd()}`);
if (failed.length > 0) {
  const names = failed.map((outcome) => outcome.check.name).join("; ");
  console.log(`\n${failed.length} of ${CHECKS.length} checks failed: ${names}`);
  process.exitCode = 1;
}

async function runAll(): Promise<readonly Outcome[]> {
  const waiting = [...CHECKS];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      outcomes.push(await run(check));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}

async function run(check: Check): Promise<Outcome> {
  const startMs = performance.now();
  const child = spawn(process.execPath, check.args, { cwd: ROOT });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      resolve(null);
    });
    child.on("close", resolve);
  });
  const outcome = { check, ok: code === 0, output: Buffer.concat(chunks).toString("utf8") };
  report(outcome, (performance.now() - startMs) / 1000);
  return outcome;
}

/** A check that passed may still have a word to say, such as what it could not look at. */
function report({ check, ok, output }: Outcome, seconds: number): void {
  console.log(`${ok ? "ok  " : "FAIL"} ${seconds.toFixed(1).padStart(5)} s  ${check.name}`);
  if (!ok) return;
  for (const line of output.split("\n")) {
    if (line.startsWith("note: ")) console.log(`              ${line.slice("note: ".length)}`);
  }
}
