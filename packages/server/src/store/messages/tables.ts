/**
 * The tables of messages, as one step of the schema. What was said is kept once, however many have
 * it in their journals; a journal is one account's, and its entries are numbered without gaps.
 */
export const MESSAGE_TABLES = `
  -- last is the highest number that was given out; up to swept all has gone but what is needed yet.
  -- kept are the entries behind that which count: not what became of a message. kept_days and
  -- kept_entries are its owner's wish; null is what the house has.
  CREATE TABLE journal (
    number       INTEGER PRIMARY KEY,
    account      TEXT NOT NULL UNIQUE REFERENCES account (name) ON DELETE CASCADE,
    last         INTEGER NOT NULL DEFAULT 0,
    swept        INTEGER NOT NULL DEFAULT 0,
    kept         INTEGER NOT NULL DEFAULT 0,
    kept_days    INTEGER,
    kept_entries INTEGER
  ) STRICT;

  -- One thing that was said: a message, an edit, a receipt, a group's new title. what is its JSON,
  -- as entries have it; empty where the key alone is kept. What is posted with the same key again
  -- is not written twice. message_id is there where it has words: those of a message, or such as
  -- stand in their place.
  CREATE TABLE said (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    key_from   TEXT NOT NULL,
    key_id     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    message_id TEXT,
    what       TEXT NOT NULL,
    UNIQUE (key_from, key_id)
  ) STRICT;
  CREATE INDEX said_message ON said (message_id, kind) WHERE message_id IS NOT NULL;

  -- uri is the other person's or the group's. read_up_to: its owner has seen all up to there.
  -- group_entry is the one that says who is in the group now; it stays, however old. heard are the
  -- messages of others, unread those after read_up_to.
  CREATE TABLE conversation (
    number      INTEGER PRIMARY KEY,
    journal     INTEGER NOT NULL REFERENCES journal (number) ON DELETE CASCADE,
    uri         TEXT NOT NULL,
    last        INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    read_up_to  INTEGER NOT NULL DEFAULT 0,
    heard       INTEGER NOT NULL DEFAULT 0,
    unread      INTEGER NOT NULL DEFAULT 0,
    group_entry INTEGER NOT NULL DEFAULT 0,
    UNIQUE (journal, uri)
  ) STRICT;
  CREATE INDEX conversation_last ON conversation (journal, last);

  -- counts: a message of somebody else's, which is unread until it is read.
  CREATE TABLE entry (
    journal      INTEGER NOT NULL REFERENCES journal (number) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    said         INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    counts       INTEGER NOT NULL CHECK (counts IN (0, 1)),
    PRIMARY KEY (journal, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_conversation ON entry (conversation, seq, counts);
  CREATE INDEX entry_said ON entry (said, journal, seq);

  -- What is found by its words, and by whose journals have it. The words themselves are in said.
  CREATE VIRTUAL TABLE words USING fts5 (
    text, readers,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
  );

  -- Up to where a phone that knows no journals has its person's messages.
  CREATE TABLE cursor (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    device  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (account, device)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER device_cursor AFTER DELETE ON device BEGIN
    DELETE FROM cursor WHERE account = OLD.account AND device = OLD.id;
  END;
  CREATE TRIGGER session_cursor AFTER DELETE ON session BEGIN
    DELETE FROM cursor WHERE account = OLD.account AND device = OLD.fingerprint;
  END;

  -- Groups have names of the same kind as people, and no name is both.
  CREATE TABLE chat_group (
    name    TEXT PRIMARY KEY,
    title   TEXT NOT NULL,
    owner   TEXT REFERENCES account (name) ON DELETE SET NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX chat_group_owner ON chat_group (owner);
  CREATE TABLE chat_member (
    chat_group TEXT NOT NULL REFERENCES chat_group (name) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    account    TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    PRIMARY KEY (chat_group, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX chat_member_account ON chat_member (account);
`;
