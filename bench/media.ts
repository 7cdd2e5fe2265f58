/**
 * What media cost on their way, beside rtpengine in userspace: calls that are passed on, calls of
 * which one side is encrypted (SDES), and calls that are decoded and coded anew. And what calls
 * cost the whole program, with either of them and without a bridge: to set up, and to stay.
 *
 *   npm run bench:media                                     everything, three rounds
 *   npm run bench:media -- --what=relay --calls=200 --rounds=1 --seconds=5
 *   npm run bench:media -- --what=relay,srtp,opus,g711 --only=carillon
 *   npm run bench:media -- --what=setup --rates=50,100 --rounds=1
 *   npm run bench:media -- --what=memory --calls=200,1000 --rest=60
 *
 * Of media, each has one core, and what makes and takes the packets the other one: two sockets of a
 * phone for all calls, 50 packets a second each way. A packet counts once it has come and gone. The
 * two take turns; CPU is of all processes of each, medians of the rounds. In `setup` and `memory`
 * the program with its worker, or with rtpengine, has one core and SIPp the other, with plain G.711
 * at both ends.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { held, setUps, type Way } from "./media/bridged.ts";
import { carillonRelay } from "./media/carillon-relay.ts";
import { loaded, type Measured } from "./media/load.ts";
import type { Kind, Relay } from "./media/relay.ts";
import { rtpengineRelay } from "./media/rtpengine-relay.ts";
import { besideOthers, inTurns } from "./turns.ts";

const PROGRAMS = [
  { path: "/usr/bin/rtpengine", debianPackage: "rtpengine-daemon" },
  { path: "/usr/bin/sipp", debianPackage: "sip-tester" },
  { path: "/usr/bin/taskset", debianPackage: "util-linux" },
];
const DEADLINE_MS = 60 * 60_000;
const BEGINNERS = { carillon: carillonRelay, rtpengine: rtpengineRelay };
type Name = keyof typeof BEGINNERS;

const { values } = parseArgs({
  options: {
    what: { type: "string", default: "relay,srtp,opus,setup,memory" },
    calls: { type: "string", default: "" },
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    rates: { type: "string", default: "50,100,200" },
    rest: { type: "string", default: "60" },
  },
});

/** Calls at once, where it is not told. */
const CALLS: Readonly<Record<Kind | "memory", readonly number[]>> = {
  ...{ relay: [50, 200, 600], srtp: [50, 200], opus: [25, 50], g711: [50], memory: [200, 1000] },
};

process.exitCode = await besideOthers(
  { script: fileURLToPath(import.meta.url), programs: PROGRAMS, deadlineMs: DEADLINE_MS },
  async () => {
    for (const what of values.what.split(",") as (Kind | "setup" | "memory")[]) {
      const run = what === "setup" ? setUpBeside : what === "memory" ? heldBeside : undefined;
      const usual = what === "setup" ? numbers(values.rates) : CALLS[what];
      const asked = values.calls && what !== "setup" ? numbers(values.calls) : usual;
      for (const one of asked) await (run ? run(one) : beside(what as Kind, one));
    }
  },
);

/** Calls set up each second. */
async function setUpBeside(perSecond: number): Promise<void> {
  const ways = (values.only || "carillon,rtpengine,proxied").split(",");
  const all = await inTurns(ways, Number(values.rounds), (way) =>
    setUps(way as Way, perSecond, Number(values.seconds)),
  );
  const least = all.get("proxied")?.microseconds;
  for (const [way, { microseconds, meanMs, failed, retransmissions }] of all) {
    const figures = [
      `${microseconds.toFixed(0)} µs CPU each`,
      ...(least === undefined ? [] : [`${(microseconds / least).toFixed(1)} x`]),
      `${Math.floor(1e6 / microseconds)} a second and core`,
      `${meanMs.toFixed(1)} ms`,
      `${failed} failed, ${retransmissions} again`,
    ];
    console.log(`setup  ${perSecond}/s  ${way.padEnd(9)} ${figures.join(", ")}`);
  }
}

/** Calls that stay. */
async function heldBeside(calls: number): Promise<void> {
  for (const way of (values.only || "carillon,rtpengine,proxied").split(",")) {
    const { atOnce, atRest, inProgram } = await held(way as Way, calls, 1000 * Number(values.rest));
    const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
    const rest = `${kb(atRest)} at rest, ${kb(inProgram)} of them the program's`;
    const figures = `${kb(atOnce)} a call at once, ${rest}`;
    console.log(`memory ${calls} calls  ${way.padEnd(9)} ${figures}`);
  }
}

function numbers(list: string): readonly number[] {
  return list.split(",").map(Number);
}

async function beside(kind: Kind, calls: number): Promise<void> {
  const names = (values.only || "carillon,rtpengine").split(",");
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
