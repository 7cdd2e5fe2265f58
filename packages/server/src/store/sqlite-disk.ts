/**
 * The disk of the program: a thread of its own with SQLite. A batch costs the loop one message out
 * and one back; waiting for the disk costs it nothing.
 */
import { Worker } from "node:worker_threads";
import type { Change } from "./change.ts";
import type { Disk, Written } from "./disk.ts";
import type { FromWorker, ToWorker } from "./disk-worker.ts";

type Done = (written: Written) => void;

/** Opens the data folder in a thread of its own; the schema has to be there already. */
export function sqliteDisk(data: string): Disk {
  return new SqliteDisk(data);
}

class SqliteDisk implements Disk {
  readonly #data: string;
  readonly #opened = Promise.withResolvers<void>();
  #worker: Worker | undefined;
  #done: Done | undefined;

  constructor(data: string) {
    this.#data = data;
    this.#worker = this.#start();
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  write(batch: readonly Change[], done: Done): void {
    if (this.#done !== undefined) throw new Error("the last batch is not done");
    this.#done = done;
    this.#tell({ batch });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    const ended = new Promise((exit) => worker.once("exit", exit));
    worker.postMessage("Close" satisfies ToWorker);
    await ended;
  }

  #tell(message: ToWorker): void {
    // One that died is followed by another: what it was writing has failed, the next may not.
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./disk-worker.ts", import.meta.url), {
      workerData: { data: this.#data },
    });
    worker.on("message", (message: FromWorker) => {
      if (message === "Open") this.#opened.resolve();
      else this.#settle(message);
    });
    worker.on("error", (cause) => this.#died(worker, cause));
    worker.on("exit", (code) => this.#died(worker, `the thread ended with ${code}`));
    return worker;
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#settle({ ok: false, cause });
  }

  #settle(written: Written): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(written);
  }
}
