/** One line for each check, as it ends. */
import { pause } from "./until.ts";

/** No check takes longer, whatever hangs in it. */
const CHECK_MS = 60_000;

export class Report {
  passed = 0;
  failed = 0;
  readonly #suffix: string;

  /** `suffix` tells one round of many from the others. */
  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  /** `run` resolves to the figure that shows it, and throws where it is not so. */
  async check(name: string, run: () => Promise<string>): Promise<void> {
    const startMs = performance.now();
    const seconds = (): string => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    try {
      const figure = await Promise.race([run(), late()]);
      this.passed++;
      console.log(`ok ${name}${this.#suffix} (${figure}; ${seconds()})`);
    } catch (error) {
      this.failed++;
      const why = error instanceof Error ? error.message : String(error);
      console.log(`FAILED ${name}${this.#suffix}: ${why} (${seconds()})`);
    }
  }
}

async function late(): Promise<never> {
  await pause(CHECK_MS);
  throw new Error(`not done within ${CHECK_MS / 1000} s`);
}

/** Throws in words when something is not as it has to be. */
export function demand(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}
