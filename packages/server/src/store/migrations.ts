/**
 * The schema as the list of steps that led to it. A step that has left this machine is never
 * edited; a change is a new step at the end. `PRAGMA user_version` counts the steps taken.
 */
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
];
