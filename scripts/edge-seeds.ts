// Phones behind every kind of NAT, whose flows break in calls and between them, and which sleep: a
// story a seed.
//
//   npm run edge-seeds                              three hundred, from 1
//   npm run edge-seeds -- --seeds 10000             ten thousand
//   npm run edge-seeds -- --from 4711 --seeds 1     one, with its story
//   npm run edge-seeds -- --no-wake                 nobody is woken by a push: calls are lost
//
// Each one that goes wrong is printed with its seed, its story and the ladder of its last chapter.

import { parseArgs } from "node:util";
import { playEdge } from "carillon/testing";

const { values } = parseArgs({
  options: {
    ...{ seeds: { type: "string" }, from: { type: "string" } },
    ...{ quiet: { type: "boolean" }, "no-wake": { type: "boolean" } },
  },
});
const [first, count] = [Number(values.from ?? 1), Number(values.seeds ?? 300)];
if (!Number.isInteger(first) || !Number.isInteger(count)) throw new Error("expected whole numbers");

const met = new Map<string, number>();
let [bad, calls] = [0, 0];
for (let seed = first; seed < first + count; seed++) {
  const outcome = await playEdge(seed, { isWakeOff: values["no-wake"] === true });
  calls += outcome.calls;
  for (const what of outcome.met) met.set(what, (met.get(what) ?? 0) + 1);
  if (outcome.wrong.length > 0) {
    bad++;
    console.log(`\nseed ${seed}: ${outcome.wrong.join("; ")}\n  ${outcome.story.join("\n  ")}`);
    if (!values.quiet) console.log(outcome.ladder);
  } else if (count === 1) console.log(outcome.story.join("\n"));
  if ((seed - first + 1) % 500 === 0) console.log(`${seed - first + 1} seeds, ${bad} bad`);
}
console.log(`${count} seeds from ${first}: ${calls} calls, ${bad} went wrong. What they met:`);
for (const [what, times] of [...met].sort()) console.log(`  ${String(times).padStart(6)} ${what}`);
process.exitCode = bad === 0 ? 0 : 1;
