/**
 * Sweeps journals once the server is up, and every hour from then on: a piece at a time, while the
 * disk has nothing else to do.
 */
import type { Pending } from "carillon/roles";
import type { Swept } from "./message-write.ts";

export interface SweepWorld {
  /** Sweeps one piece. */
  sweep(limit: number): Pending<Swept>;
  /** Nothing waits for the disk. */
  isIdle(): boolean;
  /** Later; what it gives back calls that off. */
  later(run: () => void, ms: number): () => void;
}

const EVERY_MS = 3_600_000;
/** Between two pieces, so that the disk's thread is at most a fifth busy with it. */
const PAUSE_MS = 100;
/** When the disk has something else to do. */
const BUSY_MS = 1000;
const PIECE = 500;

/** Begins with it; how to end. */
export function keepSweeping(world: SweepWorld): () => void {
  let isClosed = false;
  let callOff = () => {};
  const soon = (ms: number): void => {
    if (!isClosed) callOff = world.later(next, ms);
  };
  const next = (): void => {
    if (!world.isIdle()) return soon(BUSY_MS);
    world.sweep(PIECE).whenSettled(
      ({ isAtEnd }) => soon(isAtEnd ? EVERY_MS : PAUSE_MS),
      () => soon(EVERY_MS),
    );
  };
  soon(BUSY_MS);
  return () => {
    isClosed = true;
    callOff();
  };
}
