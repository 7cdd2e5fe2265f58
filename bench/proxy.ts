/**
 * A whole server beside Kamailio, in one run: CPU for a proxied call and for a registration.
 *
 *   npm run bench:proxy                                   calls at 1,000, 2,500 and 4,000 a second
 *   npm run bench:proxy -- --rates=1000 --seconds=4 --rounds=1 --what=call,register-digest
 *   npm run bench:proxy -- --durable --what=register-digest    bindings on disk before the 200
 *   npm run bench:proxy -- --what=memory                       of 10,000 and 100,000 bindings
 *   npm run bench:proxy -- --what=latency                      idle, and at 1,000 calls a second
 *   npm run bench:proxy -- --at-once=40 --rates=2500   by calls at a time, on a busy machine
 *   npm run bench:proxy -- --only=carillon --node-flags=--max-semi-space-size=64
 *
 * In memory it is the library's server with the program's sockets; with `--durable` the program.
 * Each is warmed up for 36 seconds (`--warm`) before anything is counted: for V8's compilers, and
 * until as many transactions end as begin, which takes 32 s.
 * The server has one core and SIPp the other. The two take turns, and their medians are compared:
 * CPU for a call falls as the rate rises, so that only equal rates compare.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { carillon } from "./proxy/carillon.ts";
import { kamailio } from "./proxy/kamailio.ts";
import { latencyThrough } from "./proxy/latency.ts";
import { program } from "./proxy/program.ts";
import { cpuSeconds, memoryBytes, type Server, type Wanted } from "./proxy/server.ts";
import { Sipp } from "./proxy/sipp.ts";
import { besideOthers, type Costing, inTurns } from "./turns.ts";

const PROGRAMS = [
  { path: "/usr/sbin/kamailio", debianPackage: "kamailio kamailio-sqlite-modules" },
  { path: "/usr/bin/sipp", debianPackage: "sip-tester" },
  { path: "/usr/bin/sqlite3", debianPackage: "sqlite3" },
];
const PORT = 5070;
const PEOPLE = 10_000;
const DEADLINE_MS = 40 * 60_000;

const { values } = parseArgs({
  options: {
    rates: { type: "string", default: "1000,2500,4000" },
    seconds: { type: "string", default: "6" },
    warm: { type: "string", default: "36" },
    rounds: { type: "string", default: "3" },
    what: { type: "string", default: "call,call-digest,register,register-digest" },
    only: { type: "string", default: "carillon,kamailio" },
    people: { type: "string", default: `${PEOPLE}` },
    "at-once": { type: "string" },
    durable: { type: "boolean", default: false },
    "node-flags": { type: "string", default: "" },
  },
});

const BEGINNERS = { carillon: values.durable ? program : carillon, kamailio };
type Name = keyof typeof BEGINNERS;
const NAMES = values.only.split(",") as Name[];

interface Measured extends Costing {
  readonly failed: number;
  readonly retransmissions: number;
  readonly meanMs: number;
  readonly bytes: number;
}

/** A fresh server and a SIPp beside it, for one measurement. */
async function withServer<T>(
  name: Name,
  wanted: Partial<Wanted>,
  run: (server: Server, sipp: Sipp) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const people = Number(values.people);
  const { durable, "node-flags": flags } = values;
  const own = { nodeFlags: flags.split(" ").filter(Boolean) };
  const whole: Wanted = { digest: false, durable, people, ...own, ...wanted };
  const server = await BEGINNERS[name](folder, PORT, whole);
  try {
    return await run(server, new Sipp(folder, whole.people));
  } finally {
    await server.child.stop(5000).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts everybody's phone where SIPp answers. */
const registerAll = (sipp: Sipp, count: number, scenario = "register"): Promise<unknown> =>
  sipp.load({ server: PORT, perSecond: 2000, count, scenario });

function measured(name: Name, what: string, rate: number): Promise<Measured> {
  return withServer(name, { digest: what.endsWith("digest") }, async (server, sipp) => {
    if (!what.startsWith("call")) return underLoad(server, sipp, what, rate);
    await registerAll(sipp, Number(values.people), what.replace("call", "register"));
    const callee = await sipp.callee();
    const result = await underLoad(server, sipp, what, rate);
    await callee.stop(2000).catch(() => {});
    return result;
  });
}

/**
 * By then a server is at rest: transactions have ended after 32 s, and V8 has collected what they
 * left (after 30 s with little to do) and given the pages back (8 s later).
 */
const REST_MS = 90_000;

/** Resident memory that so many bindings add: when the last has just come, and at rest. */
async function memory(people: number): Promise<void> {
  for (const name of NAMES) {
    await withServer(name, { people }, async ({ child }, sipp) => {
      // What a first registration costs is no binding's.
      await registerAll(sipp, 100);
      await pause(1000);
      const before = memoryBytes(child.pid);
      await registerAll(sipp, people);
      await pause(2000);
      const each = (): string => ((memoryBytes(child.pid) - before) / people).toFixed(0);
      const first = each();
      await pause(REST_MS);
      const figures = `${first} bytes each, ${each()} at rest`;
      console.log(`memory   ${people} bindings  ${name.padEnd(9)} ${figures}`);
    });
  }
}

const BUSY_RATE = 1000;
/** At which a fresh server is not overrun. */
const WARM_RATE = 2500;

/** From datagram in to datagram out, on an idle machine and on one at work. */
async function latency(rate: number): Promise<void> {
  for (const name of NAMES) {
    await withServer(name, {}, async (_, sipp) => {
      await registerAll(sipp, Number(values.people));
      const callee = await sipp.callee();
      const load = { scenario: "call", server: PORT, perSecond: rate, count: rate * 24 };
      const working = rate > 0 ? sipp.load(load) : undefined;
      if (working) await pause(2000);
      const { p50, p99, lost } = await latencyThrough(PORT);
      await working;
      await callee.stop(2000).catch(() => {});
      const figures = `p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  ${lost} lost`;
      console.log(`latency  ${String(rate).padStart(4)} calls/s  ${name.padEnd(9)} ${figures}`);
    });
  }
}

const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

async function underLoad(
  server: Server,
  sipp: Sipp,
  what: string,
  rate: number,
): Promise<Measured> {
  const { pid } = server.child;
  const count = rate * Number(values.seconds);
  // A server runs for months: what its first seconds cost (compilers, growing tables) is not asked.
  const warmRate = Math.min(rate, WARM_RATE);
  const atOnce = values["at-once"] === undefined ? {} : { atOnce: Number(values["at-once"]) };
  const load = { scenario: what, server: PORT, perSecond: warmRate, ...atOnce };
  if (values.warm !== "0") await sipp.load({ ...load, count: warmRate * Number(values.warm) });
  const before = cpuSeconds(pid);
  const seen = await sipp.load({ ...load, perSecond: rate, count });
  const used = cpuSeconds(pid) - before;
  return {
    microseconds: (used * 1e6) / Math.max(1, seen.succeeded),
    failed: count - seen.succeeded,
    retransmissions: seen.retransmissions,
    meanMs: seen.meanMs,
    bytes: memoryBytes(pid),
  };
}

async function compare(what: string, rate: number): Promise<void> {
  const rounds = Number(values.rounds);
  const medians = await inTurns(NAMES, rounds, (name) => measured(name as Name, what, rate));
  const last = [...medians.values()].at(-1)?.microseconds ?? 1;
  for (const [name, one] of medians) {
    const ratio = one.microseconds / last;
    console.log(
      `${what.padEnd(16)} ${String(rate).padStart(5)}/s  ${name.padEnd(9)} ` +
        `${one.microseconds.toFixed(0).padStart(5)} us CPU each  ${ratio.toFixed(2)} x  ` +
        `${one.meanMs.toFixed(1)} ms  ${one.failed} failed, ${one.retransmissions} again, ` +
        `${(one.bytes / 1e6).toFixed(0)} MB`,
    );
  }
}

async function main(): Promise<void> {
  for (const what of values.what.split(",")) {
    if (what === "memory") for (const people of [10_000, 100_000]) await memory(people);
    else if (what === "latency") for (const rate of [0, BUSY_RATE]) await latency(rate);
    else for (const rate of values.rates.split(",").map(Number)) await compare(what, rate);
  }
}

const script = fileURLToPath(import.meta.url);
process.exitCode = await besideOthers(
  { script, programs: PROGRAMS, deadlineMs: DEADLINE_MS },
  main,
);
