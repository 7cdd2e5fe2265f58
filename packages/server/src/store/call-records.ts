/**
 * One record for each call: who, whom, when, and how it ended. Written behind the call, which
 * waits for nothing; what a disk that is too slow cannot take is not recorded, and is logged.
 */
import { createHash } from "node:crypto";
import type { CallAnswered, CallEnded, CallRated, Calls } from "carillon/roles";
import type { Clock } from "../clock.ts";
import type { CallChange } from "./change.ts";
import type { Database } from "./database.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface CallRecord {
  readonly caller: string;
  /** The account that was called. */
  readonly callee: string;
  readonly callId: string;
  /** All in milliseconds since the Unix epoch; null for what did not happen, or not yet. */
  readonly invitedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  /** The final status of the INVITE. */
  readonly status: number;
  readonly endedBy: "caller" | "callee" | null;
  /**
   * How well each was heard: mean opinion scores, 1 to 4.5; null where media did not go through
   * here, or nothing came of that side.
   */
  readonly mosCaller: number | null;
  readonly mosCallee: number | null;
}

/** What a caller wrote may be long; a record is not. */
const MAX_TEXT = 200;
/** Older ones go: 90 days. */
const KEPT_MS = 90 * 24 * 3_600_000;

export function recordCalls(
  queue: WriteQueue,
  clock: Clock,
  lost: (cause: unknown) => void,
): Calls {
  const wall = (at: number): number => Math.round(at + clock.wall() - clock.steady());
  const write = (change: CallChange): void => {
    queue.write(change).whenSettled(() => {}, lost);
  };
  return {
    answered: (call) => write(answeredChange(call, wall)),
    ended: (call) => write(endedChange(call, wall)),
    rated: (call) => write(ratedChange(call)),
  };
}

function answeredChange(call: CallAnswered, wall: (at: number) => number): CallChange {
  const { caller, callee, callId, status } = call;
  const at = wall(call.at);
  const isAnswered = status < 300;
  return {
    kind: "CallAnswered",
    row: [
      nameOf(call),
      caller.slice(0, MAX_TEXT),
      callee,
      callId.slice(0, MAX_TEXT),
      wall(call.invitedAt),
      isAnswered ? at : null,
      isAnswered ? null : at,
      status,
    ],
  };
}

const endedChange = (call: CallEnded, wall: (at: number) => number): CallChange => ({
  kind: "CallEnded",
  name: nameOf(call),
  endedAt: wall(call.at),
  endedBy: call.by === "server" ? null : call.by,
});

const ratedChange = ({ mos, ...call }: CallRated): CallChange => ({
  kind: "CallRated",
  name: nameOf(call),
  mosCaller: mos.caller === undefined ? null : Math.round(mos.caller * 100) / 100,
  mosCallee: mos.callee === undefined ? null : Math.round(mos.callee * 100) / 100,
});

/** Both halves of a call have the same; of one length, however long a peer made its parts. */
function nameOf({ callId, callerTag }: { callId: string; callerTag: string }): string {
  return createHash("sha256").update(`${callId}\n${callerTag}`, "latin1").digest("base64url");
}

/** In the worker. */
export function writeCall(db: Database, change: CallChange): void {
  if (change.kind === "CallAnswered") {
    const values = "(?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)";
    db.run(`INSERT OR REPLACE INTO call VALUES ${values}`, ...change.row);
    return;
  }
  if (change.kind === "CallRated") {
    const { mosCaller, mosCallee, name } = change;
    const set = "UPDATE call SET mos_caller = ?, mos_callee = ? WHERE name = ?";
    db.run(set, mosCaller, mosCallee, name);
    return;
  }
  const { endedAt, endedBy, name } = change;
  db.run(
    "UPDATE call SET ended_at = ?, ended_by = ? WHERE name = ? AND ended_at IS NULL",
    endedAt,
    endedBy,
    name,
  );
}

export function forgetOldCalls(db: Database, wall: number): void {
  db.run("DELETE FROM call WHERE invited_at < ?", Math.floor(wall - KEPT_MS));
}

/** The latest first; of one account, or of all. */
export function readCalls(
  db: Database,
  wanted: { readonly account: string | undefined; readonly limit: number; readonly aor: string },
): readonly CallRecord[] {
  const { account = null, limit, aor } = wanted;
  return db.all<CallRecord>(SELECT, account, account, aor, limit);
}

const SELECT = `
  SELECT caller, callee, call_id AS callId, invited_at AS invitedAt, answered_at AS answeredAt,
         ended_at AS endedAt, status, ended_by AS endedBy, mos_caller AS mosCaller,
         mos_callee AS mosCallee
    FROM call
   WHERE ? IS NULL OR callee = ? OR caller = ?
   ORDER BY invited_at DESC, name
   LIMIT ?`;
