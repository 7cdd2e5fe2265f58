// Whatever comes is read or refused: messages with something done to them, one million of them.
//
//   npm run fuzz                                  a million, from seed 1
//   npm run fuzz -- --count 10000 --seed 7        fewer, others
//   npm run fuzz -- --seed 7 --only 4711          one of them again, printed
//
// Fails on anything thrown, on what reads otherwise when it is written again, and on an input that
// took over 5 ms with all checks and then three times over 5 ms for reading it once.

import { parseArgs } from "node:util";
import { check, read } from "./check.ts";
import { generated, TORTURE } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { seeded } from "./random.ts";

const LIMIT_MS = 5;
const REPORT_EVERY = 100_000;

const { values } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
});
const count = Number(values.count ?? 1_000_000);
const seed = Number(values.seed ?? 1);

if (values.only !== undefined) {
  const octets = inputOf(Number(values.only));
  console.log(JSON.stringify(octets));
  check(octets);
} else {
  process.exitCode = run() ? 0 : 1;
}

/** Each input has a number and comes out of it and the seed alone. */
function inputOf(number: number): string {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const message = (): string => (random.below(2) === 0 ? random.pick(TORTURE) : generated(random));
  return mutate(message(), random, message);
}

function run(): boolean {
  const startMs = performance.now();
  let [understood, slowestMs, slowest, failures] = [0, 0, 0, 0];
  for (let number = 0; number < count && failures < 10; number++) {
    const octets = inputOf(number);
    const before = performance.now();
    try {
      if (check(octets)) understood++;
    } catch (error) {
      failures += failed(number, octets, (error as Error).stack ?? String(error));
    }
    const took = performance.now() - before;
    const ms = took > LIMIT_MS ? Math.min(...[1, 2, 3].map(() => measured(octets))) : took;
    if (ms > LIMIT_MS)
      failures += failed(number, octets, `${ms.toFixed(2)} ms, to read, three times`);
    if (ms > slowestMs) [slowestMs, slowest] = [ms, number];
    if ((number + 1) % REPORT_EVERY === 0) report(number + 1, understood, startMs);
  }
  report(count, understood, startMs);
  console.log(`slowest: ${slowestMs.toFixed(2)} ms, --seed ${seed} --only ${slowest}`);
  return failures === 0;
}

function measured(octets: string): number {
  const before = performance.now();
  read(octets);
  return performance.now() - before;
}

function failed(number: number, octets: string, what: string): 1 {
  console.log(
    `FAIL --seed ${seed} --only ${number}: ${what}\n${JSON.stringify(octets.slice(0, 500))}`,
  );
  return 1;
}

function report(done: number, understood: number, startMs: number): void {
  const seconds = (performance.now() - startMs) / 1000;
  const each = ((seconds * 1e6) / Math.max(1, done)).toFixed(1);
  const share = ((100 * understood) / Math.max(1, done)).toFixed(0);
  console.log(`${done} messages, ${share}% read, ${seconds.toFixed(1)} s, ${each} µs each`);
}
