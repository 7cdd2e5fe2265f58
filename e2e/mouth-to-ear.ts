// How long sound takes from a mouth to an ear, and what a line that loses a tenth makes of it:
// clicks and steps of a tone in the real program, with pages in Chromium and a phone with G.711.
//
//   npm run mouth-to-ear
//   npm run mouth-to-ear -- --seconds 60
//   npm run mouth-to-ear -- --to phone --what steps
//   npm run mouth-to-ear -- --before-others      on a machine that does other work

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { killChildren } from "../interop/child.ts";
import { missingPeers } from "../interop/peers.ts";
import { demand, Report } from "../interop/report.ts";
import { isAlone, runAlone } from "../trial/alone.ts";
import { MouthToEar, type Way } from "./mouth-to-ear-stage.ts";
import { STEP_MS } from "./steps.ts";

const WAYS: Readonly<Record<string, Way>> = {
  ...{ phone: "page ↔ phone", "opus-phone": "page with Opus alone ↔ phone" },
};
const P95_MS = 150;
const GAP_MS = 60;
/** So many clicks have to be heard for each second. */
const CLICKS_PER_SECOND = 1.2;
const DEADLINE_MS = 600_000;
const CHECK_MS = 180_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    to: { type: "string", default: "page,phone,opus-phone" },
    what: { type: "string", default: "clicks,steps" },
    /** 0 shows what is heard as a gap though nothing is lost. */
    loss: { type: "string", default: "0.1" },
    "before-others": { type: "boolean", default: false },
  },
});
const [seconds, loss] = [Number(values.seconds), Number(values.loss)];
const ways = values.to.split(",").map((one): Way => WAYS[one] ?? "page ↔ page");

process.exitCode = isAlone() ? await measure(tmpdir()) : await begin();
if (isAlone()) process.exit();

async function begin(): Promise<number> {
  const missing = missingPeers();
  for (const sentence of missing) console.log(`FAILED: ${sentence}`);
  if (missing.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), "carillon-mouth-to-ear-"));
  const code = await runAlone(import.meta.filename, process.argv.slice(2), folder, DEADLINE_MS);
  if (code === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`What everybody said: ${folder}`);
  return code;
}

async function measure(folder: string): Promise<number> {
  const report = new Report("", CHECK_MS);
  const stage = await MouthToEar.open(folder, report, values["before-others"]);
  for (const way of values.what.includes("clicks") ? ways : []) {
    await report.check(`${way}, a clean line: 95 of 100 clicks are heard within ${P95_MS} ms`, () =>
      clicks(stage, way),
    );
  }
  for (const way of values.what.includes("steps") ? ways : []) {
    await report.check(`${way}, ${100 * loss} % are lost: no gap is longer than ${GAP_MS} ms`, () =>
      gaps(stage, way),
    );
  }
  await report.check("the house ran without a fault", () => stage.close());
  killChildren();
  console.log(`${report.passed} ok, ${report.failed} failed`);
  return report.failed === 0 ? 0 : 1;
}

async function clicks(stage: MouthToEar, way: Way): Promise<string> {
  const ends = await stage.talk(way, { what: "clicks", loss: 0, seconds });
  const figures = ends.map(({ name, said, clicks: heard }) => {
    const delays = heard.map((atMs) => atMs - (said.findLast((one) => one <= atMs) ?? Number.NaN));
    const sorted = delays.toSorted((one, other) => one - other);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const words = `${name}: ${heard.length} clicks, p50 ${ms(at(0.5))}, p95 ${ms(at(0.95))}`;
    const isEnough = heard.length >= CLICKS_PER_SECOND * seconds;
    return { words, isSo: isEnough && at(0.95) <= P95_MS };
  });
  const words = figures.map((figure) => figure.words).join("; ");
  demand(
    figures.every(({ isSo }) => isSo),
    words,
  );
  return words;
}

async function gaps(stage: MouthToEar, way: Way): Promise<string> {
  // A page and a phone have G.711 in common, and that has none.
  const hasFec = loss > 0 && way !== "page ↔ phone";
  const ends = await stage.talk(way, { what: "steps", loss, seconds });
  const figures = ends.map(({ name, gapsMs, lost, fecPackets, concealed = 0 }) => {
    const longest = Math.max(0, ...gapsMs);
    const share = `${(100 * lost).toFixed(1)} % lost`;
    const made = `${(100 * concealed).toFixed(1)} % of it made up`;
    const again = fecPackets === undefined ? "" : `, ${fecPackets} packets with FEC, ${made}`;
    const count = `${gapsMs.length} gaps from ${STEP_MS} ms`;
    const words = `${name}: ${count}, the longest ${ms(longest)} (${share}${again})`;
    return { words, isSo: longest <= GAP_MS && (!hasFec || fecPackets !== 0) };
  });
  const words = figures.map((figure) => figure.words).join("; ");
  demand(
    figures.every(({ isSo }) => isSo),
    words,
  );
  return words;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
