/**
 * Steps a second of every machine: from each of its states with each of its inputs, as
 * docs/machines.md shows them, and the response context of a proxy over one call.
 */
import { responseContext } from "carillon/roles";
import { pictures } from "carillon/usage";

const ROUNDS = 7;
const ROUND_MS = 30;

interface Runner {
  readonly title: string;
  /** Some steps; how many. */
  run(): number;
}

/** Two devices ring, one answers, the other is taken back and says so. */
function proxiedCall(): number {
  const params = { method: "INVITE", branches: 2, groups: 0, ringMs: 20_000 };
  const inputs: readonly responseContext.Input[] = [
    { kind: "Response", branch: 0, status: 180 },
    { kind: "Response", branch: 1, status: 180 },
    { kind: "Tick" },
    { kind: "Response", branch: 1, status: 200 },
    { kind: "Response", branch: 0, status: 487 },
  ];
  let [state] = responseContext.start(params, 0);
  for (const input of inputs) [state] = responseContext.step(params, state, input, 7);
  return inputs.length + 1;
}

/** Millions of steps in a second of CPU, the best of some rounds. */
function millions({ run }: Runner): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    let steps = 0;
    while (performance.now() - start < ROUND_MS) for (let n = 0; n < 20; n++) steps += run();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, steps / (user + system));
  }
  return best;
}

const machines: readonly Runner[] = [
  ...pictures(),
  { title: "Response context of a proxy", run: proxiedCall },
];
console.log("Millions of steps a second:");
for (const machine of machines) {
  console.log(`${machine.title.padEnd(46)} ${millions(machine).toFixed(1).padStart(6)}`);
}
console.log("");
