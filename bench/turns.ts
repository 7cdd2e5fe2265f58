/** Whole servers beside each other: alone with each other on the machine, and in turns. */
import { tmpdir } from "node:os";
import { isAlone, missingPrograms, runAlone } from "../trial/alone.ts";

/** A bench of servers that were not written here. */
export interface BesideOthers {
  /** Its own file, which is started again in a network of its own. */
  readonly script: string;
  /** What has to be installed. */
  readonly programs: Parameters<typeof missingPrograms>[0];
  readonly deadlineMs: number;
}

/** Runs it where nothing but a loopback interface is in reach; an exit code. */
export async function besideOthers(
  { script, programs, deadlineMs }: BesideOthers,
  run: () => Promise<void>,
): Promise<number> {
  const missing = missingPrograms(programs);
  if (missing.length > 0) {
    console.log(`missing: apt-get install ${missing.map((one) => one.debianPackage).join(" ")}`);
    return 1;
  }
  if (!isAlone()) return runAlone(script, process.argv.slice(2), tmpdir(), deadlineMs);
  await run();
  return 0;
}

/** What one of something costs. */
export interface Costing {
  /** Of CPU. */
  readonly microseconds: number;
}

/** Measures each of these in each round; for each, by its name, the run in the middle by CPU. */
export async function inTurns<T extends Costing>(
  names: readonly string[],
  rounds: number,
  run: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const all = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) all.get(name)?.push(await run(name));
  }
  const middles = [...all].flatMap(([name, runs]): [string, T][] => {
    const sorted = runs.toSorted((a, b) => a.microseconds - b.microseconds);
    const middle = sorted[Math.floor(runs.length / 2)];
    return middle ? [[name, middle]] : [];
  });
  return new Map(middles);
}
