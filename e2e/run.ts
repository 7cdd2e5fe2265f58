// Stories in Debian's Chromium, with the real program: what a person does, and what they then see
// and hear. Nothing but a loopback interface is in reach, and nothing is left when it ends.
//
//   npm run e2e                        every story once
//   npm run e2e -- --full              the stories of calls 20 times
//   npm run e2e -- decline             the stories with this word in their name
//   npm run e2e -- --pictures FOLDER   keeps a picture of each screen on the way

import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { INTERRUPTED, isAlone, missingPrograms, runAlone } from "../trial/alone.ts";
import { CHROMIUM, openBrowser } from "./browser.ts";
import { lastLines } from "./last-lines.ts";
import { stories } from "./stories.ts";
import { type Outcome, tellStory } from "./tell-story.ts";

const TIMES_IN_FULL = 20;
const DEADLINE_MS = 1_200_000;

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean", default: false }, pictures: { type: "string" } },
  allowPositionals: true,
});

process.exitCode = isAlone() ? await tellAll(process.env["TMPDIR"] ?? tmpdir()) : await begin();

/** Outside: everything that can be killed at once is started from here. */
async function begin(): Promise<number> {
  const missing = missingPrograms([
    { path: CHROMIUM, debianPackage: "chromium" },
    { path: "/usr/bin/unshare", debianPackage: "util-linux" },
    { path: "/usr/sbin/ip", debianPackage: "iproute2" },
  ]);
  for (const { path, debianPackage } of missing) {
    console.log(`FAILED: ${path} is missing; apt-get install ${debianPackage}`);
  }
  if (missing.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), "carillon-e2e-"));
  const deadlineMs = values.full ? TIMES_IN_FULL * DEADLINE_MS : DEADLINE_MS;
  const code = await runAlone(import.meta.filename, process.argv.slice(2), folder, deadlineMs);
  const useless = code === 0 || code === INTERRUPTED || (await readdir(folder)).length === 0;
  if (useless) await rm(folder, { recursive: true, force: true });
  return code;
}

/** Inside: one browser, and for each story a house of its own. */
async function tellAll(folder: string): Promise<number> {
  const startMs = performance.now();
  const words = positionals.map((word) => word.toLowerCase());
  const wanted = stories.filter(({ name }) =>
    words.every((word) => name.toLowerCase().includes(word)),
  );
  if (wanted.length === 0) {
    console.log(`FAILED: no story is named ${JSON.stringify(positionals.join(" "))}`);
    return 1;
  }
  const pictures = values.pictures;
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  await using browser = await openBrowser();
  console.log(`Chromium ${browser.version()}, ${wanted.length} stories`);
  const outcomes: Outcome[] = [];
  for (const story of wanted) {
    const times = values.full && story.isCall ? TIMES_IN_FULL : 1;
    for (let nth = 1; nth <= times; nth++) {
      const outcome = await tellStory(story, { browser, folder, pictures });
      report(outcome, times > 1 ? ` ${nth}/${times}` : "");
      outcomes.push(outcome);
    }
  }
  const failed = outcomes.filter(({ problem }) => problem !== undefined).length;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`${outcomes.length - failed} ok, ${failed} failed (${seconds} s)`);
  return failed === 0 ? 0 : 1;
}

function report({ name, figures, problem, seconds, evidence }: Outcome, nth: string): void {
  const facts = [...figures, `${seconds.toFixed(1)} s`].join(", ");
  if (problem === undefined) return console.log(`ok ${name}${nth} (${facts})`);
  console.log(`FAILED ${name}${nth}: ${problem} (${facts})`);
  for (const path of evidence.pictures) console.log(`  picture: ${path}`);
  console.log(`  all of it: ${evidence.log}`);
  for (const line of lastLines(evidence.lines, 40)) console.log(`  | ${line}`);
}
