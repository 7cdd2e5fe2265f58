/** One line for each check, as it ends. */
import { pause } from "./until.ts";

/** No check takes longer, whatever hangs in it. */
const CHECK_MS = 60_000;

export class Report {
  passed = 0;
  failed = 0;
  /** Before the name of each check that follows. */
  prefix = "";
  readonly #suffix: string;
  readonly #checkMs: number;

  /** `suffix` tells one round of many from the others; `checkMs` is for checks that are long. */
  constructor(suffix: string, checkMs: number = CHECK_MS) {
    this.#suffix = suffix;
    this.#checkMs = checkMs;
  }

  /** `run` resolves to the figure that shows it, and throws where it is not so. */
  async check(name: string, run: () => Promise<string>): Promise<void> {
    const startMs = performance.now();
    const seconds = (): string => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    try {
      const figure = await Promise.race([run(), late(this.#checkMs)]);
      this.passed++;
      console.log(`ok ${this.prefix}${name}${this.#suffix} (${figure}; ${seconds()})`);
    } catch (error) {
      this.failed++;
      const why = error instanceof Error ? error.message : String(error);
      console.log(`FAILED ${this.prefix}${name}${this.#suffix}: ${why} (${seconds()})`);
    }
  }
}

async function late(ms: number): Promise<never> {
  await pause(ms);
  throw new Error(`not done within ${ms / 1000} s`);
}

/** Throws in words when something is not as it has to be. */
export function demand(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}
