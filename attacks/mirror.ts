/**
 * The same questions to this program and to Kamailio, one after the other at the same address, with
 * the same people: what a careful installation of either lets through. It is a mirror and no
 * contest: Kamailio is a kit, and whoever builds with it decides on most of these.
 */
import { mkdirSync } from "node:fs";
import { Program } from "../durability/program.ts";
import { House } from "../interop/house.ts";
import type { Report } from "../interop/report.ts";
import { demand } from "../interop/report.ts";
import { MirrorKamailio } from "./mirror-kamailio.ts";
import type { Subject } from "./mirror-phone.ts";
import { MIRROR_ROWS, type Outcome } from "./mirror-rows.ts";
import { folderIn } from "./stage.ts";

const NOT_ASKED = "not to be asked: ";
const PEOPLE = ["Ann", "Bob", "Cid"] as const;

export async function mirror(folder: string, report: Report): Promise<void> {
  const here = folderIn(folder, "mirror");
  mkdirSync(here);
  await Program.prepare(here);
  const house = await House.start(here, { log: "info" });
  const people = await house.addDeskPhones(PEOPLE);
  const ours = await outcomes({ name: "Carillon", people, pids: () => [house.pid] });
  await house.stop();
  const kamailio = await MirrorKamailio.start(folderIn(here, "kamailio"), people);
  const theirs = await outcomes({ name: "Kamailio", people, pids: () => kamailio.pids() });
  await kamailio.stop();
  for (const { row, what } of MIRROR_ROWS) {
    const [own, other] = [ours.get(row), theirs.get(row)];
    await report.check(`${row} ${what}`, () => {
      const figure = `Carillon: ${words(own)}; Kamailio: ${words(other)}`;
      demand(own?.isHeld === true && other !== undefined, figure);
      demand(!other.figure.startsWith(NOT_ASKED), `Kamailio could not be asked: ${other.figure}`);
      return Promise.resolve(figure);
    });
  }
}

async function outcomes(subject: Subject): Promise<ReadonlyMap<string, Outcome>> {
  const all = new Map<string, Outcome>();
  for (const { row, ask } of MIRROR_ROWS) {
    try {
      all.set(row, await ask(subject));
    } catch (error) {
      all.set(row, { isHeld: false, figure: `${NOT_ASKED}${String(error)}` });
    }
  }
  return all;
}

const words = (outcome: Outcome | undefined): string =>
  outcome === undefined ? "nothing" : `${outcome.isHeld ? "held" : "not held"}, ${outcome.figure}`;
