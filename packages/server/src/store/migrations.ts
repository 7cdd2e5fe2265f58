/**
 * The schema as the list of steps that led to it. A step that has left this machine is never
 * edited; a change is a new step at the end. `PRAGMA user_version` counts the steps taken.
 */
import { MESSAGE_TABLES } from "./messages/tables.ts";

export const migrations: readonly string[] = [
  `
  CREATE TABLE house (
    field TEXT PRIMARY KEY,
    value BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account (
    name         TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    owner        INTEGER NOT NULL CHECK (owner IN (0, 1)),
    created_at   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- HA1 as lower-case hexadecimal. MD5 only where desk_phone is 1.
  CREATE TABLE device (
    id             TEXT PRIMARY KEY,
    account        TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    desk_phone     INTEGER NOT NULL CHECK (desk_phone IN (0, 1)),
    ha1_md5        TEXT CHECK (ha1_md5 IS NULL OR desk_phone = 1),
    ha1_sha256     TEXT NOT NULL,
    ha1_sha512_256 TEXT NOT NULL,
    created_at     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX device_account ON device (account);

  -- Codes and session ids are secrets: only their fingerprints are here.
  CREATE TABLE invite (
    fingerprint TEXT PRIMARY KEY,
    made_by     TEXT REFERENCES account (name) ON DELETE CASCADE,
    uses_left   INTEGER NOT NULL CHECK (uses_left >= 0),
    expires_at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX invite_expires ON invite (expires_at);

  CREATE TABLE session (
    fingerprint  TEXT PRIMARY KEY,
    account      TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE device ADD COLUMN label TEXT NOT NULL DEFAULT '';
  CREATE INDEX device_desk_phone ON device (desk_phone) WHERE desk_phone = 1;

  -- One row for each place in an account's list of bindings. expires_at is the calendar's, in
  -- milliseconds; credential is the device or session that its REGISTER signed in with.
  CREATE TABLE binding (
    account     TEXT NOT NULL,
    place       INTEGER NOT NULL,
    contact     TEXT NOT NULL,
    q           INTEGER NOT NULL,
    call_id     TEXT NOT NULL,
    cseq        INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    local_host  TEXT NOT NULL,
    local_port  INTEGER NOT NULL,
    remote_host TEXT NOT NULL,
    remote_port INTEGER NOT NULL,
    credential  TEXT NOT NULL,
    PRIMARY KEY (account, place)
  ) STRICT, WITHOUT ROWID;

  -- Tells caches that they are stale. Bindings change all the time and are not cached.
  CREATE TABLE generation (number INTEGER NOT NULL) STRICT;
  INSERT INTO generation (number) VALUES (0);

  -- Credentials that have ended: what was registered with them ends, too, in whichever process
  -- keeps the bindings.
  CREATE TABLE revocation (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT NOT NULL,
    credential TEXT NOT NULL
  ) STRICT;
${["account", "device", "session"].map(countChanges).join("")}
  CREATE TRIGGER device_revoked AFTER DELETE ON device BEGIN
    INSERT INTO revocation (account, credential) VALUES (OLD.account, OLD.id);
  END;
  CREATE TRIGGER session_revoked AFTER DELETE ON session BEGIN
    INSERT INTO revocation (account, credential) VALUES (OLD.account, OLD.fingerprint);
  END;
  `,
  `
  -- One row for each call. Times are the calendar's, in milliseconds; ended_at is null while they
  -- talk, and for ever if nobody ever said goodbye.
  CREATE TABLE call (
    name        TEXT PRIMARY KEY,
    caller      TEXT NOT NULL,
    callee      TEXT NOT NULL,
    call_id     TEXT NOT NULL,
    invited_at  INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at    INTEGER,
    status      INTEGER NOT NULL,
    ended_by    TEXT CHECK (ended_by IN ('caller', 'callee'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX call_invited ON call (invited_at);
  `,
  `
  -- UDP, or TCP where the phone can be connected to.
  ALTER TABLE binding ADD COLUMN transport TEXT NOT NULL DEFAULT 'UDP';
  `,
  `
  -- Whom one knows. house is 1 where everybody of the house is in it behind those who are listed,
  -- as without a row. contacts is a list of { uri, name, favourite }, in its order.
  CREATE TABLE contact_list (
    account  TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    house    INTEGER NOT NULL CHECK (house IN (0, 1)),
    contacts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Who may see how one is. watchers is a list of { who, action }, for whom there is another rule.
  CREATE TABLE presence_rules (
    account  TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    house    TEXT NOT NULL,
    others   TEXT NOT NULL,
    watchers TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- How one says that one is; ends_at is the calendar's, in milliseconds, null without an end.
  CREATE TABLE own_status (
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    status  TEXT NOT NULL,
    note    TEXT NOT NULL,
    ends_at INTEGER
  ) STRICT, WITHOUT ROWID;
${["contact_list", "presence_rules", "own_status"].map(countChanges).join("")}

  -- Who has asked to see somebody and has no answer yet.
  CREATE TABLE asking (
    account  TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    watcher  TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (account, watcher)
  ) STRICT, WITHOUT ROWID;

  -- Subscriptions and publications that got a 2xx, as whoever keeps them writes them. expires_at is
  -- the calendar's, in milliseconds.
  CREATE TABLE event_state (
    kind       TEXT NOT NULL CHECK (kind IN ('subscription', 'publication')),
    id         TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_state_expires ON event_state (expires_at);
  `,
  MESSAGE_TABLES,
  `
  -- Which device a binding is of, and over which of its flows (RFC 5626); '' and 0 where it says
  -- neither. path is the proxies on the way to it, one a line, the first hop first (RFC 3327).
  ALTER TABLE binding ADD COLUMN instance TEXT NOT NULL DEFAULT '';
  ALTER TABLE binding ADD COLUMN reg_id INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE binding ADD COLUMN path TEXT NOT NULL DEFAULT '';
  `,
  `
  -- Who is not listened to. since and until are the calendar's, in milliseconds; source is an IPv4
  -- address or a network of 64 bits; times counts how often it was banned, this time among them.
  CREATE TABLE ban (
    source  TEXT PRIMARY KEY,
    reason  TEXT NOT NULL,
    said_by TEXT NOT NULL CHECK (said_by IN ('person', 'behaviour')),
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    times   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ban_since ON ban (since);
${countChanges("ban")}
  `,
  `
  -- Which of the device's temporary addresses are valid (RFC 5627); '' where it has none.
  ALTER TABLE binding ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
  `,
  `
  -- Pages that are told of calls while they are closed, one a session: RFC 8030, RFC 8291. Whoever
  -- has these can write to that browser. created_at is the calendar's, in milliseconds.
  CREATE TABLE push_subscription (
    session     TEXT PRIMARY KEY REFERENCES session (fingerprint) ON DELETE CASCADE,
    account     TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    p256dh      TEXT NOT NULL,
    auth        TEXT NOT NULL,
    shows_words INTEGER NOT NULL CHECK (shows_words IN (0, 1)),
    created_at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX push_subscription_account ON push_subscription (account);
  `,
  `
  -- How well the one and the other was heard (MOS, 1 to 4.5), where media went through here.
  ALTER TABLE call ADD COLUMN mos_caller REAL;
  ALTER TABLE call ADD COLUMN mos_callee REAL;
  `,
  `
  -- Calls and what was spent on them go on after a restart as subscriptions do.
  CREATE TABLE event_state_2 (
    kind       TEXT NOT NULL
      CHECK (kind IN ('subscription', 'publication', 'call', 'leg', 'spending', 'bridged')),
    id         TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    record     TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO event_state_2 SELECT kind, id, expires_at, record FROM event_state;
  DROP TABLE event_state;
  ALTER TABLE event_state_2 RENAME TO event_state;
  CREATE INDEX event_state_expires ON event_state (expires_at);
  `,
];

function countChanges(table: string): string {
  return ["INSERT", "UPDATE", "DELETE"]
    .map(
      (change) => `
  CREATE TRIGGER ${table}_${change.toLowerCase()} AFTER ${change} ON ${table} BEGIN
    UPDATE generation SET number = number + 1;
  END;`,
    )
    .join("");
}
