// Whether what was acknowledged is there after the worst: the real program under strace with its
// power cut, killed in the middle of registrations, and restarted with very many of them.
//
//   npm run durability             5 kills, 500 cuts; of messages 1 and 200; calls for a minute
//   npm run durability -- --full   100 kills, 10,000 cuts; of messages 10 and 1,000; for an hour
//   --only NAME                    one of cuts, kills, watchers, restart, message-cuts,
//                                  message-kills, bridged-calls, outliving-calls, bridged-ends,
//                                  daily-budget
//   --seed N                       another course of things
//   --minutes N                    of bridged-calls, with --full: 60 if left out

import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killChildren } from "../interop/child.ts";
import { Report } from "../interop/report.ts";
import { isAlone, missingPrograms, runAlone } from "../trial/alone.ts";
import { bridgedCalls } from "./bridged-calls.ts";
import { cutPower, record } from "./cuts.ts";
import { killRounds } from "./kill-rounds.ts";
import { cutMessages } from "./message-cuts.ts";
import { killMessages } from "./message-kills.ts";
import { bridgedEnds, dailyBudget, outlivingCalls } from "./outliving-calls.ts";
import { killPrograms } from "./program.ts";
import { restart } from "./restart.ts";
import { watcherRounds } from "./watchers.ts";

const PROGRAMS = [
  { path: "/usr/bin/strace", debianPackage: "strace" },
  { path: "/usr/bin/unshare", debianPackage: "util-linux" },
  { path: "/usr/bin/baresip", debianPackage: "baresip-core" },
];

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    minutes: { type: "string", default: "60" },
  },
});
const seconds = 60 * Number(values.minutes);
const HOUR = { calls: 50, seconds, killEverySeconds: 300, flatAfterSeconds: 600 };
const MINUTE = { calls: 8, seconds: 60, killEverySeconds: 20, flatAfterSeconds: 15 };
const amount = values.full
  ? { kills: 100, cuts: 10_000, messageKills: 10, messageCuts: 1000, bridged: HOUR, outliving: 20 }
  : { kills: 5, cuts: 500, messageKills: 1, messageCuts: 200, bridged: MINUTE, outliving: 3 };
const BUDGET_KILLS = 10;
const checkMs = values.full ? 4_000_000 : 300_000;
const seed = Number(values.seed);

/** By the name that `--only` takes. */
const CHECKS: readonly [name: string, title: string, (folder: string) => Promise<string>][] = [
  [
    "cuts",
    "the power fails at any moment: what was acknowledged is on the disk",
    async (folder) => cutPower(folder, await record(folder, seed), amount.cuts, seed),
  ],
  [
    "kills",
    "kill -9 while phones register: what was acknowledged is there",
    (folder) => killRounds(folder, amount.kills, seed),
  ],
  [
    "message-cuts",
    "the power fails while people write: what was acknowledged is in their journals, once",
    (folder) => cutMessages(folder, amount.messageCuts, seed),
  ],
  [
    "message-kills",
    "kill -9 while people write to others who are away: each message is shown, and once",
    (folder) => killMessages(folder, amount.messageKills, seed),
  ],
  [
    "watchers",
    "kill -9 while people watch each other: each is told again, no subscription is lost",
    (folder) => watcherRounds(folder, amount.kills, seed),
  ],
  [
    "bridged-calls",
    "workers of the media engine are killed: calls go on, and memory stays where it is",
    (folder) => bridgedCalls(folder, amount.bridged),
  ],
  [
    "outliving-calls",
    "kill -9 while people talk over UDP: their calls are known, counted and recorded to their end",
    (folder) => outlivingCalls(folder, amount.outliving, seed),
  ],
  [
    "bridged-ends",
    "kill -9 under calls through the media engine: both sides are told by the next start",
    (folder) => bridgedEnds(folder, amount.outliving, seed),
  ],
  [
    "daily-budget",
    "kill -9 beside each call to elsewhere: a day has as many as it may, and no more",
    (folder) => dailyBudget(folder, BUDGET_KILLS, seed),
  ],
  ["restart", "a start with very many bindings answers within a second", restart],
];

process.exitCode = isAlone() ? await runAll(tmpdir()) : await begin();
// What was killed or hangs must not keep us.
if (isAlone()) process.exit();

async function begin(): Promise<number> {
  const missing = missingPrograms(PROGRAMS);
  for (const { path, debianPackage } of missing) {
    console.log(`FAILED: ${path} is missing; on Debian: apt-get install ${debianPackage}`);
  }
  if (missing.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), "carillon-durability-"));
  const args = process.argv.slice(2);
  const code = await runAlone(import.meta.filename, args, folder, 3 * checkMs);
  if (code === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`What is left: ${folder}`);
  return code;
}

async function runAll(folder: string): Promise<number> {
  const report = new Report("", checkMs);
  for (const [name, title, check] of CHECKS) {
    if (values.only !== "" && values.only !== name) continue;
    const place = join(folder, name);
    mkdirSync(place);
    await report.check(title, () => check(place));
    killPrograms();
    killChildren();
  }
  return report.failed === 0 && report.passed > 0 ? 0 : 1;
}
