/** Carries out, in the disk's thread, what is asked of it about messages. */
import type { Posted } from "carillon/messaging";
import type { Database } from "../database.ts";
import { writeGroup } from "./groups.ts";
import { isKnown, writeEntries } from "./journal-writer.ts";
import type { MessageWrite } from "./message-write.ts";
import { sweepMessages, writeRetention } from "./retention.ts";

/** A post that could not be written, alone of its batch: a mistake of ours. */
export interface Failed {
  readonly kind: "Failed";
  readonly why: string;
}

/** What comes of it. */
export function applyMessages(db: Database, write: MessageWrite): unknown {
  switch (write.kind) {
    case "Post":
      return post(db, write);
    case "Advance":
      for (const [account, device, seq] of write.cursors) {
        db.run(ADVANCE, seq, account, device, seq);
      }
      return undefined;
    case "BeginCursor":
      return beginCursor(db, write);
    case "DropCursor":
      return db.run(
        "DELETE FROM cursor WHERE account = ? AND device = ?",
        write.account,
        write.device,
      );
    case "SetRetention":
      return writeRetention(db, write.account, write.retention);
    case "Expire":
      return sweepMessages(db, write);
  }
}

const ADVANCE = "UPDATE cursor SET seq = ? WHERE account = ? AND device = ? AND seq < ?";

function post(
  db: Database,
  { posting, counts }: Extract<MessageWrite, { kind: "Post" }>,
): Posted | Failed {
  if (isKnown(db, posting.key)) return { kind: "Known" };
  try {
    return db.transaction(() => {
      if (posting.group && !writeGroup(db, posting.group)) return { kind: "Conflict" };
      return { kind: "New", seqs: writeEntries(db, posting, counts) };
    });
  } catch (error) {
    // A disk that is full or broken ends the batch, for everybody in it.
    if (!db.isInTransaction) throw error;
    return { kind: "Failed", why: String(error) };
  }
}

/** Where it stands: at the journal's end, if it is new. */
function beginCursor(
  db: Database,
  { account, device }: { account: string; device: string },
): number {
  db.run(
    `INSERT OR IGNORE INTO cursor (account, device, seq)
     SELECT name, ?, coalesce((SELECT last FROM journal WHERE account = name), 0)
       FROM account WHERE name = ?`,
    device,
    account,
  );
  return cursorOf(db, account, device) ?? 0;
}

export const cursorOf = (db: Database, account: string, device: string): number | undefined =>
  db.one<{ seq: number }>(
    "SELECT seq FROM cursor WHERE account = ? AND device = ?",
    account,
    device,
  )?.seq;
