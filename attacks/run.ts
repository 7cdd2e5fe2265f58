// Attacks on the real program, where nothing but a loopback interface is in reach, while people
// call each other. Each is one line: what was required, the figures, and what it cost the program.
//
//   npm run attacks             the short form
//   npm run attacks -- --full   as many as an attacker would send
//   npm run attacks -- --mirror the same questions to it and to Kamailio, side by side
//   npm run attacks -- relaying only the one with this name, or of this row: A26

import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killChildren } from "../interop/child.ts";
import { demand, Report } from "../interop/report.ts";
import { isAlone, missingPrograms, runAlone } from "../trial/alone.ts";
import { bleeding } from "./bleeding.ts";
import { certificates } from "./certificates.ts";
import { circling } from "./circling.ts";
import { colliding } from "./colliding.ts";
import { dribblers } from "./dribblers.ts";
import { enumeration } from "./enumeration.ts";
import { fileLimit } from "./file-limit.ts";
import { files } from "./files.ts";
import { flood } from "./flood.ts";
import { forging } from "./forging.ts";
import { forking } from "./forking.ts";
import { framing } from "./framing.ts";
import { guessing } from "./guessing.ts";
import { handshakes } from "./handshakes.ts";
import { hijacking } from "./hijacking.ts";
import { hostileMedia } from "./hostile-media.ts";
import { identities } from "./identities.ts";
import { listing } from "./listing.ts";
import { logs } from "./logs.ts";
import { mirror } from "./mirror.ts";
import { names } from "./names.ts";
import { pathological } from "./pathological.ts";
import { polluting } from "./polluting.ts";
import { reflection } from "./reflection.ts";
import { relayPeers } from "./relay-peers.ts";
import { relaying } from "./relaying.ts";
import { replaying } from "./replaying.ts";
import { rogues } from "./rogues.ts";
import { SVCRACK, SVWAR, scanners } from "./scanners.ts";
import { secrets } from "./secrets.ts";
import { spellings } from "./spellings.ts";
import { splitting } from "./splitting.ts";
import { current, OWN_DELAYS, type OwnDelay } from "./stage.ts";
import { subscribing } from "./subscribing.ts";
import { teardown } from "./teardown.ts";
import { tlsAudit } from "./tls-audit.ts";
import { tollFraud } from "./toll-fraud.ts";
import { webSockets } from "./web-sockets.ts";

/** Each with the rows of docs/attacks.md that it is about, in the order of these. */
const ALL: readonly (readonly [rows: string, name: string, run: Attack])[] = [
  ["A1", "enumeration", enumeration],
  ["A1 A2", "scanners", scanners],
  ["A2", "guessing", guessing],
  ["A3", "secrets", secrets],
  ["A4", "replaying", replaying],
  ["A5", "rogues", rogues],
  ["A6", "forging", forging],
  ["A7", "teardown", teardown],
  ["A8 A9", "flood", flood],
  ["A9", "fileLimit", fileLimit],
  ["A10", "dribblers", dribblers],
  ["A11", "framing", framing],
  ["A12", "spellings", spellings],
  ["A13", "splitting", splitting],
  ["A14", "pathological", pathological],
  ["A15", "hostileMedia", hostileMedia],
  ["A16 A17", "bleeding", bleeding],
  ["A18", "handshakes", handshakes],
  ["A19", "relayPeers", relayPeers],
  ["A20", "reflection", reflection],
  ["A21", "forking", forking],
  ["A22", "circling", circling],
  ["A23", "subscribing", subscribing],
  ["A24", "listing", listing],
  ["A25", "tollFraud", tollFraud],
  ["A26", "relaying", relaying],
  ["A27 A28", "hijacking", hijacking],
  ["A29", "certificates", certificates],
  ["A29", "tlsAudit", tlsAudit],
  ["A30", "webSockets", webSockets],
  ["A32", "identities", identities],
  ["A33", "names", names],
  ["A37", "files", files],
  ["A38", "logs", logs],
  ["A39", "colliding", colliding],
  ["A42", "polluting", polluting],
];
type Attack = (folder: string, report: Report, isFull: boolean) => Promise<void>;
const [SHORT_MS, FULL_MS] = [600_000, 3_600_000];
const CHECK_MS = 200_000;
const FULL_CHECK_MS = 1_800_000;

