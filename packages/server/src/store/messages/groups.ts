/** Groups as they are kept: a name that no person has, and who is in it. */
import type { Group, GroupChange } from "carillon/messaging";
import type { Database } from "../database.ts";
import { keptName } from "../name.ts";

interface GroupRow {
  readonly name: string;
  readonly title: string;
  readonly owner: string | null;
  readonly version: number;
}

export function groupOf(db: Database, name: string): Group | undefined {
  const row = db.one<GroupRow>("SELECT * FROM chat_group WHERE name = ?", name);
  if (row === undefined) return undefined;
  const members = db
    .all<{ account: string }>(
      "SELECT account FROM chat_member WHERE chat_group = ? ORDER BY place",
      name,
    )
    .map(({ account }) => account);
  // Whose maker lives here no more is the next one's.
  return { ...row, owner: row.owner ?? members[0] ?? "", members };
}

/** Those that this account is in, by name. */
export function groupsOf(db: Database, account: string): readonly Group[] {
  return db
    .all<{ chat_group: string }>(
      "SELECT chat_group FROM chat_member WHERE account = ? ORDER BY chat_group",
      account,
    )
    .flatMap(({ chat_group }) => groupOf(db, chat_group) ?? []);
}

export const isGroup = (db: Database, name: string): boolean =>
  db.one("SELECT 1 FROM chat_group WHERE name = ?", name) !== undefined;

/** In a transaction. False if it is not what was to be replaced, or its name is not to be had. */
export function writeGroup(db: Database, { group, replaces }: GroupChange): boolean {
  const { name, title, owner, version, members } = group;
  const now = db.one<GroupRow>("SELECT * FROM chat_group WHERE name = ?", name);
  if ((now?.version ?? 0) !== replaces) return false;
  if (now === undefined && !isFree(db, name)) return false;
  db.run(
    `INSERT INTO chat_group (name, title, owner, version)
     VALUES (?, ?, (SELECT name FROM account WHERE name = ?), ?)
     ON CONFLICT DO UPDATE SET title = excluded.title, owner = excluded.owner,
       version = excluded.version`,
    name,
    title,
    owner,
    version,
  );
  db.run("DELETE FROM chat_member WHERE chat_group = ?", name);
  for (const [place, account] of members.entries()) {
    // Who lives here no more is in no group.
    db.run(
      `INSERT INTO chat_member (chat_group, place, account)
       SELECT ?, ?, name FROM account WHERE name = ?`,
      name,
      place,
      account,
    );
  }
  return true;
}

const isFree = (db: Database, name: string): boolean =>
  keptName(name) === undefined &&
  db.one("SELECT 1 FROM account WHERE name = ?", name) === undefined;
