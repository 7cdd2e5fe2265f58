/**
 * A batch as one transaction of SQLite: all of it is on the disk when this returns, or none is.
 */
import { writeCall } from "./call-records.ts";
import type { BindingsChange, Change } from "./change.ts";
import { type Commands, commandsOf } from "./commands.ts";
import type { Database } from "./database.ts";
import { applyMessages } from "./messages/apply-messages.ts";
import type { Store } from "./store.ts";
import { writeEventState } from "./write-states.ts";

export type Batcher = (batch: readonly Change[]) => readonly unknown[];

export function batcher(db: Database, store: Omit<Store, "house">): Batcher {
  const commands = commandsOf(store);
  const apply = (change: Change): unknown => {
    switch (change.kind) {
      case "Bindings":
        return replaceBindings(db, change);
      case "Command":
        return carryOut(commands, change);
      case "Messages":
        return applyMessages(db, change.write);
      case "CallAnswered":
      case "CallEnded":
      case "CallRated":
        return writeCall(db, change);
      case "EventState":
        return writeEventState(db, change);
    }
  };
  return (batch) => db.transaction(() => batch.map(apply));
}

function carryOut(commands: Commands, change: Extract<Change, { kind: "Command" }>): unknown {
  const command = commands[change.name] as (...args: readonly unknown[]) => unknown;
  return command(...change.args);
}

function replaceBindings(db: Database, { account, rows }: BindingsChange): void {
  for (const [place, row] of rows.entries()) db.run(PUT, account, place, ...row);
  db.run("DELETE FROM binding WHERE account = ? AND place >= ?", account, rows.length);
}

const PUT = `INSERT OR REPLACE INTO binding
  (account, place, contact, q, call_id, cseq, expires_at,
   local_host, local_port, remote_host, remote_port, credential, transport, instance, reg_id,
   path, epoch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
