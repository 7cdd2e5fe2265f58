/**
 * `carillon calls`: who called whom, when, and how it ended.
 */
import { orCannotStart } from "./cannot-start.ts";
import { refused } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { type CallRecord, readCalls } from "./store/call-records.ts";
import { readName } from "./store/name.ts";
import { openStore } from "./store/store.ts";
import type { World } from "./users.ts";

export interface CallsWish {
  /** As typed; undefined for everybody's. */
  readonly person: string | undefined;
  readonly json: boolean;
  /** A table for other programs. RFC 4180. */
  readonly csv: boolean;
  /** Those of this moment instead. */
  readonly live: boolean;
}

const MAX_SHOWN = 1000;

/** What to print. Throws CannotStart in words. */
export function listCalls(
  wanted: Omit<CallsWish, "live">,
  settings: Settings,
  world: World,
): string {
  const { clock, hostname } = world;
  const store = orCannotStart(openStore({ ...settings, hostname }, clock));
  try {
    const { accounts, house, db } = store;
    const account = wanted.person === undefined ? undefined : nameOf(wanted.person);
    if (account !== undefined && !accounts.has(account)) orCannotStart(refused("PERSON_UNKNOWN"));
    const aor = `sip:${account}@${house.domain}`;
    const calls = readCalls(db, { account, aor, limit: MAX_SHOWN });
    if (wanted.csv) return csvOf(calls.map(jsonOf));
    if (wanted.json) return `${JSON.stringify(calls.map(jsonOf), undefined, 2)}\n`;
    return calls.length === 0 ? "No calls yet.\n" : calls.map(lineOf).join("");
  } finally {
    store.close();
  }
}

const nameOf = (typed: string): string => orCannotStart(readName(typed)).name;

/** `2026-11-28 10:31:07  sip:alice@house.example -> bob  talked 1 min 4 s, bob hung up` */
export function lineOf(call: CallRecord): string {
  const at = new Date(call.invitedAt).toISOString().slice(0, 19).replace("T", " ");
  return `${at}  ${call.caller} -> ${call.callee}  ${endOf(call)}\n`;
}

function endOf({ status, answeredAt, endedAt, endedBy, callee, ...heard }: CallRecord): string {
  if (answeredAt === null) return refusals[status] ?? `not answered (${status})`;
  if (endedAt === null) return "answered, and no end was seen";
  if (endedBy === null) return `talked ${spoken(endedAt - answeredAt)}, and the server ended`;
  const who = endedBy === "caller" ? "the caller" : callee;
  return `talked ${spoken(endedAt - answeredAt)}, ${who} hung up${soundOf(heard)}`;
}

/** `; sound 4.4 from the caller, 3.1 back (of 4.5)`, as far as that is known. */
function soundOf({ mosCaller, mosCallee }: Pick<CallRecord, "mosCaller" | "mosCallee">): string {
  if (mosCaller === null && mosCallee === null) return "";
  const said = (mos: number | null): string => (mos === null ? "none" : mos.toFixed(1));
  return `; sound ${said(mosCaller)} from the caller, ${said(mosCallee)} back (of 4.5)`;
}

const refusals: Readonly<Record<number, string>> = {
  408: "nobody answered",
  480: "not online",
  486: "busy",
  487: "the caller gave up",
  600: "busy everywhere",
  603: "declined",
};

/** `1 min 4 s`. */
export function spoken(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}

const jsonOf = ({ invitedAt, answeredAt, endedAt, ...call }: CallRecord) => ({
  ...call,
  invitedAt: isoOf(invitedAt),
  answeredAt: isoOf(answeredAt),
  endedAt: isoOf(endedAt),
});

const isoOf = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

const COLUMNS = [
  ...(["invitedAt", "answeredAt", "endedAt", "caller", "callee", "callId"] as const),
  ...(["status", "endedBy", "mosCaller", "mosCallee"] as const),
] as const;

/** With a first line of names. RFC 4180. */
function csvOf(calls: readonly ReturnType<typeof jsonOf>[]): string {
  const lines = calls.map((call) => COLUMNS.map((name) => cellOf(call[name])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

/** In quotes where it has to be. What a caller made up is no formula of a spreadsheet. */
function cellOf(value: string | number | null): string {
  if (typeof value === "number") return `${value}`;
  const text = /^[=+\-@\t\r]/.test(value ?? "") ? `'${value}` : (value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
