/** Waiting for something to be so, by asking again; never for a time to pass. */

const PAUSE_MS = 40;

export interface Patience {
  /** Longer than this is a failure. */
  readonly withinMs: number;
}

/** Resolves to the first answer that is not undefined; says in words what did not happen. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { withinMs }: Patience = { withinMs: 10_000 },
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() - startMs > withinMs) {
      throw new Error(`${what}: not within ${withinMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The same for a condition; resolves to how long it took. */
export async function untilSo(
  what: string,
  ask: () => Promise<boolean> | boolean,
  patience?: Patience,
): Promise<number> {
  const startMs = performance.now();
  await until(what, async () => ((await ask()) ? true : undefined), patience);
  return performance.now() - startMs;
}
