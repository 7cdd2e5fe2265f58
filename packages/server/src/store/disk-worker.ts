/**
 * The thread that waits for the disk: a batch in, word of it out.
 */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../clock.ts";
import { batcher } from "./apply-batch.ts";
import type { Change } from "./change.ts";
import { openDatabase } from "./database.ts";
import type { Written } from "./disk.ts";
import { storeOn } from "./store.ts";

/** What the thread says: that it is open, once, and then how each batch went. */
export type FromWorker = "Open" | Written;
/** What the thread is told. */
export type ToWorker = { readonly batch: readonly Change[] } | "Close";

const port = parentPort;
if (port === null) throw new Error("this file is a worker's");

const { data } = workerData as { readonly data: string };
const db = openDatabase(data, systemClock.steady);
const apply = batcher(db, storeOn(db, systemClock));

port.on("message", (message: ToWorker) => {
  if (message === "Close") {
    db.close();
    port.close();
    return;
  }
  port.postMessage(written(message.batch));
});

port.postMessage("Open" satisfies FromWorker);

function written(batch: readonly Change[]): Written {
  try {
    return { ok: true, values: apply(batch) };
  } catch (error) {
    // As words: not every error can be sent from one thread to another.
    return { ok: false, cause: String(error) };
  }
}
