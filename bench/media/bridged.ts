/**
 * The program with phones of plain G.711 at both ends, SIPp's, whose calls go through its bridge,
 * or past it: what one costs to set up and end, and what one that stays holds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../../interop/until.ts";
import { program } from "../proxy/program.ts";
import { cpuSeconds, memoryBytes, ownMemoryBytes } from "../proxy/server.ts";
import { Sipp } from "../proxy/sipp.ts";
import type { Costing } from "../turns.ts";
import { NG, startRtpengine } from "./rtpengine-relay.ts";

/** With media in the program's own worker, with media in rtpengine, and without the bridge. */
export type Way = "carillon" | "rtpengine" | "proxied";

export interface SetUp extends Costing {
  readonly failed: number;
  readonly retransmissions: number;
  /** From INVITE to its 200. */
  readonly meanMs: number;
}

/** Bytes for each call, of the program and of whatever has its media. */
export interface Held {
  /** Two seconds after the last was answered. */
  readonly atOnce: number;
  /** Once transactions have ended and V8 has given back what was theirs. */
  readonly atRest: number;
  /** What of that is the program's own, without its worker or rtpengine. */
  readonly inProgram: number;
}

const PORT = 5070;
/** One call for each of them at a time. */
const PEOPLE = 1000;
/** Before anything is counted. */
const WARM_CALLS = 1500;
const WARM_RATE = 50;
const ENGINE_MS = 5000;

const ARGS: Readonly<Record<Way, readonly string[]>> = {
  carillon: ["--media", "always", "--media-workers", "1"],
  rtpengine: ["--media", "always", "--media-engine", `rtpengine 127.0.0.1:${NG}`],
  proxied: ["--media", "never"],
};

interface House {
  readonly sipp: Sipp;
  cpu(): number;
  bytes(): number;
  programBytes(): number;
}

/** Calls that are hung up once they are answered, so many a second. */
export function setUps(way: Way, perSecond: number, seconds: number): Promise<SetUp> {
  return inHouse(way, async ({ sipp, cpu }) => {
    const callee = await sipp.callee();
    const load = { scenario: "call", server: PORT };
    await sipp.load({ ...load, perSecond: WARM_RATE, count: WARM_CALLS });
    const [before, count] = [cpu(), perSecond * seconds];
    const seen = await sipp.load({ ...load, perSecond, count });
    const used = cpu() - before;
    await callee.stop(2000).catch(() => {});
    const { succeeded, retransmissions, meanMs } = seen;
    const microseconds = (1e6 * used) / Math.max(1, succeeded);
    return { microseconds, failed: count - succeeded, retransmissions, meanMs };
  });
}

/** So many calls that stay up, and say nothing. */
export function held(way: Way, calls: number, restMs: number): Promise<Held> {
  return inHouse(way, async ({ sipp, bytes, programBytes }) => {
    const first = await sipp.callee();
    // What the first calls of a program cost is no later one's.
    await sipp.load({ scenario: "call", server: PORT, perSecond: WARM_RATE, count: 100 });
    await first.stop(2000).catch(() => {});
    const callee = await sipp.callee("callee-stays");
    await pause(restMs);
    const [before, programBefore] = [bytes(), programBytes()];
    const caller = sipp.keep("call-stays", { server: PORT, perSecond: WARM_RATE, count: calls });
    await pause((1000 * calls) / WARM_RATE + 2000);
    const each = (): number => (bytes() - before) / calls;
    const atOnce = each();
    await pause(restMs);
    const atRest = each();
    const inProgram = (programBytes() - programBefore) / calls;
    const up = caller.up();
    for (const one of [caller.child, callee]) await one.stop(3000).catch(() => {});
    if (up < calls) throw new Error(`${up} of ${calls} calls were set up`);
    return { atOnce, atRest, inProgram };
  });
}

async function inHouse<T>(way: Way, run: (house: House) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const engine = way === "rtpengine" ? startRtpengine(folder) : undefined;
  const wanted = { digest: false, durable: true, people: PEOPLE, nodeFlags: [] };
  const { child } = await program(folder, PORT, { ...wanted, args: ARGS[way] });
  const pids = [child.pid, ...(engine ? [engine.pid] : [])];
  const sum = (of: (pid: number) => number) => (): number =>
    pids.reduce((total, pid) => total + of(pid), 0);
  const sipp = new Sipp(folder, PEOPLE);
  try {
    await sipp.load({ server: PORT, perSecond: 500, count: PEOPLE, scenario: "register" });
    // Processes for media start a second after the first desk phone.
    await pause(ENGINE_MS);
    const programBytes = (): number => ownMemoryBytes(child.pid);
    return await run({ sipp, cpu: sum(cpuSeconds), bytes: sum(memoryBytes), programBytes });
  } finally {
    await child.stop(5000).catch(() => {});
    await engine?.stop(5000).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}
