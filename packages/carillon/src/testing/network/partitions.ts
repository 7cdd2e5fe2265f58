/** Who cannot reach whom for the moment. Nobody is told: what is sent is lost, or waits. */

/** Names of hosts; `"*"` is everybody. */
export type Names = readonly string[] | "*";

export interface Cut {
  /** The way is there again. Once is enough. */
  heal(): void;
}

export class Partitions {
  readonly #cuts = new Set<{ readonly from: Names; readonly to: Names }>();

  /** One way: what these send does not reach those. */
  cut(from: Names, to: Names): Cut {
    const cut = { from, to };
    this.#cuts.add(cut);
    return { heal: () => void this.#cuts.delete(cut) };
  }

  /** Both ways. */
  split(some: Names, others: Names): Cut {
    const cuts = [this.cut(some, others), this.cut(others, some)];
    return {
      heal() {
        for (const cut of cuts) cut.heal();
      },
    };
  }

  isCut(from: string, to: string): boolean {
    for (const cut of this.#cuts) {
      if (includes(cut.from, from) && includes(cut.to, to)) return true;
    }
    return false;
  }

  get size(): number {
    return this.#cuts.size;
  }
}

const includes = (names: Names, name: string) => names === "*" || names.includes(name);
