/** The real program under attack, people who call each other meanwhile, and what it costs. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Program } from "../durability/program.ts";
import { type Seeded, seedPeople } from "../durability/seed.ts";
import { House, type HouseOptions } from "../interop/house.ts";
import { demand } from "../interop/report.ts";

/** Where the program listens over UDP and TCP. */
export const SIP = { host: "127.0.0.1", port: 5060 } as const;

const LOOK_MS = 250;

export interface Cost {
  /** In words: memory and how late the loop was. */
  readonly figure: string;
  /** Resident memory in MB: before, at most, and afterwards. */
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly afterMb: number;
}

/** How the loop of the program under attack came round to everybody else. Row A40. */
export interface OwnDelay {
  readonly attack: string;
  /** For how long it computed on end, at p99.9. */
  readonly ms: number;
  /** How often it was looked at, and how often it was over 50 ms. */
  readonly looks: number;
  readonly long: number;
}
export const OWN_DELAYS: OwnDelay[] = [];
/** The row and the name of the attack that is being made. */
export const current = { attack: "" };

export class Stage {
  readonly house: House;
  readonly people: readonly Seeded[];

  private constructor(house: House, people: readonly Seeded[]) {
    this.house = house;
    this.people = people;
  }

  static async open(folder: string, people: number, options: HouseOptions = {}): Promise<Stage> {
    mkdirSync(folder);
    await Program.prepare(folder);
    const seeded = seedPeople(folder, people);
    return new Stage(await House.start(folder, { log: "info", ...options }), seeded);
  }

  /** What an attack costs the program. */
  async cost(attack: () => Promise<void>): Promise<Cost> {
    // Asking empties its record of how late it was.
    await this.house.status();
    const beforeMb = this.house.residentMb;
    let peakMb = beforeMb;
    const look = setInterval(() => {
      peakMb = Math.max(peakMb, this.house.residentMb);
    }, LOOK_MS);
    try {
      await attack();
    } finally {
      clearInterval(look);
    }
    const { delayMs, ownDelayMs } = await this.house.status();
    const { p999: ms, looks, long } = ownDelayMs;
    OWN_DELAYS.push({ attack: current.attack, ms, looks, long });
    const afterMb = this.house.residentMb;
    const mb = [beforeMb, Math.max(peakMb, afterMb), afterMb].map((one) => one.toFixed(0));
    const late = `late by ${delayMs.p99} ms at p99, ${delayMs.max} at most`;
    const figure = `${mb.join("→")} MB, ${late}, computed ${ownDelayMs.p999} ms on end at p99.9`;
    return { figure, beforeMb, peakMb, afterMb };
  }

  /** It is as it was, and stops when told to. */
  async close(): Promise<string> {
    const code = await this.house.stop();
    const [fault] = this.house.faults;
    demand(fault === undefined, `in its log: ${fault}`);
    demand(code === 0, `exit code ${code}`);
    return "no fault in its log, exit code 0";
  }
}

export const folderIn = (folder: string, name: string): string => join(folder, name);
