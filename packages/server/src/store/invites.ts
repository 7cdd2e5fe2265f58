/**
 * Invites: a code that lets a few people join for a while. Only its fingerprint is stored, so who
 * reads the database cannot join with it.
 */
import { done, type Outcome, refused } from "../refusal.ts";
import type { Database } from "./database.ts";
import { fingerprint, newSecret } from "./secret.ts";

export interface Invite {
  /** 128 random bits; the last part of the link. */
  readonly code: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  readonly uses: number;
}

export interface InviteWish {
  /** The account it comes from; null for the program itself. */
  readonly madeBy: string | null;
  readonly uses: number;
  readonly validMs: number;
}

interface Row {
  readonly uses_left: number;
  readonly expires_at: number;
}

export class Invites {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  make(wanted: InviteWish): Invite {
    const code = newSecret(128);
    const expiresAt = Math.floor(this.#now() + wanted.validMs);
    this.#db.transaction(() => {
      // Long gone ones only: somebody with a link of last week should read that it is too old.
      this.#db.run("DELETE FROM invite WHERE expires_at < ?", Math.floor(this.#now() - KEEP_MS));
      this.#db.run(
        "INSERT INTO invite (fingerprint, made_by, uses_left, expires_at) VALUES (?, ?, ?, ?)",
        fingerprint(code),
        wanted.madeBy,
        wanted.uses,
        expiresAt,
      );
    });
    return { code, expiresAt, uses: wanted.uses };
  }

  /** Whether somebody could join with this code now. */
  check(code: string): Outcome<true> {
    const row = this.#db.one<Row>(
      "SELECT uses_left, expires_at FROM invite WHERE fingerprint = ?",
      fingerprint(code),
    );
    if (row === undefined) return refused("INVITE_UNKNOWN");
    if (row.expires_at <= this.#now()) return refused("INVITE_EXPIRED");
    if (row.uses_left < 1) return refused("INVITE_USED");
    return done(true);
  }

  /** Uses it up by one person; to be called inside a transaction, after `check`. */
  use(code: string): void {
    this.#db.run(
      "UPDATE invite SET uses_left = uses_left - 1 WHERE fingerprint = ?",
      fingerprint(code),
    );
  }
}

const KEEP_MS = 30 * 24 * 3_600_000;
