/**
 * The port behind which the disk lies: a worker with SQLite in the program, and in tests whatever
 * forgets, fails or waits as they want.
 */
import type { Change } from "./change.ts";

export type Written =
  /** What each change gave back, in their order. All of it will survive a loss of power. */
  | { readonly ok: true; readonly values: readonly unknown[] }
  /** Nothing of the batch counts, although some of it may have reached the disk. */
  | { readonly ok: false; readonly cause: unknown };

export interface Disk {
  /** Until then a batch takes as long as the opening does, which says nothing of the disk. */
  readonly opened?: Promise<void>;
  /** Writes all of these, in order, or none. The next batch is given when `done` was called. */
  write(batch: readonly Change[], done: (written: Written) => void): void;
  /** After the last batch is done. */
  close(): Promise<void>;
}
