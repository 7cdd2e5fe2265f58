/**
 * How late the loop is: what comes over connections has waited for so long before anybody could
 * read it, which no socket says.
 */

/** Often enough to notice a turn that takes too long, and seldom enough to cost nothing. */
const EVERY_MS = 20;

export interface Lateness {
  /** Milliseconds by which the loop comes later now than it was to. */
  lateMs(): number;
  close(): void;
}

/** Begins to look. `now` is a clock that never jumps. */
export function lateness(now: () => number): Lateness {
  let due = now() + EVERY_MS;
  let lastMs = 0;
  const timer = setInterval(() => {
    lastMs = Math.max(0, now() - due);
    due = now() + EVERY_MS;
  }, EVERY_MS);
  timer.unref();
  return {
    // The timer comes first in each turn: whatever is late now has been so since then, or is later.
    lateMs: () => Math.max(lastMs, now() - due, 0),
    close: () => clearInterval(timer),
  };
}
