/** A server under test, whichever it is. */
import { readdirSync, readFileSync } from "node:fs";
import type { Child } from "../../interop/child.ts";

export const DOMAIN = "house.example";

/** What it is to do, besides proxying and registering. */
export interface Wanted {
  /** REGISTER and INVITE with digest: of MD5, the one that SIPp speaks. */
  readonly digest: boolean;
  /** Bindings on disk before they are acknowledged. */
  readonly durable: boolean;
  /** How many people live there: `u0`, `u1`, … with the passwords `pu0`, `pu1`, … */
  readonly people: number;
  /** For Carillon alone: how V8 is started. */
  readonly nodeFlags: readonly string[];
  /** What each message costs, in ms of sleep; nothing if left out. */
  readonly costMs?: number;
  /** New calls a second from which on the rest are turned away; "own" is as the server has it. */
  readonly limit?: number | "own";
  /** For the program alone: more of its command line. */
  readonly args?: readonly string[];
}

export interface Server {
  readonly name: string;
  readonly port: number;
  readonly child: Child;
}

export function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`:${hex} `);
}

/** Seconds of CPU that it and its children have used, of the user and of the system. */
export function cpuSeconds(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ownCpuSeconds(one), 0);
}

/** Bytes of memory that it and its children hold, shared ones counted once. */
export function memoryBytes(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ownMemoryBytes(one), 0);
}

/** Of one process, without its children. */
export function ownMemoryBytes(pid: number): number {
  const text = readOr(`/proc/${pid}/smaps_rollup`, "");
  return 1024 * Number(/^Pss: +(\d+)/m.exec(text)?.[1] ?? 0);
}

/** Clock ticks a second, as Linux has them for `/proc`. */
const TICKS = 100;

function ownCpuSeconds(pid: number): number {
  const fields = readOr(`/proc/${pid}/stat`, "").split(") ").at(-1)?.split(" ") ?? [];
  // Of the whole line, the 14th and 15th.
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS;
}

function treeOf(pid: number): readonly number[] {
  const tasks = (() => {
    try {
      return readdirSync(`/proc/${pid}/task`);
    } catch {
      return [];
    }
  })();
  const children = tasks.flatMap((task) =>
    readOr(`/proc/${pid}/task/${task}/children`, "").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
