/**
 * Messages and presence as a whole server does them, beside Kamailio, in one run: CPU for a NOTIFY,
 * for a message that is kept and for one that is forwarded, and memory for a subscription.
 *
 *   npm run bench:events
 *   npm run bench:events -- --what=notify --watchers=1000 --changes=10 --rounds=3
 *   npm run bench:events -- --what=memory --subscriptions=10000
 *   npm run bench:events -- --what=kept,forwarded --rates=100,300 --seconds=6
 *
 * Carillon is the program: what it answers with 2xx is on the disk. Kamailio is measured with its
 * subscriptions in SQLite and without. Each has one core, and whoever watches and writes the other.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kamailio } from "./events/kamailio.ts";
import { tokens } from "./events/tokens.ts";
import { Watchers } from "./events/watchers.ts";
import { program } from "./proxy/program.ts";
import { cpuSeconds, memoryBytes, type Server } from "./proxy/server.ts";
import { Sipp } from "./proxy/sipp.ts";
import { besideOthers, type Costing, inTurns } from "./turns.ts";

const PROGRAMS = [
  {
    path: "/usr/sbin/kamailio",
    debianPackage: "kamailio kamailio-presence-modules kamailio-sqlite-modules",
  },
  { path: "/usr/bin/sipp", debianPackage: "sip-tester" },
  { path: "/usr/bin/sqlite3", debianPackage: "sqlite3" },
];
const PORT = 5070;
const PEOPLE = 10_001;
const DEADLINE_MS = 40 * 60_000;
/** Between two changes: RFC 3856 §6.10 has five seconds between two NOTIFYs. */
const GAP_MS = 5500;
/** Transactions end 32 s after their last word; then what is left is the subscriptions'. */
const REST_MS = 50_000;
/** For V8's compilers. */
const WARM_CHANGES = 3;

const { values } = parseArgs({
  options: {
    what: { type: "string", default: "notify,memory,kept,forwarded" },
    only: { type: "string", default: "carillon,kamailio,kamailio-sqlite" },
    watchers: { type: "string", default: "1000" },
    changes: { type: "string", default: "8" },
    subscriptions: { type: "string", default: "10000" },
    rates: { type: "string", default: "100,300" },
    seconds: { type: "string", default: "6" },
    warm: { type: "string", default: "36" },
    rounds: { type: "string", default: "3" },
  },
});

type Begin = (folder: string) => Promise<Server>;
const base = { digest: true, people: PEOPLE, nodeFlags: [] };
const BEGINNERS: Readonly<Record<string, Begin>> = {
  carillon: (folder) => program(folder, PORT, { ...base, durable: true }),
  kamailio: (folder) => kamailio(folder, PORT, { ...base, durable: false }),
  "kamailio-sqlite": (folder) => kamailio(folder, PORT, { ...base, durable: true }),
};
const NAMES = values.only.split(",");
const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

/** Everybody shows a token; Kamailio gets some as long, and does not look at them. */
const tokensFor = (name: string, folder: string): readonly string[] =>
  name === "carillon" ? tokens(folder, PEOPLE) : Array.from({ length: PEOPLE }, () => OPAQUE);
const OPAQUE = "x".repeat(100);

interface Begun {
  readonly server: Server;
  readonly folder: string;
  readonly all: readonly string[];
}

