/** kill -9 in the middle of registrations, and what is there after the next start. */
import { seeded } from "carillon/testing";
import { demand } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { Phones } from "./phones.ts";
import { Program } from "./program.ts";
import { seedPeople } from "./seed.ts";

const PEOPLE = 200;
const PER_SECOND = 500;
const SHORTEST_MS = 300;
const LONGEST_MS = 1500;

export async function killRounds(folder: string, rounds: number, seed: number): Promise<string> {
  await Program.prepare(folder);
  const phones = await Phones.at(seedPeople(folder, PEOPLE));
  const random = seeded(seed);
  let open = 0;
  let loadMs = 0;
  for (let nth = 1; nth <= rounds; nth++) {
    const program = Program.start(folder);
    const found = await phones.compare();
    open += found.open;
    demand(found.missing.length === 0, `round ${nth}: missing ${found.missing.join(" ")}`);
    demand(found.back.length === 0, `round ${nth}: back again ${found.back.join(" ")}`);
    const ms = SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS);
    let isOver = false;
    const load = phones.load(PER_SECOND, () => isOver, random);
    await pause(ms);
    await program.kill();
    isOver = true;
    await load;
    loadMs += ms;
  }
  const last = Program.start(folder);
  const found = await phones.compare();
  await last.stop();
  phones.close();
  demand(found.missing.length + found.back.length === 0, "after the last round");
  const { acknowledged, refused } = phones;
  demand(open > 0, "no kill fell between a request and its answer");
  const rate = Math.round(acknowledged / (loadMs / 1000));
  return (
    `${rounds} kills; ${acknowledged} acknowledged at ${rate}/s, ${refused} refused, ` +
    `${open + found.open} cut off; 0 missing, 0 back again`
  );
}
