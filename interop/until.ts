/** Waiting for something to be so, by asking again; never for a time to pass. */

const PAUSE_MS = 40;

/** Resolves to the first answer that is not undefined; says in words what did not happen. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs: number,
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() - startMs > withinMs) {
      throw new Error(`${what}: not within ${withinMs / 1000} s`);
    }
    await pause(PAUSE_MS);
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
