/**
 * Reads journals on whatever thread asks: a page at a time, through prepared statements, each of
 * which stops at its limit. Nothing is kept in memory.
 */
import { type Entry, type JournalPage, MAX_JOURNAL_ENTRIES, type What } from "carillon/documents";
import type { PostingKey, StoredQuery } from "carillon/messaging";
import type { Database, Value } from "../database.ts";
import { isKnown } from "./journal-writer.ts";
import { questionFor } from "./searchable.ts";

/** A conversation as its owner's list has it. */
export interface ConversationRow {
  /** The address of the other person or the group. */
  readonly uri: string;
  /** The number of its last entry, and when that was, in milliseconds since the Unix epoch. */
  readonly last: number;
  readonly lastAt: number;
  /** Messages of others that its owner has not seen on any device. */
  readonly unread: number;
  /** They have seen all up to here. */
  readonly readUpTo: number;
}

/** Octets of a page, more or less: one of long messages has fewer of them. */
const MAX_PAGE = 900_000;
/** What an entry takes beside what it says. */
const AROUND = 100;

/** Messages that several senders gave one id. */
const MAX_SAID = 32;

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly conversation: string;
  readonly what: string;
}

const ENTRIES = `
  SELECT entry.seq, entry.at, conversation.uri AS conversation, said.what
    FROM entry
    JOIN said ON said.number = entry.said
    JOIN conversation ON conversation.number = entry.conversation`;

const AFTER = `${ENTRIES}
   WHERE entry.journal = ? AND entry.seq > ? ORDER BY entry.seq LIMIT ?`;
const AFTER_WITH = `${ENTRIES}
   WHERE entry.conversation = ? AND entry.seq > ? ORDER BY entry.seq LIMIT ?`;
const BEFORE = `${ENTRIES}
   WHERE entry.journal = ? AND entry.seq < ? ORDER BY entry.seq DESC LIMIT ?`;
const BEFORE_WITH = `${ENTRIES}
   WHERE entry.conversation = ? AND entry.seq < ? ORDER BY entry.seq DESC LIMIT ?`;

/** The latest first, as the index has them: it stops at the limit. */
const FOUND = `
  SELECT entry.seq, entry.at, conversation.uri AS conversation, said.what
    FROM words
    CROSS JOIN entry INDEXED BY entry_said ON entry.said = words.rowid AND entry.journal = ?
    CROSS JOIN said ON said.number = words.rowid
    CROSS JOIN conversation ON conversation.number = entry.conversation
   WHERE words MATCH ? AND words.rowid < ?`;
const LATEST = "ORDER BY words.rowid DESC LIMIT ?";

const SAID = `
  SELECT entry.seq, entry.at, conversation.uri AS conversation, said.what
    FROM said INDEXED BY said_message
    CROSS JOIN entry INDEXED BY entry_said ON entry.said = said.number AND entry.journal = ?
    CROSS JOIN conversation ON conversation.number = entry.conversation
   WHERE said.message_id = ? AND said.kind = 'Message' LIMIT ${MAX_SAID}`;

/** The highest number of this account's journal; 0 where nothing was ever said. */
export const lastOf = (db: Database, account: string): number => journalOf(db, account)?.last ?? 0;

/** A page in rising order, whichever direction it was asked for. */
export function readPage(db: Database, account: string, query: StoredQuery): JournalPage {
  const journal = journalOf(db, account);
  const last = journal?.last ?? 0;
  const rows = journal === undefined ? [] : rowsFor(db, journal.number, query);
  const limit = Math.min(Math.max(0, query.limit), MAX_JOURNAL_ENTRIES);
  const { some, isWhole } = upTo(rows, limit);
  const entries = some.map(entryOf);
  return { entries: query.kind === "After" ? entries : entries.reverse(), last, isWhole };
}

function rowsFor(db: Database, journal: number, query: StoredQuery): Iterable<EntryRow> {
  const conversation =
    query.with === undefined ? undefined : conversationOf(db, journal, query.with);
  if (query.with !== undefined && conversation === undefined) return [];
  const most = Math.min(query.limit, MAX_JOURNAL_ENTRIES) + 1;
  const whose = conversation ?? journal;
  if (query.kind === "After") {
    const sql = conversation === undefined ? AFTER : AFTER_WITH;
    return db.each<EntryRow>(sql, whose, whole(query.after), most);
  }
  if (query.find === undefined) {
    const sql = conversation === undefined ? BEFORE : BEFORE_WITH;
    return db.each<EntryRow>(sql, whose, whole(query.before), most);
  }
  const question = questionFor(journal, query.find);
  if (question === undefined) return [];
  const below = saidAt(db, journal, whole(query.before));
  const values: Value[] = [journal, question, below];
  if (conversation === undefined) return db.each(`${FOUND} ${LATEST}`, ...values, most);
  const sql = `${FOUND} AND entry.conversation = ? ${LATEST}`;
  return db.each(sql, ...values, conversation, most);
}

