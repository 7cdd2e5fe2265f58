/**
 * Subscriptions and publications that got a 2xx, kept so that they outlive the process. Whoever
 * keeps them says what is in a record; here it is text.
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

export class EventStates {
  readonly #kind: EventStateKind;
  readonly #parts: { readonly db: Database; readonly queue: WriteQueue; readonly clock: Clock };

  constructor(
    kind: EventStateKind,
    parts: { readonly db: Database; readonly queue: WriteQueue; readonly clock: Clock },
  ) {
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

  #write(change: EventStateChange): Pending<void> {
    const answer = new Pending<void>();
    this.#parts.queue.write(change).whenSettled(
      () => answer.resolve(),
      (cause) => answer.reject(cause),
    );
    return answer;
  }
}
