/**
 * Credentials that have ended, be it here, by the worker, or by `carillon user device revoke`
 * beside a running server: what was registered with them has to end, too.
 */
import type { Database } from "./database.ts";

export interface Revocation {
  readonly account: string;
  /** The id of the device or session. */
  readonly credential: string;
}

/** Older ones are forgotten: nothing that was registered with them has lasted. */
const KEPT = 10_000;

export class Revocations {
  readonly #db: Database;
  #generation = -1;
  #last: number;

  /** Tells of those that come after it was made. */
  constructor(db: Database) {
    this.#db = db;
    this.#last = last(db);
  }

  /** Those since it was last asked. */
  news(look: "Soon" | "Now" = "Soon"): readonly Revocation[] {
    const generation = this.#db.generation(look);
    if (generation === this.#generation) return [];
    this.#generation = generation;
    const rows = this.#db.all<Revocation & { readonly number: number }>(
      "SELECT number, account, credential FROM revocation WHERE number > ? ORDER BY number",
      this.#last,
    );
    this.#last = rows.at(-1)?.number ?? this.#last;
    return rows.map(({ account, credential }) => ({ account, credential }));
  }

  /** Makes room, when the program starts. */
  forgetOld(): void {
    this.#db.run("DELETE FROM revocation WHERE number <= ?", this.#last - KEPT);
  }
}

const last = (db: Database): number =>
  db.one<{ last: number | null }>("SELECT max(number) AS last FROM revocation")?.last ?? 0;
