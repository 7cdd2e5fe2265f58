/** A recorded run once more, on a disk whose power is cut at each of these moments. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { SyncedFiles } from "./synced-files.ts";
import type { Event } from "./trace.ts";

/** What is held against the disk. */
export interface Witness {
  /** Sees all that the program did, up to a cut. */
  take(event: Event): void;
  /** Looks at the database that is left, in this file, which opens as after a crash. */
  compare(database: string): void;
}

export interface Cuts {
  readonly events: readonly Event[];
  /** The files as they were before. */
  readonly disk: SyncedFiles;
  /** Rising. */
  readonly moments: readonly number[];
  readonly random: () => number;
  /** What of an event reaches the disk. */
  readonly through: (event: Event) => Event | undefined;
}

export function replay(folder: string, cuts: Cuts, witness: Witness): void {
  const { events, disk, moments, random, through } = cuts;
  const own = join(folder, "cut");
  mkdirSync(own, { recursive: true });
  let at = 0;
  for (const moment of moments) {
    for (; at < moment; at++) {
      const event = events[at];
      const kept = event && through(event);
      if (kept) disk.take(kept);
      if (event) witness.take(event);
    }
    // Of what was not synced, nothing may have reached the disk, or all, or pages of it.
    const share = [0, 1, random()][Math.floor(random() * 3)] ?? 0;
    disk.writeTo(
      (path) => join(own, path.endsWith("-wal") ? "x-wal" : "x"),
      () => random() < share,
    );
    witness.compare(join(own, "x"));
  }
}

/** A disk that syncs nothing, to see that a loss would be seen. */
export const unsynced = (event: Event): Event | undefined =>
  event.kind === "SyncEnds" ? undefined : event;

/** Half of them right after an answer has left, which is the worst moment; the others anywhere. */
export function momentsFor(
  count: number,
  { answers, events }: { readonly answers: readonly number[]; readonly events: readonly Event[] },
  random: () => number,
): readonly number[] {
  return Array.from({ length: count }, (_, nth) => {
    const answer = answers[Math.floor(random() * answers.length)] ?? 0;
    return nth % 2 === 0 ? answer + 1 : Math.floor(random() * events.length);
  }).sort((a, b) => a - b);
}
