/**
 * Who is signed in on which browser. A session's secret lives in a cookie of the browser; here is
 * only its fingerprint, which also names the session in tokens: it is of no use as a cookie.
 */
import type { Database } from "./database.ts";
import { fingerprint, newSecret } from "./secret.ts";

/** A browser that was not seen for this long has to be invited again. */
export const SESSION_IDLE_MS: number = 180 * 24 * 3_600_000;

/** Seen is written this seldom: a write is a sync of the disk. */
const SEEN_EVERY_MS = 3_600_000;

export interface Session {
  /** The fingerprint: goes into tokens. */
  readonly id: string;
  readonly account: string;
}

interface Entry {
  readonly account: string;
  readonly lastSeenAt: number;
}

export class Sessions {
  readonly #db: Database;
  readonly #now: () => number;
  /** Writes that a session was seen: here at once, unless somebody else sees to it. */
  writeSeen: (id: string, at: number) => void = (id, at) => this.saw(id, at);
  #generation = -1;
  #entries: ReadonlyMap<string, Entry> = new Map();

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** Begins a session; its secret, which is for the cookie and nowhere else. */
  begin(account: string): string {
    const secret = newSecret(256);
    const now = Math.floor(this.#now());
    this.#db.run(
      "INSERT INTO session (fingerprint, account, created_at, last_seen_at) VALUES (?, ?, ?, ?)",
      fingerprint(secret),
      account,
      now,
      now,
    );
    return secret;
  }

  /** The session of a cookie, which counts as being seen. */
  find(secret: string): Session | undefined {
    const id = fingerprint(secret);
    const account = this.account(id);
    if (account === undefined) return undefined;
    this.#seen(id);
    return { id, account };
  }

  /** Whose session this is, while it is valid. */
  account(id: string): string | undefined {
    const entry = this.#fresh().get(id);
    if (entry === undefined || this.#now() - entry.lastSeenAt > SESSION_IDLE_MS) return undefined;
    return entry.account;
  }

  end(id: string): void {
    this.#db.run("DELETE FROM session WHERE fingerprint = ?", id);
  }

  saw(id: string, at: number): void {
    this.#db.run("UPDATE session SET last_seen_at = ? WHERE fingerprint = ?", at, id);
  }

  #seen(id: string): void {
    const now = Math.floor(this.#now());
    const entry = this.#entries.get(id);
    if (entry === undefined || now - entry.lastSeenAt < SEEN_EVERY_MS) return;
    this.writeSeen(id, now);
  }

  #fresh(): ReadonlyMap<string, Entry> {
    const generation = this.#db.generation();
    if (generation !== this.#generation) {
      this.#entries = readEntries(this.#db);
      this.#generation = generation;
    }
    return this.#entries;
  }
}

function readEntries(db: Database): ReadonlyMap<string, Entry> {
  const rows = db.all<{ fingerprint: string; account: string; last_seen_at: number }>(
    "SELECT fingerprint, account, last_seen_at FROM session",
  );
  return new Map(
    rows.map((row) => [row.fingerprint, { account: row.account, lastSeenAt: row.last_seen_at }]),
  );
}
