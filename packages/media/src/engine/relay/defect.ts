/**
 * What is thrown while a packet is handled is a defect of ours, and costs that packet: a worker
 * that ended of it would take the media of all its calls along, and whoever knows the packet could
 * send it again.
 */
const TOLD_EVERY_MS = 1000;
let toldAt = Number.NEGATIVE_INFINITY;

/** Tells the operator, once a second at most. */
export function tellDefect(cause: unknown): void {
  const now = performance.now();
  if (now - toldAt < TOLD_EVERY_MS) return;
  toldAt = now;
  process.emitWarning(cause instanceof Error ? (cause.stack ?? cause.message) : `${cause}`);
}
