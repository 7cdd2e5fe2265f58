/**
 * A whole server beside Kamailio, in one run: CPU for a proxied call and for a registration.
 *
 *   npm run bench:proxy                                   calls at 1,000, 2,500 and 4,000 a second
 *   npm run bench:proxy -- --rates=1000 --seconds=4 --rounds=1 --what=call,register-digest
 *
 * The server has one core and SIPp the other. The two take turns, and their medians are compared:
 * CPU for a call falls as the rate rises, so that only equal rates compare.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isAlone, missingPrograms, runAlone } from "../trial/alone.ts";
import { carillon } from "./proxy/carillon.ts";
import { kamailio } from "./proxy/kamailio.ts";
import { cpuSeconds, memoryBytes, type Server, type Wanted } from "./proxy/server.ts";
import { Sipp } from "./proxy/sipp.ts";

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
    rounds: { type: "string", default: "3" },
    what: { type: "string", default: "call,call-digest,register,register-digest" },
    only: { type: "string", default: "carillon,kamailio" },
    people: { type: "string", default: `${PEOPLE}` },
    durable: { type: "boolean", default: false },
  },
});

const BEGINNERS = { carillon, kamailio };

interface Measured {
  readonly microseconds: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly meanMs: number;
  readonly bytes: number;
}

async function measured(
  name: keyof typeof BEGINNERS,
  what: string,
  rate: number,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const people = Number(values.people);
  const wanted: Wanted = { digest: what.endsWith("digest"), durable: values.durable, people };
  const server = await BEGINNERS[name](folder, PORT, wanted);
  try {
    const sipp = new Sipp(folder, people);
    const isCall = what.startsWith("call");
    const first = { server: PORT, perSecond: 2000, count: people };
    if (isCall) await sipp.load({ ...first, scenario: what.replace("call", "register") });
    const callee = isCall ? await sipp.callee() : undefined;
    const result = await underLoad(server, sipp, what, rate);
    await callee?.stop(2000).catch(() => {});
    return result;
  } finally {
    await server.child.stop(5000).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad(
  server: Server,
  sipp: Sipp,
  what: string,
  rate: number,
): Promise<Measured> {
  const { pid } = server.child;
  const count = rate * Number(values.seconds);
  const before = cpuSeconds(pid);
  const seen = await sipp.load({ scenario: what, server: PORT, perSecond: rate, count });
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
  const names = values.only.split(",") as (keyof typeof BEGINNERS)[];
  const all = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of names) all.get(name)?.push(await measured(name, what, rate));
  }
  const medians = names.map((name) => medianOf(all.get(name) ?? []));
  for (const [nth, name] of names.entries()) {
    const one = medians[nth];
    if (!one) continue;
    const ratio = one.microseconds / (medians.at(-1)?.microseconds ?? 1);
    console.log(
      `${what.padEnd(16)} ${String(rate).padStart(5)}/s  ${name.padEnd(9)} ` +
        `${one.microseconds.toFixed(0).padStart(5)} us CPU each  ${ratio.toFixed(2)} x  ` +
        `${one.meanMs.toFixed(1)} ms  ${one.failed} failed, ${one.retransmissions} again, ` +
        `${(one.bytes / 1e6).toFixed(0)} MB`,
    );
  }
}

/** The run in the middle, by CPU. */
const medianOf = (all: readonly Measured[]): Measured | undefined =>
  [...all].sort((a, b) => a.microseconds - b.microseconds)[Math.floor(all.length / 2)];

async function main(): Promise<number> {
  const missing = missingPrograms(PROGRAMS);
  if (missing.length > 0) {
    console.log(`missing: apt-get install ${missing.map((one) => one.debianPackage).join(" ")}`);
    return 1;
  }
  if (!isAlone()) {
    const script = fileURLToPath(import.meta.url);
    return runAlone(script, process.argv.slice(2), tmpdir(), DEADLINE_MS);
  }
  for (const what of values.what.split(",")) {
    for (const rate of values.rates.split(",").map(Number)) await compare(what, rate);
  }
  return 0;
}

process.exitCode = await main();
