/** Who cannot reach whom for the moment. Nobody is told: what is sent is lost, or waits. */

/** Names of hosts; `"*"` is everybody. */
export type Names = readonly string[] | "*";

/** A way that is not there; how to have it again. */
export interface Cut {
  /** The way is there again. Once is enough. */
  heal(): void;
}

/** What is cut. Over a connection that is cut octets wait, as TCP has it; datagrams are lost. */
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

  /** Whether what one sends does not reach the other, by their names. */
  isCut(from: string, to: string): boolean {
    for (const cut of this.#cuts) {
      if (includes(cut.from, from) && includes(cut.to, to)) return true;
    }
    return false;
  }

  /** Ways that are cut, each direction by itself. */
  get size(): number {
    return this.#cuts.size;
  }
}

const includes = (names: Names, name: string) => names === "*" || names.includes(name);
