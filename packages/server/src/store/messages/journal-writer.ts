/**
 * Writes into journals: what was said once, and an entry in the journal of each who has it. To be
 * used inside a transaction of the disk's thread.
 */
import type { What } from "carillon/documents";
import type { Posting } from "carillon/messaging";
import type { Database } from "../database.ts";
import { readerWord, searchable } from "./searchable.ts";

type Worded = Extract<What, { kind: "Message" | "Edited" }>;

/**
 * The numbers that it has in its journals, in their order. An account that has gone meanwhile has
 * no journal, and 0 for a number.
 */
export function writeEntries(
  db: Database,
  { key, at, what, journals }: Posting,
  counts: readonly boolean[],
): readonly number[] {
  if (what.kind === "Retracted") silence(db, what, journals);
  const said = insertSaid(db, key, at, journals.length === 0 ? undefined : what);
  const readers: number[] = [];
  const seqs = journals.map(({ account, conversation: uri }, i) => {
    const journal = nextIn(db, account, isCounted(what.kind) ? 1 : 0);
    if (journal === undefined) return 0;
    const { number, last: seq } = journal;
    const isUnread = counts[i] === true ? 1 : 0;
    const conversation = advance(db, [number, uri, seq, at, isUnread]);
    db.run(
      "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
      number,
      seq,
      conversation,
      said,
      at,
      isUnread,
    );
    if (what.kind === "Read") markRead(db, conversation, what.upTo);
    if (what.kind === "Group") replaceGroupEntry(db, journal, conversation);
    readers.push(number);
    return seq;
  });
  if (readers.length > 0 && hasWords(what)) index(db, said, what, readers);
  return seqs;
}

export const isKnown = (db: Database, { from, id }: Posting["key"]): boolean =>
  db.one("SELECT 1 FROM said WHERE key_from = ? AND key_id = ?", from, id) !== undefined;

const hasWords = (what: What): what is Worded => what.kind === "Message" || what.kind === "Edited";

function insertSaid(
  db: Database,
  { from, id }: Posting["key"],
  at: number,
  what: What | undefined,
): number {
  return the(
    db.one<{ number: number }>(
      `INSERT INTO said (key_from, key_id, at, kind, message_id, what) VALUES (?, ?, ?, ?, ?, ?)
       RETURNING number`,
      from,
      id,
      at,
      what?.kind ?? "",
      what && hasWords(what) ? what.id : null,
      what ? JSON.stringify(what) : "",
    ),
  ).number;
}

interface Journal {
  readonly number: number;
  readonly last: number;
  readonly swept: number;
}

/** The journal with its next number given out; begins one for whoever has none yet. */
function nextIn(db: Database, account: string, counts: 0 | 1): Journal | undefined {
  const next = `UPDATE journal SET last = last + 1, kept = kept + ? WHERE account = ?
    RETURNING number, last, swept`;
  return (
    db.one<Journal>(next, counts, account) ??
    // Whoever was taken out meanwhile has no account to refer to.
    db.one<Journal>(
      `INSERT INTO journal (account, last, kept) SELECT name, 1, ? FROM account WHERE name = ?
       RETURNING number, last, swept`,
      counts,
      account,
    )
  );
}

/**
 * Whether it counts among the entries that are kept: what becomes of a message in a group may be
 * hundreds of entries in its sender's journal.
 */
export const isCounted = (kind: What["kind"]): boolean => kind !== "Receipt" && kind !== "Read";

type Advance = readonly [journal: number, uri: string, seq: number, at: number, unread: 0 | 1];

/** The conversation's number, with the entry counted in it. */
const advance = (db: Database, values: Advance): number =>
  the(
    db.one<{ number: number }>(
      `INSERT INTO conversation (journal, uri, last, last_at, heard, unread)
       VALUES (?1, ?2, ?3, ?4, ?5, ?5)
       ON CONFLICT DO UPDATE SET last = excluded.last, last_at = excluded.last_at,
         heard = heard + excluded.heard, unread = unread + excluded.unread
       RETURNING number`,
      ...values,
    ),
  ).number;

function markRead(db: Database, conversation: number, upTo: number): void {
  db.run(
    "UPDATE conversation SET read_up_to = max(read_up_to, min(?, last)) WHERE number = ?",
    upTo,
    conversation,
  );
  db.run(COUNT_UNREAD, conversation);
}

