/**
 * What an earlier run left: every binding that has not expired and whose device has not been
 * revoked meanwhile.
 */
import { type Binding, MAX_EXPIRES_SECONDS } from "carillon/roles";
import type { Clock } from "../clock.ts";
import type { Database } from "./database.ts";
import type { HouseLocation } from "./house-location.ts";

/** A row of the table. `expires_at` is the calendar's, in milliseconds. */
export interface StoredBinding {
  readonly account: string;
  readonly contact: string;
  readonly q: number;
  readonly call_id: string;
  readonly cseq: number;
  readonly expires_at: number;
  readonly local_host: string;
  readonly local_port: number;
  readonly remote_host: string;
  readonly remote_port: number;
  readonly credential: string;
}

/** Puts them where they are looked up; returns how many. The rows of an account come together. */
export function restoreBindings(
  rows: Iterable<StoredBinding>,
  location: HouseLocation,
  clock: Clock,
): number {
  const wall = clock.wall();
  const ahead = wall - clock.steady();
  // A calendar that was set back while the program was down must not make a binding last longer.
  const latest = wall + MAX_EXPIRES_SECONDS * 1000;
  let account = "";
  let bindings: Binding[] = [];
  let count = 0;
  const next = (of: string): void => {
    if (bindings.length > 0) location.restore(account, bindings);
    account = of;
    bindings = [];
  };
  for (const row of rows) {
    if (row.expires_at <= wall) continue;
    if (row.account !== account) next(row.account);
    bindings.push(bindingOf(row, Math.min(row.expires_at, latest) - ahead));
    count++;
  }
  next("");
  return count;
}

/** As they lie on the disk, but for those whose device or session has gone. */
export function storedBindings(db: Database): Iterable<StoredBinding> {
  return db.each<StoredBinding>(SELECT);
}

/** Takes out what no start would bring back. */
export function sweepBindings(db: Database, wall: number): void {
  db.run(`DELETE FROM binding WHERE expires_at <= ? OR NOT ${ALIVE}`, Math.floor(wall));
}

const ALIVE = `(credential = ''
     OR credential IN (SELECT id FROM device)
     OR credential IN (SELECT fingerprint FROM session))`;

/** In the order in which an account's were registered, as the registrar had them. */
const SELECT = `SELECT * FROM binding WHERE ${ALIVE} ORDER BY account, place`;

function bindingOf(row: StoredBinding, expiresAt: number): Binding {
  return {
    contact: row.contact,
    q: row.q,
    callId: row.call_id,
    cseq: row.cseq,
    expiresAt,
    flow: {
      transport: "UDP",
      local: { host: row.local_host, port: row.local_port },
      remote: { host: row.remote_host, port: row.remote_port },
      connection: 0,
    },
    ...(row.credential !== "" && { credential: row.credential }),
  };
}
