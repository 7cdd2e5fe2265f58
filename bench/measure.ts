/** Measuring alternatives in one run, in turns, so that a busy machine is unfair to all alike. */

export interface Contender {
  readonly name: string;
  read(): unknown;
  forward?(): unknown;
}

const ROUNDS = 15;
const ROUND_MS = 60;

/** Prints the median time of each, and how many times that of the first. */
export function compare(what: "read" | "forward", contenders: readonly Contender[]): void {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) {
      const run = contender[what]?.bind(contender);
      if (run) times.get(contender.name)?.push(timeOnce(run));
    }
  }
  // The first rounds are the compiler's.
  const medians = contenders.map(({ name }) => ({
    name,
    us: median(times.get(name)?.slice(5) ?? []),
  }));
  const first = medians[0]?.us ?? 1;
  for (const { name, us } of medians) {
    const ratio = (us / first).toFixed(1).padStart(6);
    console.log(`${what.padEnd(8)} ${name.padEnd(14)} ${us.toFixed(2).padStart(8)} µs ${ratio} ×`);
  }
  console.log("");
}

/** Microseconds for one call, over a round. */
function timeOnce(run: () => unknown): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < ROUND_MS) {
    for (let i = 0; i < 50; i++) run();
    count += 50;
  }
  return ((performance.now() - start) * 1000) / count;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
