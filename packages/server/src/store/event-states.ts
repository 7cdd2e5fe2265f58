/**
 * What goes on for a time and has to outlive the process: subscriptions and publications that got a
 * 2xx, calls, what was spent on them. Whoever keeps it says what is in a record; here it is JSON.
 */
import { Pending } from "carillon/roles";
import type { Clock } from "../clock.ts";
import type { EventStateChange, EventStateKind } from "./change.ts";
import type { Database } from "./database.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface KeptState {
  readonly id: string;
  /** In ms of the steady clock of this run. */
  readonly expiresAt: number;
  /** As it was saved. */
  readonly record: string;
}

/** One that says nothing, and why. */
export interface DamagedRow {
  readonly kind: EventStateKind;
  readonly id: string;
  readonly cause: unknown;
}

export interface EventStatesParts {
  readonly db: Database;
  readonly queue: WriteQueue;
  readonly clock: Clock;
  /** A row is no record of its kind: it is left where it is until it expires, and not used. */
  readonly damaged?: ((row: DamagedRow) => void) | undefined;
}

export class EventStates {
  readonly #kind: EventStateKind;
  readonly #parts: EventStatesParts;

  constructor(kind: EventStateKind, parts: EventStatesParts) {
    this.#kind = kind;
    this.#parts = parts;
  }

  /** In place of what had the same id; answered when it is on the disk. */
  save({ id, expiresAt, record }: KeptState): Pending<void> {
    const { clock } = this.#parts;
    const at = Math.round(expiresAt + clock.wall() - clock.steady());
    return this.#write({ kind: "EventState", what: this.#kind, id, row: [at, record] });
  }

  remove(id: string): Pending<void> {
    return this.#write({ kind: "EventState", what: this.#kind, id, row: undefined });
  }

  /** What an earlier run left and has not expired. */
  all(): readonly KeptState[] {
    const { db, clock } = this.#parts;
    const wall = clock.wall();
    const behind = clock.steady() - wall;
    const sql = `SELECT id, expires_at, record FROM event_state
      WHERE kind = ? AND expires_at > ? ORDER BY id`;
    return db
      .all<{ id: string; expires_at: number; record: string }>(sql, this.#kind, Math.floor(wall))
      .map(({ id, expires_at, record }) => ({ id, expiresAt: expires_at + behind, record }));
  }

  /** The same as values. What `read` throws at is damaged: it is left out, and said. */
  values<T>(read: (value: unknown, expiresAt: number) => T): readonly T[] {
    return this.all().flatMap(({ id, expiresAt, record }) => {
      try {
        return [read(JSON.parse(record), expiresAt)];
      } catch (cause) {
        this.#parts.damaged?.({ kind: this.#kind, id, cause });
        return [];
      }
    });
  }

  #write(change: EventStateChange): Pending<void> {
    const answer = new Pending<void>();
    this.#parts.queue.write(change).whenSettled(
      () => answer.resolve(),
      (cause) => answer.reject(cause),
    );
    return answer;
  }
}
