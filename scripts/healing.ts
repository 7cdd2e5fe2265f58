// Conversations and presence through a storm: a story for each seed, in which every fifth datagram
// is lost, and the server and the devices end at any time. Prints what is wrong afterwards.
//
//   node scripts/healing.ts                a thousand seeds, from 1
//   node scripts/healing.ts 501 20         twenty, from 501

import { playHealing } from "carillon/testing";

const [first = 1, count = 1000] = process.argv.slice(2).map(Number);
if (!Number.isInteger(first) || !Number.isInteger(count)) throw new Error("expected two numbers");
let bad = 0;
let slowestMs = 0;
const sums = { written: 0, restarts: 0 };
for (let seed = first; seed < first + count; seed++) {
  const { wrong, written, restarts, healedAfterMs } = await playHealing(seed);
  sums.written += written;
  sums.restarts += restarts;
  slowestMs = Math.max(slowestMs, healedAfterMs);
  if (wrong.length === 0) continue;
  bad++;
  console.log(`seed ${seed}: ${wrong.slice(0, 5).join("; ")}`);
}
console.log(
  `${count} seeds from ${first}: ${sums.written} messages, ${sums.restarts} restarts; ${bad} did ` +
    `not heal, the slowest took ${slowestMs / 1000} s of virtual time`,
);
process.exitCode = bad === 0 ? 0 : 1;