/** A fresh server for one measurement, and everybody's tokens. */
async function withServer<T>(name: string, run: (begun: Begun) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const begin = BEGINNERS[name];
  if (!begin) throw new Error(`nobody is called ${name}`);
  const server = await begin(folder);
  try {
    return await run({ server, folder, all: tokensFor(name, folder) });
  } finally {
    await server.child.stop(5000).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Figure extends Costing {
  readonly more: string;
}

/** One person, many who watch: what a NOTIFY costs, its 200 and a share of the PUBLISH with it. */
const notify = (name: string): Promise<Figure> =>
  withServer(name, async ({ server, all }) => {
    const { pid } = server.child;
    const watchers = await Watchers.open(PORT, all);
    try {
      await watchers.change("first");
      const began = cpuSeconds(pid);
      await watchers.subscribe(Number(values.watchers), () => "u0");
      const subscribing = cpuSeconds(pid) - began;
      for (let i = 0; i < WARM_CHANGES; i++) {
        await pause(GAP_MS);
        await watchers.change(`warm ${i}`);
      }
      const [before, told] = [cpuSeconds(pid), watchers.told];
      for (let i = 0; i < Number(values.changes); i++) {
        await pause(GAP_MS);
        await watchers.change(`change ${i}`);
      }
      await pause(GAP_MS);
      const microseconds = ((cpuSeconds(pid) - before) * 1e6) / (watchers.told - told);
      const each = ((subscribing * 1e6) / Number(values.watchers)).toFixed(0);
      const second = Math.round(1e6 / microseconds);
      const again = `${watchers.repeated} again; SUBSCRIBE ${each} us`;
      return { microseconds, more: `${second} NOTIFYs a CPU second, ${again}` };
    } finally {
      watchers.close();
    }
  });

/** Resident memory that a subscription adds, among a thousand for each who is watched. */
async function memory(): Promise<void> {
  const count = Number(values.subscriptions);
  for (const name of NAMES) {
    await withServer(name, async ({ server: { child }, all }) => {
      const watchers = await Watchers.open(PORT, all);
      // What the first ones cost is no subscription's.
      await watchers.subscribe(100, () => "u0");
      watchers.close();
      await pause(REST_MS);
      const before = memoryBytes(child.pid);
      const more = await Watchers.open(PORT, all);
      await more.subscribe(count, (nth) => `u${Math.floor(nth / 1000)}`);
      const first = (memoryBytes(child.pid) - before) / count;
      await pause(REST_MS);
      const rest = (memoryBytes(child.pid) - before) / count;
      more.close();
      const figures = `${first.toFixed(0)} bytes each, ${rest.toFixed(0)} at rest`;
      console.log(`memory     ${count} subscriptions  ${name.padEnd(15)} ${figures}`);
    });
  }
}

/** A message for somebody who is away, or is there: what it costs until it is answered. */
const messages = (name: string, what: "kept" | "forwarded", rate: number): Promise<Figure> =>
  withServer(name, async ({ server, folder, all }) => {
    const { pid } = server.child;
    const sipp = new Sipp(folder, PEOPLE, all);
    const isThere = what === "forwarded";
    if (isThere) {
      await sipp.load({ server: PORT, perSecond: 2000, count: PEOPLE, scenario: "register-token" });
    }
    const reader = isThere ? await sipp.callee("message-callee") : undefined;
    const load = { scenario: "message", server: PORT, perSecond: rate };
    if (values.warm !== "0") await sipp.load({ ...load, count: rate * Number(values.warm) });
    const before = cpuSeconds(pid);
    const count = rate * Number(values.seconds);
    const seen = await sipp.load({ ...load, count });
    const microseconds = ((cpuSeconds(pid) - before) * 1e6) / Math.max(1, seen.succeeded);
    await reader?.stop(2000).catch(() => {});
    const failed = `${count - seen.succeeded} failed, ${seen.retransmissions} again`;
    const a = Math.round(1e6 / microseconds);
    return { microseconds, more: `${a} a CPU second, ${seen.meanMs.toFixed(1)} ms, ${failed}` };
  });

async function compare(what: string, names: readonly string[], run: Run): Promise<void> {
  const medians = await inTurns(names, Number(values.rounds), run);
  for (const [name, one] of medians) {
    const beside = medians.get("kamailio") ?? one;
    const ratio = one.microseconds / beside.microseconds;
    const each = `${one.microseconds.toFixed(0).padStart(5)} us CPU each`;
    console.log(
      `${what.padEnd(20)} ${name.padEnd(15)} ${each}  ${ratio.toFixed(2)} x  ${one.more}`,
    );
  }
}

type Run = (name: string) => Promise<Figure>;

async function main(): Promise<void> {
  // Messages lie in SQLite in both cases.
  const keepers = NAMES.filter((name) => name !== "kamailio-sqlite");
  for (const what of values.what.split(",")) {
    if (what === "memory") await memory();
    else if (what === "notify") {
      await compare(`notify ${values.watchers}`, NAMES, (name) => notify(name));
    } else if (what === "kept" || what === "forwarded") {
      for (const rate of values.rates.split(",").map(Number)) {
        await compare(`${what} ${rate}/s`, keepers, (name) => messages(name, what, rate));
      }
    } else throw new Error(`nothing is called ${what}`);
  }
}

const script = fileURLToPath(import.meta.url);
process.exitCode = await besideOthers(
  { script, programs: PROGRAMS, deadlineMs: DEADLINE_MS },
  main,
);
