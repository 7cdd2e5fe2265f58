/** Measuring alternatives in one run, in turns, so that a busy machine is unfair to all alike. */

export interface Alternative {
  readonly name: string;
  run(): unknown;
}

const ROUNDS = 25;
const ROUND_MS = 40;
/** The first rounds are the compiler's. */
const WARM_UP = 5;

/** Prints the time of each, and how many times that of the first. */
export function compare(what: string, alternatives: readonly Alternative[]): void {
  const rounds = alternatives.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, { run }] of alternatives.entries()) {
      rounds[n]?.push(cpuMicroseconds(run, ROUND_MS));
    }
  }
  const times = rounds.map((all) => lowQuarter(all.slice(WARM_UP)));
  for (const [n, { name }] of alternatives.entries()) {
    const us = times[n] ?? Number.NaN;
    const ratio = (us / (times[0] ?? 1)).toFixed(1).padStart(7);
    console.log(`${what.padEnd(8)} ${name.padEnd(14)} ${us.toFixed(2).padStart(9)} µs ${ratio} ×`);
  }
  console.log("");
}

/** What is seen, so that nothing is optimised away. */
export let seen: unknown;

/** Microseconds of CPU for one call, over a round: what others do here does not count. */
export function cpuMicroseconds(run: () => unknown, roundMs: number): number {
  const [start, before] = [performance.now(), process.cpuUsage()];
  let count = 0;
  while (performance.now() - start < roundMs) {
    for (let i = 0; i < 50; i++) seen = run();
    count += 50;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** What a round takes when nobody else wants the machine: a quarter of them are faster still. */
const lowQuarter = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
