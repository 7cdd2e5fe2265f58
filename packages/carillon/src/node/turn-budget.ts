/**
 * How much of what comes over streams is read in one turn of the loop. What is more waits for the
 * next one, connection by connection, so that timers, datagrams and other connections do not:
 * libuv alone would read two megabytes of one busy connection before it looks at anything else.
 */

/** What has to wait with its octets. */
export interface Paused {
  pause(): unknown;
  resume(): unknown;
}

interface Waiting {
  readonly from: Paused;
  readonly octets: number;
  readonly sinceMs: number;
  readonly run: (waitedMs: number) => void;
}

/** Some three hundred requests: ten milliseconds, more or less. */
const OCTETS = 128 * 1024;

export class TurnBudget {
  readonly #octets: number;
  readonly #waiting: Waiting[] = [];
  #left: number;
  #isNextTurnWanted = false;

  constructor(octets: number = OCTETS) {
    this.#octets = octets;
    this.#left = octets;
  }

  /**
   * Runs it now if something is left of this turn; else later, and until then nothing is read. It
   * is told how long it has waited, in ms.
   */
  spend(octets: number, from: Paused, run: (waitedMs: number) => void): void {
    this.#wantNextTurn();
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= octets;
      return run(0);
    }
    from.pause();
    this.#waiting.push({ from, octets, run, sinceMs: performance.now() });
  }

  #wantNextTurn(): void {
    if (this.#isNextTurnWanted) return;
    this.#isNextTurnWanted = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#isNextTurnWanted = false;
    this.#left = this.#octets;
    if (this.#waiting.length > 0) this.#wantNextTurn();
    while (this.#left > 0) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#left -= next.octets;
      // Before, in case it closes the connection.
      next.from.resume();
      next.run(performance.now() - next.sinceMs);
    }
  }
}