/** A number that SQLite can hold, however large one was asked for. */
const whole = (seq: number): number => Math.min(Math.max(0, seq), Number.MAX_SAFE_INTEGER);

/** So many at most, and no more octets than a page can have; whether that was all of them. */
function upTo(
  rows: Iterable<EntryRow>,
  limit: number,
): { readonly some: readonly EntryRow[]; readonly isWhole: boolean } {
  const some: EntryRow[] = [];
  let octets = 0;
  for (const row of rows) {
    octets += AROUND + row.conversation.length + Buffer.byteLength(row.what);
    if (some.length >= limit || (octets > MAX_PAGE && some.length > 0)) {
      return { some, isWhole: false };
    }
    some.push(row);
  }
  return { some, isWhole: true };
}

export function readEntry(db: Database, account: string, seq: number): Entry | undefined {
  const journal = journalOf(db, account);
  const sql = `${ENTRIES} WHERE entry.journal = ? AND entry.seq = ?`;
  const row = journal && db.one<EntryRow>(sql, journal.number, whole(seq));
  return row && entryOf(row);
}

/** Its messages with this Message-ID, whoever sent them. */
export function readSaid(db: Database, account: string, id: string): readonly Entry[] {
  const journal = journalOf(db, account);
  return journal ? db.all<EntryRow>(SAID, journal.number, id).map(entryOf) : [];
}

export const readKnown = (db: Database, keys: readonly PostingKey[]): readonly boolean[] =>
  keys.map((key) => isKnown(db, key));

/** What was said last in a conversation; receipts and the like are passed over. */
export function readLatest(db: Database, account: string, uri: string): Entry | undefined {
  const journal = journalOf(db, account);
  const conversation = journal && conversationOf(db, journal.number, uri);
  const row = conversation === undefined ? undefined : db.one<EntryRow>(LATEST_SAID, conversation);
  return row && entryOf(row);
}

const LATEST_SAID = `${ENTRIES}
   WHERE entry.conversation = ? AND said.kind = 'Message' ORDER BY entry.seq DESC LIMIT 1`;

/** The latest first. */
export const readConversations = (
  db: Database,
  account: string,
  limit: number,
): readonly ConversationRow[] =>
  db.all<ConversationRow>(
    `SELECT conversation.uri, conversation.last, last_at AS lastAt, unread, read_up_to AS readUpTo
       FROM conversation JOIN journal ON journal.number = conversation.journal
      WHERE journal.account = ? ORDER BY conversation.last DESC LIMIT ?`,
    account,
    limit,
  );

/** Messages of others in all of an account's conversations. */
export interface Heard {
  /** That it has not seen on any device. */
  readonly unread: number;
  /** That it has seen. */
  readonly read: number;
}

export const readHeard = (db: Database, account: string): Heard =>
  db.one<Heard>(HEARD, account) ?? { unread: 0, read: 0 };

const HEARD = `
  SELECT coalesce(sum(unread), 0) AS unread, coalesce(sum(heard - unread), 0) AS read
    FROM conversation WHERE journal = (SELECT number FROM journal WHERE account = ?)`;

/** What is kept of one account's. */
export interface Usage {
  readonly account: string;
  readonly entries: number;
  readonly unread: number;
  /** In milliseconds since the Unix epoch; null where all of it has gone. */
  readonly oldestAt: number | null;
}

/** Of all who have a journal, by name. It counts, which takes a while for very many. */
export const readUsage = (db: Database): readonly Usage[] =>
  db.all<Usage>(
    `SELECT account,
            (SELECT count(*) FROM entry WHERE entry.journal = journal.number) AS entries,
            (SELECT coalesce(sum(unread), 0) FROM conversation
              WHERE conversation.journal = journal.number) AS unread,
            (SELECT at FROM entry WHERE entry.journal = journal.number
              ORDER BY seq LIMIT 1) AS oldestAt
       FROM journal ORDER BY account`,
  );

const entryOf = ({ seq, at, conversation, what }: EntryRow): Entry => ({
  ...{ seq, at, conversation },
  what: JSON.parse(what) as What,
});

const journalOf = (
  db: Database,
  account: string,
): { readonly number: number; readonly last: number } | undefined =>
  db.one("SELECT number, last FROM journal WHERE account = ?", account);

const conversationOf = (db: Database, journal: number, uri: string): number | undefined =>
  db.one<{ number: number }>(
    "SELECT number FROM conversation WHERE journal = ? AND uri = ?",
    journal,
    uri,
  )?.number;

/** What stands at this number of the journal, or behind it. */
function saidAt(db: Database, journal: number, seq: number): number {
  const row = db.one<{ said: number }>(
    "SELECT said FROM entry WHERE journal = ? AND seq >= ? ORDER BY seq LIMIT 1",
    journal,
    seq,
  );
  return row?.said ?? Number.MAX_SAFE_INTEGER;
}
