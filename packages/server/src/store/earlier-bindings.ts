/**
 * The bindings that an earlier run left: all that have not expired and whose device or session is
 * still there. They are read as somebody asks for them and, between other things, bit by bit, so
 * that a house with a hundred thousand phones is back as soon as one with none.
 */
import {
  type Binding,
  GONE,
  MAX_ASLEEP_SECONDS,
  MAX_EXPIRES_SECONDS,
  pushAddress,
} from "carillon/roles";
import type { Clock } from "../clock.ts";
import type { Database } from "./database.ts";
import { ALIVE } from "./write-states.ts";

export interface Earlier {
  of(account: string): readonly Binding[];
  /** Some of those behind this account in the order of their names; none at the end. */
  after(account: string): ReadonlyMap<string, readonly Binding[]>;
}

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
  readonly transport: "UDP" | "TCP";
  readonly instance: string;
  readonly reg_id: number;
  /** Its values, one a line. */
  readonly path: string;
  readonly epoch: string;
}

/** Read at a time: 2 ms, more or less. More than one account can have. */
const ROWS = 500;

export function earlierBindings(db: Database, clock: Clock): Earlier {
  const revive = reviver(clock);
  return {
    of: (account) => revive(db.all<StoredBinding>(OF, account)),
    after: (account) => {
      const rows = db.all<StoredBinding>(AFTER, account, ROWS);
      const accounts = Map.groupBy(rows, (row) => row.account);
      const last = rows.at(-1)?.account;
      // The last one may go on where this piece ends.
      if (rows.length === ROWS && last !== undefined) accounts.delete(last);
      return new Map([...accounts].map(([name, some]) => [name, revive(some)]));
    },
  };
}

/** In the order in which an account's were registered, as the registrar had them. */
const OF = `SELECT * FROM binding WHERE account = ? AND ${ALIVE} ORDER BY place`;
const AFTER = `SELECT * FROM binding WHERE account > ? AND ${ALIVE}
  ORDER BY account, place LIMIT ?`;

/** From rows to bindings on the steady clock of this run; what has expired is left out. */
export function reviver(clock: Clock): (rows: readonly StoredBinding[]) => readonly Binding[] {
  return (rows) => {
    const wall = clock.wall();
    const ahead = wall - clock.steady();
    // A calendar that was set back meanwhile must not make a binding last longer than any can.
    const latest = ({ contact }: StoredBinding): number =>
      wall + (pushAddress(contact) ? MAX_ASLEEP_SECONDS : MAX_EXPIRES_SECONDS) * 1000;
    return rows
      .filter((row) => row.expires_at > wall)
      .map((row) => bindingOf(row, Math.min(row.expires_at, latest(row)) - ahead));
  };
}

function bindingOf(row: StoredBinding, expiresAt: number): Binding {
  return {
    contact: row.contact,
    q: row.q,
    callId: row.call_id,
    cseq: row.cseq,
    expiresAt,
    flow: {
      transport: row.transport,
      local: { host: row.local_host, port: row.local_port },
      remote: { host: row.remote_host, port: row.remote_port },
      connection: row.transport === "UDP" ? 0 : GONE,
    },
    ...(row.credential !== "" && { credential: row.credential }),
    ...(row.instance !== "" && { instance: row.instance }),
    ...(row.reg_id !== 0 && { regId: row.reg_id }),
    ...(row.path !== "" && { path: row.path.split("\n") }),
    ...(row.epoch !== "" && { epoch: row.epoch }),
  };
}
