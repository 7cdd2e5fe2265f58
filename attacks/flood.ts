/** Requests from nobody and garbage, as many as the program takes, while people call each other. */
import { demand, type Report } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { attack } from "./attacker.ts";
import type { Flooded, Flooding } from "./flooding.ts";
import { Household } from "./household.ts";
import { folderIn, Stage } from "./stage.ts";

const PEOPLE = 40;
/**
 * As many before memory is looked at: a first flood makes V8 take a heap that it may keep for good;
 * what a second one adds to that would be lost at each.
 */
const WARM_UP = 50_000;
/** How much of what it had before memory may be more afterwards. */
const MORE = 0.2;
const BACK_MS = 60_000;
const WITHIN_MS = 1_500_000;

export async function flood(folder: string, report: Report, isFull: boolean): Promise<void> {
  const each = isFull ? 1_000_000 : 50_000;
  const name = `${each} requests from nobody and garbage over UDP, and as many over TCP`;
  await report.check(`${name}: everybody's calls succeed, and memory is given back`, async () => {
    const stage = await Stage.open(folderIn(folder, "flood"), PEOPLE);
    const household = await Household.open(stage.people);
    const coldMb = stage.house.residentMb;
    await flooded(WARM_UP, household);
    let result: Flooded | undefined;
    const cost = await stage.cost(async () => {
      result = await flooded(each, household);
    });
    const calls = household.figure();
    const mostMb = cost.beforeMb * (1 + MORE);
    const isBack = () => (stage.house.residentMb <= mostMb ? stage.house.residentMb : undefined);
    const startMs = performance.now();
    const backMb = await until(`memory is below ${mostMb.toFixed(0)} MB again`, isBack, BACK_MS);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    const { protection: banned } = await stage.house.status();
    await household.close();
    await stage.close();
    const { sent, answered, connections } = result ?? { sent: 0, answered: 0, connections: 0 };
    // All that go over UDP; who goes on over TCP is banned before it has sent as much.
    const { bans } = banned;
    demand(sent >= each, `only ${sent} were sent`);
    demand(sent >= 2 * each || bans > 0, `only ${sent} were sent, though nobody was banned`);
    // A source gets so many answers and then silence, and one that goes on over TCP is banned.
    demand(answered > 5000, `only ${answered} of ${sent} were answered: it was not taken`);
    const asked = `${sent} sent, ${answered} answered`;
    const attacked = `${asked}, ${connections} connections, ${bans} banned`;
    const back = `${backMb.toFixed(0)} MB ${seconds} s later`;
    const memory = `${coldMb.toFixed(0)} MB when started, ${back}`;
    return `${attacked}; ${calls}; ${cost.figure}, ${memory}`;
  });
}

async function flooded(each: number, household: Household): Promise<Flooded> {
  let isOver = false;
  const wanted: Flooding = { each };
  const attacked = attack<Flooded>("flooding.ts", wanted, WITHIN_MS).finally(() => {
    isOver = true;
  });
  const [result] = await Promise.all([attacked, household.callUntil(() => isOver)]);
  return result;
}
