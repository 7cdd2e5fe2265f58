/** Connections that are slow on purpose, as in Slowloris, while people call each other. */
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { attack } from "./attacker.ts";
import type { Dribbled, Dribbling } from "./dribbling.ts";
import { Household } from "./household.ts";
import { folderIn, Stage } from "./stage.ts";

const PEOPLE = 100;
/** Phones that are switched on while all of that goes on. */
const LATE = 10;
/** Open connections of the program at most: for others, the stranger who came first has to go. */
const PROGRAM_LIMIT = 4096;
const MAX_GROWTH_MB = 256;
/** Who reads nothing does not see that it was hung up on until it looks, half a minute later. */
const STAY_MS = 120_000;
const STAY_IN_FULL_MS = 240_000;

export async function dribblers(folder: string, report: Report, isFull: boolean): Promise<void> {
  const connections = isFull ? 15_000 : 1500;
  const insistMs = isFull ? 60_000 : 0;
  const lateMs = isFull ? 30_000 : 3000;
  const name = `${connections} dribbling connections, and ${PEOPLE} phones that call each other`;
  await report.check(name, async () => {
    const stage = await Stage.open(folderIn(folder, "dribblers"), PEOPLE + LATE);
    const household = await Household.open(stage.people.slice(0, PEOPLE));
    let late: Household | undefined;
    let tries = 0;
    const stayMs = isFull ? STAY_IN_FULL_MS : STAY_MS;
    const wanted: Dribbling = { connections, insistMs, stayMs };
    let result: Dribbled | undefined;
    const cost = await stage.cost(async () => {
      const attacked = attack<Dribbled>("dribbling.ts", wanted, stayMs + 30_000).then((one) => {
        result = one;
      });
      const isOver = () => result !== undefined;
      const latecomers = async () => {
        await pause(lateMs);
        // In a queue of thousands a phone may have to try again, as phones do.
        for (; !late && !isOver(); tries++) {
          late = await Household.open(stage.people.slice(PEOPLE)).catch(() => undefined);
        }
        await late?.callUntil(isOver);
      };
      await Promise.all([attacked, household.callUntil(isOver), latecomers()]);
    });
    const { connections: open } = await stage.house.status();
    demand(late !== undefined, `phones that came meanwhile got in by none of ${tries} tries`);
    const newcomers = `of phones that came meanwhile (${tries} tries) ${late.figure()}`;
    const calls = `${household.figure()}; ${newcomers}`;
    await Promise.all([household.close(), late.close()]);
    const dribbled = result as Dribbled | undefined;
    demand(dribbled !== undefined, "the attack said nothing");
    judge(dribbled, Math.min(connections, PROGRAM_LIMIT - PEOPLE / 2));
    const wantedOpen = (PEOPLE + LATE) / 2;
    demand(open === wantedOpen, `${open} connections are open, and ${wantedOpen} phones have one`);
    const growthMb = cost.peakMb - cost.beforeMb;
    demand(
      growthMb < MAX_GROWTH_MB,
      `memory grew by ${growthMb.toFixed(0)} MB: ${cost.figure}; ${calls}`,
    );
    await stage.close();
    const cut = `${dribbled.cutOff} of ${dribbled.greedy} that read nothing cut off`;
    return `${dribbled.opened} opened, all ended by the program, ${cut}; ${calls}; ${cost.figure}`;
  });
}

function judge({ opened, closed, left, greedy, cutOff }: Dribbled, atLeast: number): void {
  demand(opened >= atLeast, `only ${opened} connections were opened`);
  const still = Object.values(left).reduce((sum, one) => sum + one, 0);
  const [ended, never] = [closed, left].map((one) => JSON.stringify(one));
  demand(still === 0, `${still} were never ended: ${never}; these were: ${ended}`);
  demand(Object.keys(closed).length === 5, `not every way was tried: ${JSON.stringify(closed)}`);
  demand(greedy > 0 && cutOff === greedy, `${cutOff} of ${greedy} that read nothing were cut off`);
}
