/** kill -9 while people watch each other and say how they are: what got a 2xx goes on by itself. */
import { seeded } from "carillon/testing";
import { demand } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { Program } from "./program.ts";
import { seedPeople } from "./seed.ts";
import { Watching } from "./watching.ts";

const PEOPLE = 60;
/** Whom each of them watches. */
const WATCHED = 4;
const PER_SECOND = 300;
/** A kill comes so long at most after so many answers, however slow the machine is. */
const ANSWERS = 50;
const LONGEST_MS = 1000;
const ANSWERS_MS = 30_000;
/** From the start of the program until everybody has been told. */
const TOLD_MS = 20_000;

export async function watcherRounds(folder: string, rounds: number, seed: number): Promise<string> {
  await Program.prepare(folder);
  const watching = await Watching.at(seedPeople(folder, PEOPLE), WATCHED);
  const random = seeded(seed);
  let [open, slowestMs] = [0, 0];
  for (let nth = 1; nth <= rounds; nth++) {
    const program = Program.start(folder);
    await watching.answered();
    if (nth > 1) slowestMs = Math.max(slowestMs, await toldAgain(watching, nth));
    let isOver = false;
    const load = watching.load(PER_SECOND, () => isOver, random);
    await answers(watching);
    await pause(random() * LONGEST_MS);
    await program.kill();
    isOver = true;
    await load;
    open += watching.cutOff();
  }
  const last = Program.start(folder);
  await watching.answered();
  slowestMs = Math.max(slowestMs, await toldAgain(watching, rounds + 1));
  await last.stop();
  const { subscribed, published, kept, back, deaf, refusals } = watching;
  watching.close();
  demand(refusals.length === 0, `refused: ${refusals.slice(0, 5).join(", ")}`);
  demand(kept > 0, "nobody watched anybody in the end");
  demand(deaf === 0, `${deaf} NOTIFYs came for subscriptions that were not known any more`);
  demand(open > 0, "no kill fell between a request and its answer");
  return (
    `${rounds} kills; ${subscribed} subscriptions and ${published} publications acknowledged, ` +
    `${open} cut off; all ${kept} that were left are told of the present state by themselves, ` +
    `within ${(slowestMs / 1000).toFixed(1)} s of the start; ${back} that had just ended came ` +
    "back, and went with the 481 of their watchers"
  );
}

async function answers(watching: Watching): Promise<void> {
  const count = () => watching.subscribed + watching.published;
  const before = count();
  const isEnough = () => (count() - before >= ANSWERS ? true : undefined);
  await until(`${ANSWERS} answers`, isEnough, ANSWERS_MS);
}

/** Everybody who was subscribed hears how things are now, without having asked again. */
async function toldAgain(watching: Watching, round: number): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const untold = watching.untold();
    const ms = performance.now() - startMs;
    if (untold.length === 0) return ms;
    demand(ms < TOLD_MS, `round ${round}: ${untold.slice(0, 5).join("; ")}`);
    await pause(20);
  }
}
