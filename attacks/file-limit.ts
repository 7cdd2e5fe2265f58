/** More connections than the system lets the program have: it goes on, and recovers. */
import { readdirSync } from "node:fs";
import { demand, type Report } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { attack } from "./attacker.ts";
import type { Crowded, Crowding } from "./crowding.ts";
import { Household } from "./household.ts";
import { folderIn, Stage } from "./stage.ts";

const [OPEN_FILES, PEOPLE, LATER] = [256, 20, 2];
const STAY_MS = 8000;
const RECOVERS_MS = 20_000;

export async function fileLimit(folder: string, report: Report, isFull: boolean): Promise<void> {
  const connections = isFull ? 15_000 : 1500;
  const name = `${connections} connections to a program that may have ${OPEN_FILES} files (EMFILE)`;
  await report.check(`${name}: phones go on, and new ones come in afterwards`, async () => {
    const openFiles = OPEN_FILES;
    const stage = await Stage.open(folderIn(folder, "file-limit"), PEOPLE + LATER, { openFiles });
    const household = await Household.open(stage.people.slice(0, PEOPLE));
    let [most, isOver] = [0, false];
    const wanted: Crowding = { connections, stayMs: STAY_MS };
    let crowded: Crowded | undefined;
    const cost = await stage.cost(async () => {
      const look = setInterval(() => {
        most = Math.max(most, filesOf(stage.house.pid));
      }, 100);
      const attacked = attack<Crowded>("crowding.ts", wanted, STAY_MS + 30_000).then((result) => {
        crowded = result;
        isOver = true;
        clearInterval(look);
      });
      await Promise.all([attacked, household.callUntil(() => isOver)]);
      // It can be asked again only when it has files again.
      const recovered = () => filesOf(stage.house.pid) < OPEN_FILES - 50 || undefined;
      await until("the program has files again", recovered, RECOVERS_MS);
    });
    demand(most >= OPEN_FILES - 2, `it had only ${most} of ${OPEN_FILES} files: nothing was shown`);
    const calls = household.figure();
    const later = await Household.open(stage.people.slice(PEOPLE));
    await later.callUntil(() => true);
    const called = later.figure();
    await Promise.all([household.close(), later.close()]);
    await stage.close();
    const hungUp = `${crowded?.closed} of ${crowded?.asked} hung up on`;
    return `${most} files at most, ${hungUp}; ${calls}; afterwards ${called}; ${cost.figure}`;
  });
}

const filesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
