/**
 * What the disk's thread does with bindings and event states. Apart from whoever reads them: the
 * thread starts with every start of the server, and the library of SIP is much to load for nothing.
 */
import type { EventStateChange } from "./change.ts";
import type { Database } from "./database.ts";

/** Whether the credential of a binding is still there. */
export const ALIVE = `(credential = ''
     OR EXISTS (SELECT 1 FROM device WHERE id = credential)
     OR EXISTS (SELECT 1 FROM session WHERE fingerprint = credential))`;

/** Takes out what no start would bring back. */
export function sweepBindings(db: Database, wall: number): void {
  db.run(`DELETE FROM binding WHERE expires_at <= ? OR NOT ${ALIVE}`, Math.floor(wall));
}

export function writeEventState(db: Database, { what, id, row }: EventStateChange): void {
  if (row === undefined) {
    db.run("DELETE FROM event_state WHERE kind = ? AND id = ?", what, id);
  } else {
    db.run("INSERT OR REPLACE INTO event_state VALUES (?, ?, ?, ?)", what, id, ...row);
  }
}

/** Takes out what no start would bring back. */
export function sweepEventStates(db: Database, wall: number): void {
  db.run("DELETE FROM event_state WHERE expires_at <= ?", Math.floor(wall));
}
