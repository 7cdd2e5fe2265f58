/** The processes of a program's media engine, and what memory they hold. Linux. */
import { readdirSync, readFileSync } from "node:fs";

/** Those that it has started itself, by their numbers. */
export function workersOf(parent: number): readonly number[] {
  const children = readdirSync(`/proc/${parent}/task`).flatMap((task) =>
    read(`/proc/${parent}/task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
  return children.filter((pid) => /engine|media/.test(read(`/proc/${pid}/cmdline`)));
}

/** Resident memory; none once it has ended. */
export const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

/** What it has computed since it began, in hundredths of a second. */
export function cpuTicks(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // After the name, which may contain anything, utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
