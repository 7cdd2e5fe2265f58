// Do the tests notice? Puts small faults into the core, one at a time, in a copy in the system's
// temporary folder, and runs the tests of that file against each. Fails under 95% noticed.
//
//   node scripts/mutate.ts                  the files of the core
//   node scripts/mutate.ts PATH [TEST …]    one file of the library, with its own tests or these

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { refused } from "./mutate/compiles.ts";
import { type Equivalent, isEquivalent, stale } from "./mutate/equivalent.ts";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { tryAll } from "./mutate/trial.ts";
import { isReached, type Subject, type Workshop, workshop } from "./mutate/workshop.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(process.env["CARILLON_ROOT"] ?? dirname(HERE));
const LEAST = 0.95;

const CORE = "packages/carillon/src";
const subject = (path: string, ...tests: readonly string[]): Subject => ({
  path: `${CORE}/${path}.ts`,
  tests: [path, ...tests].map((one) => `${CORE}/${one}.test.ts`),
});
const SUBJECTS: readonly Subject[] = [
  subject("transaction/invite-client"),
  subject("transaction/invite-server"),
  subject("transaction/non-invite-client"),
  subject("transaction/non-invite-server"),
  subject("transaction/ack"),
  subject("transaction/cancel"),
  {
    path: `${CORE}/transaction/hop-by-hop.ts`,
    tests: ["ack", "cancel"].map((one) => `${CORE}/transaction/${one}.test.ts`),
    over: ["ack", "cancel"].map((one) => `${CORE}/transaction/${one}.ts`),
  },
  subject("dialog/dialog", "dialog/dialog-properties"),
  subject("dialog/request-uri"),
  subject("auth/digest"),
  subject("auth/check-digest"),
  subject("auth/nonce"),
  subject("auth/nonce-window"),
];

interface Try {
  readonly subject: Subject;
  readonly name: string;
  readonly mutant: Mutant;
}

const [path, ...tests] = process.argv.slice(2);
const known = SUBJECTS.find((one) => one.path === path);
const subjects =
  path === undefined ? SUBJECTS : [tests.length === 0 && known ? known : asked(path)];
const equivalents = JSON.parse(
  readFileSync(join(HERE, "mutate/equivalent.json"), "utf8"),
) as readonly Equivalent[];

const place = workshop(ROOT);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
process.on("exit", () => place.remove());
await checkTests(place);
const tries = subjects.flatMap(triesOf);
const names = tries.map(({ name }) => name);
const impossible = refused(place, names);
const verdicts = await tryAll(place, names);
let isGood = true;
for (const one of subjects) isGood = report(one) && isGood;
for (const { file, what } of stale(equivalents, tries.filter(isUnnoticed))) {
  if (!subjects.some((one) => one.path === file)) continue;
  console.log(`${file}: said to be equivalent, and is noticed or gone: ${what}`);
  isGood = false;
}
if (!isGood) process.exitCode = 1;

function asked(file: string): Subject {
  const own = file.replace(/\.ts$/, ".test.ts");
  return { path: file, tests: tests.length > 0 ? tests : [own] };
}

/** The tests have to pass on what is right, or nothing can be learned from their failing. */
async function checkTests(where: Workshop): Promise<void> {
  const unreached = subjects.find((one) => !isReached(ROOT, one));
  if (unreached) throw new Error(`no test of these imports ${unreached.path}`);
  const names = subjects.map((one, i) => {
    where.add(`right-${i}`, one, readFileSync(join(ROOT, one.path), "utf8"));
    return `right-${i}`;
  });
  const failed = [...(await tryAll(where, names))].filter(([, verdict]) => verdict !== "Survived");
  if (failed.length > 0) throw new Error(`the tests fail on the file as it is: ${failed}`);
}

function triesOf(one: Subject, number: number): readonly Try[] {
  const mutants = mutantsOf(one.path, readFileSync(join(ROOT, one.path), "utf8"));
  return mutants.map((mutant, i) => {
    const name = `mutant-${number}-${i}`;
    place.add(name, one, mutant.source);
    return { subject: one, name, mutant };
  });
}

function isUnnoticed({ name }: Try): boolean {
  return verdicts.get(name) === "Survived";
}

/**
 * Prints the score of one file and what nobody noticed; true if it is enough. A fault that the
 * compiler refuses has to be noticed by the tests all the same, but must not sweeten the score: it
 * has to be enough with and without those.
 */
function report(one: Subject): boolean {
  const own = tries.filter((each) => each.subject === one);
  const real = own.filter((each) => !isUnnoticed(each) || !isEquivalent(equivalents, each));
  const compiled = real.filter(({ name }) => !impossible.has(name));
  const scores = [real, compiled].map(score);
  const hung = real.filter(({ name }) => verdicts.get(name) === "Hung").length;
  console.log(
    `${one.path}: ${percent(scores[0])} of ${real.length} faults are noticed, ` +
      `${percent(scores[1])} of the ${compiled.length} that compile ` +
      `(${hung} never end; ${own.length - real.length} change nothing)`,
  );
  for (const { mutant } of real.filter(isUnnoticed)) {
    console.log(`  ${one.path}:${mutant.line}: ${mutant.what}`);
  }
  return scores.every((each) => each >= LEAST);
}

function score(some: readonly Try[]): number {
  return 1 - some.filter(isUnnoticed).length / some.length;
}

/** Rounded down: what is not enough does not look so. */
function percent(part = 0): string {
  return `${(Math.floor(1000 * part) / 10).toFixed(1)}%`;
}
