/** A disk that takes its time, and of which a crash leaves what was synced. */
import type { Millis } from "../../grammar/millis.ts";
import { type Answer, Pending } from "../../roles/answer.ts";

export interface DiskWorld {
  sleep(ms: Millis): Promise<void>;
  /** Runs it in the server's turn; nothing where there is none any more. */
  inTurn(run: () => void): void;
  /** From 0 up to 1. */
  random(): number;
}

/** How long a write takes at most. */
const SLOWEST_MS = 30;

/** Writes in order, one after the other. One disk for each run of the server. */
export class SyncedDisk {
  readonly #world: DiskWorld;
  /** Each carries out a write, and gives back what says so. */
  readonly #waiting: (() => () => void)[] = [];
  #isWriting = false;
  #isGone = false;

  constructor(world: DiskWorld) {
    this.#world = world;
  }

  /** Carries it out once its turn has come; answered when it will outlive a crash. */
  write<T>(carryOut: () => T): Answer<T> {
    const answer = new Pending<T>();
    this.#waiting.push(() => {
      const value = carryOut();
      return () => answer.resolve(value);
    });
    void this.#go();
    return answer;
  }

  /**
   * The server is gone: of what was on its way some is there, in order, and the rest is not. Nobody
   * hears of either.
   */
  crash(): void {
    this.#isGone = true;
    const kept = Math.floor(this.#world.random() * (this.#waiting.length + 1));
    for (const one of this.#waiting.splice(0).slice(0, kept)) one();
  }

  async #go(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#waiting.length > 0 && !this.#isGone) {
      await this.#world.sleep(this.#world.random() * SLOWEST_MS);
      if (this.#isGone) break;
      const say = this.#waiting.shift()?.();
      if (say) this.#world.inTurn(say);
    }
    this.#isWriting = false;
  }
}
