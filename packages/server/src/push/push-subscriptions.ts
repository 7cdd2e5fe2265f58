/**
 * Pages that are told of calls while they are closed: what their browsers gave them for that. One a
 * session, which ends with it.
 */
import type { Database } from "../store/database.ts";

export interface PushSubscription {
  /** The session's id. */
  readonly session: string;
  readonly account: string;
  /** Where its push service takes pushes: whoever knows it and the keys can write there. */
  readonly endpoint: string;
  /** RFC 8291 §2.1, both base64url. */
  readonly p256dh: string;
  readonly auth: string;
  /** Whether a message's words are part of what is told. */
  readonly showsWords: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

interface Row {
  readonly session: string;
  readonly account: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly shows_words: number;
  readonly created_at: number;
}

/** In place of what this session had, and of what another one of this browser left. */
export function putSubscription(db: Database, one: PushSubscription): void {
  const { session, account, endpoint, p256dh, auth, showsWords, createdAt } = one;
  db.run("DELETE FROM push_subscription WHERE endpoint = ? AND account = ?", endpoint, account);
  const values = [session, account, endpoint, p256dh, auth, showsWords ? 1 : 0, createdAt] as const;
  // A session that has ended meanwhile has none.
  const isThere = db.all("SELECT 1 FROM session WHERE fingerprint = ?", session).length > 0;
  if (isThere) db.run(PUT, ...values);
}

const PUT = "INSERT OR REPLACE INTO push_subscription VALUES (?, ?, ?, ?, ?, ?, ?)";

export function dropSubscription(db: Database, account: string, endpoint: string): void {
  db.run("DELETE FROM push_subscription WHERE account = ? AND endpoint = ?", account, endpoint);
}

/** Of one account, the oldest first. */
export const subscriptionsOf = (db: Database, account: string): readonly PushSubscription[] =>
  db
    .all<Row>("SELECT * FROM push_subscription WHERE account = ? ORDER BY created_at", account)
    .map(({ shows_words, created_at, ...row }) => ({
      ...{ ...row, showsWords: shows_words === 1, createdAt: created_at },
    }));