const { values, positionals } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    mirror: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

process.exitCode = isAlone() ? await runAttacks(tmpdir()) : await begin();
// A check that was given up must not keep us.
if (isAlone()) process.exit();

/** Outside: everything that can be killed at once is started from here. */
async function begin(): Promise<number> {
  const missing = missingPrograms([
    { path: "/usr/bin/unshare", debianPackage: "util-linux" },
    { path: "/usr/bin/openssl", debianPackage: "openssl" },
    { path: SVWAR, debianPackage: "sipvicious" },
    { path: SVCRACK, debianPackage: "sipvicious" },
    { path: "/usr/bin/testssl", debianPackage: "testssl.sh" },
    { path: "/usr/bin/chromium", debianPackage: "chromium" },
    ...(values.mirror ? [{ path: "/usr/sbin/kamailio", debianPackage: "kamailio" }] : []),
  ]);
  for (const { path, debianPackage } of missing) {
    console.log(`FAILED: ${path} is missing; on Debian: apt-get install ${debianPackage}`);
  }
  if (missing.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), "carillon-attacks-"));
  const deadlineMs = values.full ? FULL_MS : SHORT_MS;
  const code = await runAlone(import.meta.filename, process.argv.slice(2), folder, deadlineMs);
  if (code === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`What the program said: ${folder}`);
  return code;
}

async function runAttacks(folder: string): Promise<number> {
  const startMs = performance.now();
  smallBuffers();
  const report = new Report("", values.full ? FULL_CHECK_MS : CHECK_MS);
  if (values.mirror) await mirror(folder, report);
  for (const [rows, name, run] of values.mirror ? [] : ALL) {
    const isWanted = [name, ...rows.split(" ")].some((one) => positionals.includes(one));
    if (positionals.length > 0 && !isWanted) continue;
    report.prefix = `${rows} ${name}: `;
    current.attack = `${rows} ${name}`;
    await run(folder, report, values.full);
    // What an attack that failed has left behind.
    killChildren();
  }
  report.prefix = "A40 loop: ";
  if (OWN_DELAYS.length > 0) await report.check("it came back in time under each attack", inTime);
  const { passed, failed } = report;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`${passed} ok, ${failed} failed (${seconds} s)`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * In each attack, and in all of them together, one turn in a thousand may be over 50 ms. An attack
 * with fewer turns than that may have a single one, since no share of a thousand can be told there.
 */
async function inTime(): Promise<string> {
  const worst = OWN_DELAYS.toSorted((a, b) => b.ms - a.ms);
  const sum = (of: (one: OwnDelay) => number) => worst.reduce((all, one) => all + of(one), 0);
  const [looks, long] = [sum((one) => one.looks), sum((one) => one.long)];
  const words = worst.slice(0, 3).map(({ attack, ms }) => `${ms} ms in ${attack}`);
  const figure = `${long} of ${looks} turns over 50 ms; at p99.9 at most ${words.join(", ")}`;
  const slow = worst.filter((one) => one.long > Math.max(1, one.looks / 1000));
  demand(slow.length === 0, `too often in ${slow.map(({ attack }) => attack).join()}: ${figure}`);
  demand(long <= Math.max(1, looks / 1000), figure);
  return `${figure}; ${worst.length} attacks`;
}

/** Of this namespace's streams, so that whoever does not read is felt after kilobytes. */
function smallBuffers(): void {
  for (const name of ["tcp_rmem", "tcp_wmem"]) {
    writeFileSync(`/proc/sys/net/ipv4/${name}`, "4096 32768 65536");
  }
}
