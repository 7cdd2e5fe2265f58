/**
 * Calls that outlive a page which is loaded anew: what names them is kept in the tab, and the next
 * page comes back into them with INVITE and Replaces (RFC 3891).
 */
import type { CallDialog } from "carillon";
import type { Peer } from "./desk.ts";

export interface KeptCall {
  readonly dialog: CallDialog;
  readonly peer: Peer;
  readonly video: boolean;
  /** When it was answered, and when the page went away: milliseconds since 1970. */
  readonly establishedMs: number;
  readonly leftMs: number;
}

/** Who is away for longer is taken to have left. */
const KEEP_MS = 15_000;

/** What a tab keeps, as the browser's `sessionStorage` does. */
export type Drawer = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function keepCalls(drawer: Drawer, seat: string, calls: readonly KeptCall[]): void {
  if (calls.length > 0) drawer.setItem(keyOf(seat), JSON.stringify(calls));
}

/** Takes them out: they are come back into once, or never. */
export function takeCalls(drawer: Drawer, seat: string, nowMs: number): readonly KeptCall[] {
  const text = drawer.getItem(keyOf(seat));
  drawer.removeItem(keyOf(seat));
  if (text === null) return [];
  try {
    const calls: unknown = JSON.parse(text);
    if (!Array.isArray(calls)) return [];
    return calls.filter(isKept).filter(({ leftMs }) => nowMs - leftMs < KEEP_MS);
  } catch {
    return [];
  }
}

const keyOf = (seat: string): string => `carillon.calls ${seat}`;

/** Another version of this page may have written it. */
function isKept(value: unknown): value is KeptCall {
  const { dialog, peer, video, establishedMs, leftMs } = Object(value);
  const { callId, localTag, remoteTag } = Object(dialog);
  const { name, uri } = Object(peer);
  const numbers = [establishedMs, leftMs];
  return (
    [callId, localTag, remoteTag, name, uri].every((one) => typeof one === "string") &&
    numbers.every((one) => typeof one === "number") &&
    typeof video === "boolean"
  );
}
