/** Waits for statuses to end by themselves: one timer, for the next of all. */
import type { Clock } from "../clock.ts";
import type { PresenceStore } from "../store/presence-store.ts";

/** Timers take no longer waits than 24 days; and a calendar that was set is seen by then. */
const LONGEST_MS = 3_600_000;

export class StatusEnds {
  readonly #parts: {
    readonly presence: PresenceStore;
    readonly clock: Clock;
    readonly ended: (account: string) => void;
  };
  #timer: NodeJS.Timeout | undefined;
  /** All that end by then have been told. */
  #toldTo: number;

  constructor(parts: {
    readonly presence: PresenceStore;
    readonly clock: Clock;
    readonly ended: (account: string) => void;
  }) {
    this.#parts = parts;
    this.#toldTo = parts.clock.wall();
    this.plan();
  }

  /** Somebody's status has another end, or none. */
  plan(): void {
    const { presence, clock } = this.#parts;
    clearTimeout(this.#timer);
    const [next] = presence.ends(this.#toldTo);
    if (next === undefined) return;
    const wait = Math.min(LONGEST_MS, Math.max(0, next.until - clock.wall()));
    this.#timer = setTimeout(() => this.#due(), Math.ceil(wait)).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #due(): void {
    const { presence, clock, ended } = this.#parts;
    const now = clock.wall();
    for (const { account, until } of presence.ends(this.#toldTo)) if (until <= now) ended(account);
    this.#toldTo = now;
    this.plan();
  }
}
