/**
 * `carillon serve` at a terminal: starts the server, prints the welcome, stops on Ctrl+C.
 */
import { type ServeWorld, serve } from "./serve.ts";
import type { Settings } from "./settings.ts";

/** After this long, whatever still holds on is left to the operating system. */
const STOP_MS = 3000;

export async function serveUntilStopped(
  settings: Settings,
  world: Omit<ServeWorld, "colour">,
): Promise<void> {
  const running = await serve(settings, { ...world, colour: process.stdout.isTTY === true });
  process.stdout.write(running.welcome);
  // What daemons have always taken for "read your configuration again".
  process.on("SIGHUP", () => void running.reload());
  await stopSignal();
  const late = setTimeout(() => process.exit(1), STOP_MS);
  await running.close();
  clearTimeout(late);
}

/** Resolves on the first signal; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.removeListener(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

const signals = ["SIGINT", "SIGTERM"] as const;
