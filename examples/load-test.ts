/**
 * How many calls a second does a phone take? Calls it at a rate, and says how it went.
 *
 *   node examples/load-test.ts [calls a second] [seconds] [uri]
 *
 * Without a URI it calls a phone of its own. It is yours to see that the other side wants this.
 */
import { Phone } from "carillon/node";
import { silentMedia } from "carillon/testing";

const [rate = 50, seconds = 1] = process.argv.slice(2, 4).map(Number);
const here = { host: "127.0.0.1", port: 0 };
const media = () => silentMedia();

await using target = await Phone.open({ aor: "sip:target@127.0.0.1", local: here, media });
const answering = (async () => {
  for await (const call of target.calls()) call.answer().catch(() => {});
})();
const uri = process.argv[4] ?? `sip:target@127.0.0.1:${target.addresses[0]?.port}`;

await using caller = await Phone.open({ aor: "sip:load@127.0.0.1", local: here, media });
const times: number[] = [];
const failures = new Map<string, number>();

async function one(): Promise<void> {
  const startedMs = performance.now();
  const call = caller.call(uri);
  try {
    await call.answered;
    times.push(performance.now() - startedMs);
    call.hangUp();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    failures.set(words, (failures.get(words) ?? 0) + 1);
  }
  await call.ended;
}

const all: Promise<void>[] = [];
for (let nth = 0; nth < rate * seconds; nth++) {
  all.push(one());
  await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
}
await Promise.all(all);

times.sort((one, other) => one - other);
const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
for (const [words, count] of failures) console.log(`${count} × ${words}`);
console.log(
  `${times.length} answered, half of them within ${at(0.5)} ms, 99% within ${at(0.99)} ms`,
);
console.log(`${times.length} of ${all.length} calls were answered.`);
await target.close();
await answering;
