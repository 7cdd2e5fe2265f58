/**
 * Garbage, requests from nobody and connections, as many as the program takes, while people call
 * each other. Row A8; the figures are those of an attacker, or a fiftieth of them.
 */
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { attack } from "./attacker.ts";
import type { Flooded, Flooding } from "./flooding.ts";
import { Household } from "./household.ts";
import { folderIn, Stage } from "./stage.ts";

const [PEOPLE, PEOPLE_IN_FULL] = [40, 100];
/** What an attacker sends; the short form sends a fiftieth. */
const FULL = { garbage: 5_000_000, requests: 5_000_000, connections: 1_000_000 };
const FIFTIETH = 50;
/**
 * Before memory is looked at: a first flood makes V8 take a heap that it may keep for good; what a
 * second one adds to that would be lost at each.
 */
const WARM_UP = { garbage: 20_000, requests: 20_000, connections: 2000 };
const MOST_MB = 512;
/** How much of what it had before memory may be more afterwards, and when. */
const MORE = 0.1;
const BACK_MS = 60_000;
const [WARM_UP_MS, WITHIN_MS, WITHIN_IN_FULL_MS] = [40_000, 90_000, 1_500_000];
const LOOK_MS = 1000;
/** What a thread may take to begin and to end on a machine that others want too. */
const START_MS = 60_000;

export async function flood(folder: string, report: Report, isFull: boolean): Promise<void> {
  const part = isFull ? 1 : FIFTIETH;
  const wanted: Flooding = {
    garbage: FULL.garbage / part,
    requests: FULL.requests / part,
    connections: FULL.connections / part,
    withinMs: isFull ? WITHIN_IN_FULL_MS : WITHIN_MS,
  };
  const people = isFull ? PEOPLE_IN_FULL : PEOPLE;
  const { garbage, requests, connections } = wanted;
  const name = `${garbage} garbage, ${requests} requests from nobody, ${connections} connections`;
  await report.check(`${name}: everybody's calls succeed, and memory is given back`, async () => {
    const stage = await Stage.open(folderIn(folder, "flood"), people);
    const household = await Household.open(stage.people);
    const coldMb = stage.house.residentMb;
    await flooded({ ...WARM_UP, withinMs: WARM_UP_MS }, household);
    let result: Flooded | undefined;
    const cost = await stage.cost(async () => {
      result = await flooded(wanted, household);
    });
    const calls = household.figure();
    const [backMb, backSeconds] = await atRest(stage, cost.beforeMb * (1 + MORE));
    await household.close();
    await stage.close();
    const seen = result ?? { garbage: 0, requests: 0, connections: 0, answered: 0 };
    const sent = `${seen.garbage} garbage, ${seen.requests} requests`;
    const attacked = `${sent}, ${seen.connections} connections, ${seen.answered} answered`;
    const back = `${backMb.toFixed(0)} MB ${backSeconds} s later`;
    const figure = `${attacked}; ${calls}; ${cost.figure}, ${coldMb.toFixed(0)} MB cold, ${back}`;
    demand(seen.garbage >= garbage && seen.requests >= requests, `not all was sent: ${figure}`);
    demand(seen.connections >= connections, `not all connected: ${figure}`);
    demand(seen.answered > seen.requests / 2, `it was not taken: ${figure}`);
    demand(cost.peakMb <= MOST_MB, `more than ${MOST_MB} MB: ${figure}`);
    demand(backMb <= cost.beforeMb * (1 + MORE), `memory stays: ${figure}`);
    return figure;
  });
}

/** What it holds as soon as that is little enough, or after a minute; and after how long. */
async function atRest(stage: Stage, mostMb: number): Promise<readonly [mb: number, s: number]> {
  const startMs = performance.now();
  const seconds = (): number => Math.round((performance.now() - startMs) / 1000);
  while (stage.house.residentMb > mostMb && performance.now() - startMs < BACK_MS) {
    await pause(LOOK_MS);
  }
  return [stage.house.residentMb, seconds()];
}

async function flooded(wanted: Flooding, household: Household): Promise<Flooded> {
  let isOver = false;
  const attacked = attack<Flooded>("flooding.ts", wanted, wanted.withinMs + START_MS).finally(
    () => {
      isOver = true;
    },
  );
  const [result] = await Promise.all([attacked, household.callUntil(() => isOver)]);
  return result;
}
