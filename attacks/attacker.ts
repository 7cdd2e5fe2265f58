/** An attack in a thread of its own, so that it does not take the time of those who call. */
import { once } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";

/**
 * Runs the file with these data in a thread, until it has said what came of it. `says` is called
 * with whatever it reports before.
 */
export async function attack<Report>(
  file: string,
  data: object,
  withinMs: number,
): Promise<Report> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData: data });
  const late = setTimeout(() => void worker.terminate(), withinMs);
  try {
    const said = once(worker, "message");
    const ended = once(worker, "exit").then(() => {
      throw new Error(`${file} ended, or was ended after ${withinMs / 1000} s, without a word`);
    });
    const [report] = await Promise.race([said, ended]);
    return report as Report;
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}

/** Inside of the thread: what it was given. */
export const wanted = <Data>(): Data => workerData as Data;

/** Inside of the thread: what came of it. */
export const report = (what: object): void => parentPort?.postMessage(what);
