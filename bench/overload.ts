/**
 * What a server does when it gets more calls than it can serve, beside Kamailio, in one run.
 *
 *   npm run bench:overload
 *   npm run bench:overload -- --times=2,10 --seconds=10 --only=carillon
 *
 * Each message that a server lets in costs it four milliseconds, in which it sleeps: so both can
 * do the same, whoever calls has the machine for themselves, and what counts is whom they let in.
 * How much that is, is measured first: with as many calls at a time as keep a server busy, the next
 * one when one is over. Callers are ours (`carillon/testing`), with the repetitions of RFC 3261
 * §17: what is offered is offered, however slow the answers are.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contactOf, ManyCallers } from "carillon/testing";
import { RealWorld } from "./overload/real-world.ts";
import { judged, type Seen, type Times } from "./overload/seen.ts";
import { carillon } from "./proxy/carillon.ts";
import { kamailio } from "./proxy/kamailio.ts";
import { DOMAIN, type Server, type Wanted } from "./proxy/server.ts";
import { besideOthers } from "./turns.ts";

const PROGRAMS = [{ path: "/usr/sbin/kamailio", debianPackage: "kamailio" }];
const PORT = 5070;
const HOLD_MS = 2000;
const DEADLINE_MS = 40 * 60_000;
/** Before the load it gets half of what it can do, and afterwards again. */
const [BEFORE_MS, AFTER_MS, DRAIN_MS] = [4000, 10_000, 25_000];
/** Calls at a time that keep it busy, and how long one looks. */
const [AT_A_TIME, MEASURE_MS] = [8, 8000];
const PLACES = {
  callers: { host: "127.0.0.1", port: 5080 },
  callee: { host: "127.0.0.1", port: 5090 },
};
const USER = "u1";
const URI = `sip:${USER}@${DOMAIN}`;

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "1,1.2,2,5,10" },
    seconds: { type: "string", default: "15" },
    cost: { type: "string", default: "4" },
    only: { type: "string", default: "carillon,kamailio,kamailio-limited" },
  },
});

/** What an operator leaves for what a fixed limit does not see: repetitions, and calls that end. */
const MARGIN = 0.9;

/** How each is begun; `limit` is what it has been measured to do. */
const KINDS: Readonly<
  Record<string, (folder: string, limit: number | undefined) => Promise<Server>>
> = {
  carillon: (folder, limit) =>
    carillon(folder, PORT, wanted(limit === undefined ? {} : { limit: "own" })),
  "carillon-uncontrolled": (folder) => carillon(folder, PORT, wanted({})),
  kamailio: (folder) => kamailio(folder, PORT, wanted({})),
  "kamailio-limited": (folder, limit) =>
    kamailio(
      folder,
      PORT,
      wanted(limit === undefined ? {} : { limit: Math.floor(MARGIN * limit) }),
    ),
};

const wanted = (more: Partial<Wanted>): Wanted => ({
  ...{ digest: false, durable: false, people: 10, nodeFlags: [], costMs: Number(values.cost) },
  ...more,
});

const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

async function withServer<T>(
  name: string,
  limit: number | undefined,
  run: (world: RealWorld) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-overload-"));
  const server = await KINDS[name]?.(folder, limit);
  if (!server) throw new Error(`there is no ${name}`);
  const at = { host: "127.0.0.1", port: PORT };
  const world = await RealWorld.at(at, PLACES.callers, PLACES.callee);
  try {
    await register(world);
    return await run(world);
  } finally {
    world.close();
    await server.child.stop(5000).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

async function register(world: RealWorld): Promise<void> {
  const { host, port } = PLACES.callee;
  const heard = new Promise<string>((resolve) => world.join(PLACES.callee, resolve));
  const lines = [
    `REGISTER sip:${DOMAIN} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${port};branch=z9hG4bKregister`,
    ...["Max-Forwards: 70", `From: <${URI}>;tag=r`, `To: <${URI}>`, "Call-ID: register"],
    ...["CSeq: 1 REGISTER", `Contact: <${contactOf(PLACES.callee)}>;expires=3600`],
    "Content-Length: 0\r\n\r\n",
  ];
  world.send(PLACES.callee, lines.join("\r\n"));
  const answer = await heard;
  if (!answer.startsWith("SIP/2.0 200 ")) throw new Error(`not registered: ${answer}`);
}

/** Calls a second that it completes when it always has something to do and never too much. */
function capacity(name: string): Promise<number> {
  return withServer(name, undefined, async (world) => {
    let isOver = false;
    const callers: ManyCallers = new ManyCallers(world, {
      ...{ holdMs: 0, uri: URI, places: PLACES },
      ended: () => isOver || callers.one(),
    });
    for (let nth = 0; nth < AT_A_TIME; nth++) callers.one();
    const done = (): number => callers.calls.filter(({ end }) => end === "over").length;
    await pause(2000);
    const before = done();
    await pause(MEASURE_MS);
    const perSecond = (1000 * (done() - before)) / MEASURE_MS;
    isOver = true;
    await pause(1000);
    return perSecond;
  });
}

function offered(name: string, times: number, perSecond: number): Promise<Seen> {
  return withServer(name, Math.round(perSecond), async (world) => {
    const callers = new ManyCallers(world, { holdMs: HOLD_MS, uri: URI, places: PLACES });
    callers.call(perSecond / 2, world.now + BEFORE_MS);
    await pause(BEFORE_MS);
    const startMs = world.now;
    const loadMs = 1000 * Number(values.seconds);
    callers.call(times * perSecond, startMs + loadMs);
    await pause(loadMs);
    const endMs = world.now;
    callers.call(perSecond / 2, endMs + AFTER_MS);
    await pause(AFTER_MS + DRAIN_MS);
    const when: Times = { startMs, endMs, settleMs: HOLD_MS + 1000, normalMs: endMs + 5000 };
    return judged(callers.calls, when);
  });
}

function inWords(seen: Seen, times: number, perSecond: number): string {
  const share = (100 * seen.perSecond) / (Math.min(1, times) * perSecond);
  const done = `${seen.perSecond.toFixed(0).padStart(4)}/s ${share.toFixed(0).padStart(4)} %`;
  const [p50, p99] = [seen.p50Ms.toFixed(0), seen.p99Ms.toFixed(0)];
  const ends = `${seen.refused} refused, ${seen.unanswered} unanswered`;
  const after = `5 s later ${seen.normal} of ${seen.later} as usual`;
  const setUp = `set up in ${p50} ms, ${p99} at p99`;
  return `${String(times).padStart(4)} x ${done}  ${setUp}  ${ends}, ${seen.lost} lost  ${after}`;
}

async function main(): Promise<void> {
  for (const name of values.only.split(",")) {
    const perSecond = await capacity(name);
    console.log(`${name}: ${perSecond.toFixed(0)} calls/s at most`);
    for (const times of values.times.split(",").map(Number)) {
      const seen = await offered(name, times, perSecond);
      console.log(`${name.padEnd(18)} ${inWords(seen, times, perSecond)}`);
    }
  }
}

const script = fileURLToPath(import.meta.url);
process.exitCode = await besideOthers(
  { script, programs: PROGRAMS, deadlineMs: DEADLINE_MS },
  main,
);
