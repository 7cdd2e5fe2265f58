/** Bans on the disk: they outlive the process, and `carillon bans` changes them beside it. */
import type { Ban } from "carillon/roles";
import type { Database } from "../store/database.ts";

/** As the library has them, which is much for the disk's thread to load for two numbers. */
export const BAN_LIMITS = { most: 10_000, longestMs: 86_400_000 } as const;

interface Row {
  readonly source: string;
  readonly reason: string;
  readonly said_by: Ban["by"];
  readonly since: number;
  readonly until: number;
  readonly times: number;
}

/** All that are remembered, those among them that are over; the first one first. */
export function readBans(db: Database): readonly Ban[] {
  const rows = db.all<Row>("SELECT * FROM ban ORDER BY since LIMIT ?", BAN_LIMITS.most);
  return rows.map(({ said_by: by, ...row }) => ({ ...row, by }));
}

/** In place of what there was of this source. */
export function writeBan(db: Database, { source, reason, by, since, until, times }: Ban): void {
  db.run(PUT, source, reason, by, since, until, times);
  db.run(MAKE_ROOM, BAN_LIMITS.most);
}

/** False if there was none. */
export const removeBan = (db: Database, source: string): boolean =>
  db.run("DELETE FROM ban WHERE source = ?", source) > 0;

/** Those that count for nothing any more. `wall` is the calendar's time. */
export function forgetOldBans(db: Database, wall: number): void {
  db.run("DELETE FROM ban WHERE until < ?", wall - BAN_LIMITS.longestMs);
}

const PUT = `INSERT OR REPLACE INTO ban (source, reason, said_by, since, until, times)
  VALUES (?, ?, ?, ?, ?, ?)`;
/** The one that was banned first goes. */
const MAKE_ROOM = `DELETE FROM ban WHERE source IN
  (SELECT source FROM ban ORDER BY since DESC LIMIT -1 OFFSET ?)`;