/** What said before who is in the group has stayed for that only, if it is so old. */
function replaceGroupEntry(db: Database, journal: Journal, conversation: number): void {
  const { number, last, swept } = journal;
  const before = the(
    db.one<{ group_entry: number }>(
      "SELECT group_entry FROM conversation WHERE number = ?",
      conversation,
    ),
  ).group_entry;
  db.run("UPDATE conversation SET group_entry = ? WHERE number = ?", last, conversation);
  if (before === 0 || before > swept) return;
  const old = db.one<{ said: number }>(
    "SELECT said FROM entry WHERE journal = ? AND seq = ?",
    number,
    before,
  );
  if (old) forgetEntry(db, { journal: number, seq: before, said: old.said });
}

/** Takes the words out of a message, and of what was put in their place, in these journals. */
function silence(
  db: Database,
  { id, from }: Extract<What, { kind: "Retracted" }>,
  journals: Posting["journals"],
): void {
  for (const { account, conversation } of journals) {
    // A sender may have given another message the same id, in another conversation.
    for (const { number, what: text } of db.all<SaidRow>(SAID_THERE, id, account, conversation)) {
      const what = JSON.parse(text) as Worded;
      if (what.from !== from || what.body === "") continue;
      const { kind, contentType } = what;
      const silent = JSON.stringify({ kind, id, from, contentType, body: "" });
      db.run("UPDATE said SET what = ? WHERE number = ?", silent, number);
      db.run("DELETE FROM words WHERE rowid = ?", number);
    }
  }
}

interface SaidRow {
  readonly number: number;
  readonly what: string;
}

const SAID_THERE = `
  SELECT said.number, said.what
    FROM said
    JOIN journal ON journal.account = ?2
    JOIN entry INDEXED BY entry_said ON entry.said = said.number AND entry.journal = journal.number
    JOIN conversation ON conversation.number = entry.conversation
   WHERE said.message_id = ?1 AND conversation.uri = ?3`;

function index(db: Database, said: number, what: Worded, readers: readonly number[]): void {
  const text = foundBy(what);
  if (text === "") return;
  const who = readers.map(readerWord).join(" ");
  db.run("INSERT INTO words (rowid, text, readers) VALUES (?, ?, ?)", said, text, who);
}

/** What a message is found by: its words, and the name of its file. */
function foundBy(what: Worded): string {
  const isText = what.kind === "Edited" || what.encoding === undefined;
  const file = what.kind === "Message" ? (what.file?.name ?? "") : "";
  return searchable(`${isText ? what.body : ""} ${file}`).trim();
}

/** Takes an entry out, and what it says if nobody else has it. Its conversation is not settled. */
export function forgetEntry(
  db: Database,
  { journal, seq, said }: { journal: number; seq: number; said: number },
): void {
  db.run("DELETE FROM entry WHERE journal = ? AND seq = ?", journal, seq);
  if (!isHeld(db, said)) forgetSaid(db, said);
}

/** Whether it is in anybody's journal. */
export const isHeld = (db: Database, said: number): boolean =>
  db.one("SELECT 1 FROM entry WHERE said = ? LIMIT 1", said) !== undefined;

export function forgetSaid(db: Database, said: number): void {
  db.run("DELETE FROM words WHERE rowid = ?", said);
  db.run("DELETE FROM said WHERE number = ?", said);
}

/** After entries of these have gone, or were read: counts what is unread, forgets what is empty. */
export function settleConversations(db: Database, conversations: Iterable<number>): void {
  for (const number of conversations) {
    db.run(COUNT, number);
    db.run(FORGET_EMPTY, number);
  }
}

const COUNT_UNREAD = `
  UPDATE conversation
     SET unread = (SELECT count(*) FROM entry WHERE entry.conversation = conversation.number
                      AND entry.seq > read_up_to AND counts = 1)
   WHERE number = ?`;
const COUNT = `
  UPDATE conversation
     SET unread = (SELECT count(*) FROM entry WHERE entry.conversation = conversation.number
                      AND entry.seq > read_up_to AND counts = 1),
         heard = (SELECT count(*) FROM entry WHERE entry.conversation = conversation.number
                     AND counts = 1)
   WHERE number = ?`;
const FORGET_EMPTY = `
  DELETE FROM conversation
   WHERE number = ?
     AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.conversation = conversation.number)`;

function the<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error("a row is missing that has to be there");
  return row;
}
