/**
 * How long journals are kept: two years and 100,000 entries a person (what became of a message is
 * not counted), unless the operator says otherwise, or their owner wants less. What is too old goes
 * in pieces.
 */
import type { What } from "carillon/documents";
import type { Retention } from "carillon/messaging";
import type { Database } from "../database.ts";
import {
  forgetEntry,
  forgetSaid,
  isCounted,
  isHeld,
  settleConversations,
} from "./journal-writer.ts";
import type { RetentionWish, SweepPlace, Swept } from "./message-write.ts";

/** Where nobody says anything. What the library has, which is much to load for two numbers. */
export const RETENTION: Retention = { days: 730, entries: 100_000 };

export const SWEEP_START: SweepPlace = { journal: 0, said: 0 };

/** Journals looked at in one piece, and texts: 10 ms of the disk's thread where nothing is old. */
const MOST_JOURNALS = 500;
const MOST_SAID = 1000;
/** What does not count is so many times as much at most. */
const MOST_TIMES = 10;
const DAY_MS = 24 * 3_600_000;

interface JournalRow {
  readonly number: number;
  readonly last: number;
  readonly swept: number;
  readonly kept: number;
  readonly kept_days: number | null;
  readonly kept_entries: number | null;
}

/** What the operator lets be kept. */
export function houseRetention(db: Database): Retention {
  const kept = (field: string): number | undefined => {
    const row = db.one<{ value: Uint8Array }>("SELECT value FROM house WHERE field = ?", field);
    return row && Number(Buffer.from(row.value).toString("utf8"));
  };
  return {
    days: kept("kept_days") ?? RETENTION.days,
    entries: kept("kept_entries") ?? RETENTION.entries,
  };
}

/** Those that are left out are as they are by themselves. Writes only what has changed. */
export function keepHouseRetention(db: Database, wanted: Partial<Retention>): void {
  const now = houseRetention(db);
  const { days, entries } = { ...RETENTION, ...wanted };
  if (now.days === days && now.entries === entries) return;
  db.transaction(() => {
    const put =
      "INSERT INTO house (field, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = ?";
    for (const [field, limit] of [
      ["kept_days", days],
      ["kept_entries", entries],
    ] as const) {
      const value = Buffer.from(String(limit));
      db.run(put, field, value, value);
    }
  });
}

/** What counts for this account: what its owner wants, as far as the house keeps anything. */
export function retentionOf(db: Database, account: string): Retention {
  const row = db.one<JournalRow>("SELECT * FROM journal WHERE account = ?", account);
  return ofJournal(row, houseRetention(db));
}

const ofJournal = (row: JournalRow | undefined, house: Retention): Retention => ({
  days: Math.min(row?.kept_days ?? house.days, house.days),
  entries: Math.min(row?.kept_entries ?? house.entries, house.entries),
});

/** What is left out is as the house has it. */
export function writeRetention(
  db: Database,
  account: string,
  { days, entries }: RetentionWish,
): void {
  db.run(
    `INSERT INTO journal (account, kept_days, kept_entries)
     SELECT name, ?, ? FROM account WHERE name = ?
     ON CONFLICT DO UPDATE SET kept_days = excluded.kept_days,
       kept_entries = excluded.kept_entries`,
    days ?? null,
    entries ?? null,
    account,
  );
}

/** Takes out up to so many entries that are over their time, from this place on. */
export function sweepMessages(
  db: Database,
  { nowMs, limit, place }: { nowMs: number; limit: number; place: SweepPlace },
): Swept {
  let gone = 0;
  let { journal } = place;
  for (let looked = 0; looked < MOST_JOURNALS && gone < limit; looked++) {
    const row = db.one<JournalRow>(
      "SELECT * FROM journal WHERE number > ? ORDER BY number LIMIT 1",
      journal,
    );
    if (row === undefined) return { ...sweepSaid(db, { ...place, journal }, nowMs), gone };
    const old = sweepJournal(db, row, { nowMs, limit: limit - gone });
    gone += old;
    // One that has given all that was wanted may have more.
    if (gone < limit) journal = row.number;
  }
  return { gone, next: { ...place, journal }, isAtEnd: false };
}

interface OldRow {
  readonly seq: number;
  readonly at: number;
  readonly said: number;
  readonly kind: What["kind"];
  readonly conversation: number;
  readonly group_entry: number;
}

const OLDEST = `
  SELECT seq, entry.at, said, kind, conversation, group_entry
    FROM entry
    JOIN conversation ON conversation.number = entry.conversation
    JOIN said ON said.number = entry.said
   WHERE entry.journal = ? AND seq > ? ORDER BY seq LIMIT ?`;

/** Entries come in the order of their times: the first that is young enough ends it. */
function sweepJournal(
  db: Database,
  journal: JournalRow,
  { nowMs, limit }: { nowMs: number; limit: number },
): number {
  const { days, entries } = ofJournal(journal, houseRetention(db));
  const [oldest, last] = [nowMs - days * DAY_MS, journal.last - MOST_TIMES * entries];
  const old: OldRow[] = [];
  let { kept } = journal;
  for (const row of db.each<OldRow>(OLDEST, journal.number, journal.swept, limit)) {
    if (kept <= entries && row.seq > last && row.at >= oldest) break;
    old.push(row);
    if (isCounted(row.kind)) kept--;
  }
  const end = old.at(-1);
  if (end === undefined) return 0;
  const going = old.filter(({ seq, group_entry }) => seq !== group_entry);
  for (const { seq, said } of going) forgetEntry(db, { journal: journal.number, seq, said });
  settleConversations(db, new Set(old.map(({ conversation }) => conversation)));
  db.run("UPDATE journal SET swept = ?, kept = ? WHERE number = ?", end.seq, kept, journal.number);
  return old.length;
}

/** What nobody has any more since its readers' accounts have gone, and keys that are too old. */
function sweepSaid(db: Database, place: SweepPlace, nowMs: number): Omit<Swept, "gone"> {
  const rows = db.all<{ number: number; at: number; isKey: 0 | 1 }>(
    `SELECT number, at, what = '' AS isKey FROM said
      WHERE number > ? ORDER BY number LIMIT ?`,
    place.said,
    MOST_SAID,
  );
  const oldest = nowMs - houseRetention(db).days * DAY_MS;
  for (const { number, at, isKey } of rows) {
    if (isKey === 1 ? at < oldest : !isHeld(db, number)) forgetSaid(db, number);
  }
  const last = rows.at(-1);
  return last === undefined
    ? { next: SWEEP_START, isAtEnd: true }
    : { next: { ...place, said: last.number }, isAtEnd: false };
}
