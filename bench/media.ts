/**
 * What media cost on their way, beside rtpengine in userspace: calls that are passed on, calls of
 * which one side is encrypted (SDES), and calls that are decoded and coded anew.
 *
 *   npm run bench:media                                     everything, three rounds
 *   npm run bench:media -- --what=relay --calls=200 --rounds=1 --seconds=5
 *   npm run bench:media -- --what=relay,srtp,opus,g711 --only=carillon
 *
 * Each has one core, and what makes and takes the packets the other one: two sockets of a phone for
 * all calls, 50 packets a second each way. A packet counts once it has come and gone. The two take
 * turns; CPU is of all processes of each, medians of the rounds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { carillonRelay } from "./media/carillon-relay.ts";
import { loaded, type Measured } from "./media/load.ts";
import type { Kind, Relay } from "./media/relay.ts";
import { rtpengineRelay } from "./media/rtpengine-relay.ts";
import { besideOthers, inTurns } from "./turns.ts";

const PROGRAMS = [
  { path: "/usr/bin/rtpengine", debianPackage: "rtpengine-daemon" },
  { path: "/usr/bin/taskset", debianPackage: "util-linux" },
];
const DEADLINE_MS = 30 * 60_000;
const BEGINNERS = { carillon: carillonRelay, rtpengine: rtpengineRelay };
type Name = keyof typeof BEGINNERS;

const { values } = parseArgs({
  options: {
    what: { type: "string", default: "relay,srtp,opus" },
    calls: { type: "string", default: "" },
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "carillon,rtpengine" },
  },
});

/** Calls at once, where it is not told. */
const CALLS: Readonly<Record<Kind, readonly number[]>> = {
  ...{ relay: [50, 200, 600], srtp: [50, 200], opus: [25, 50], g711: [50] },
};

process.exitCode = await besideOthers(
  { script: fileURLToPath(import.meta.url), programs: PROGRAMS, deadlineMs: DEADLINE_MS },
  async () => {
    for (const kind of values.what.split(",") as Kind[]) {
      const counts = values.calls ? values.calls.split(",").map(Number) : CALLS[kind];
      for (const calls of counts) await beside(kind, calls);
    }
  },
);

async function beside(kind: Kind, calls: number): Promise<void> {
  const names = values.only.split(",");
  const all = await inTurns(names, Number(values.rounds), (name) =>
    once(name as Name, kind, calls),
  );
  for (const [name, run] of all) {
    const { microseconds, perSecond, lost, percent } = run;
    const figures = [
      `${microseconds.toFixed(2)} µs a packet`,
      `${perSecond.toFixed(0)} packets/s`,
      `${percent.toFixed(0)} % of a core`,
      `${Math.floor((calls * 100) / percent)} calls a core`,
      `${(100 * lost).toFixed(1)} % lost`,
    ];
    console.log(`${kind.padEnd(6)} ${calls} calls  ${name.padEnd(9)} ${figures.join(", ")}`);
  }
}

async function once(name: Name, kind: Kind, calls: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const relay: Relay = await BEGINNERS[name](folder);
  try {
    return await loaded(relay, { kind, calls, seconds: Number(values.seconds) });
  } finally {
    await relay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
