/** Who has moved in or out since somebody looked, be it by this program or at the command line. */
import type { Person } from "../store/accounts.ts";

export interface Moves {
  /** Names or who has them are others than before. */
  readonly isOther: boolean;
  readonly all: readonly string[];
  /** Those who live here no more. */
  readonly out: readonly string[];
}

type Shown = Pick<Person, "name" | "displayName">;

export class HousePeople {
  readonly #read: () => readonly Shown[];
  /** The very list that was read last: it is another one whenever anything about people changed. */
  #list: readonly Shown[];
  #names: ReadonlyMap<string, string>;

  constructor(read: () => readonly Shown[]) {
    this.#read = read;
    this.#list = read();
    this.#names = namesOf(this.#list);
  }

  look(): Moves {
    const list = this.#read();
    if (list === this.#list) return NOBODY;
    const [before, now] = [this.#names, namesOf(list)];
    this.#list = list;
    this.#names = now;
    const all = [...now.keys()];
    const isOther = now.size !== before.size || all.some((one) => now.get(one) !== before.get(one));
    return { isOther, all, out: [...before.keys()].filter((one) => !now.has(one)) };
  }
}

const namesOf = (people: readonly Shown[]): ReadonlyMap<string, string> =>
  new Map(people.map(({ name, displayName }) => [name, displayName]));

const NOBODY: Moves = { isOther: false, all: [], out: [] };
