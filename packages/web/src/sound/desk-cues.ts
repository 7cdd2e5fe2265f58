/** Which bells a change on the desk asks for: what goes on sounding, and what is struck once. */
import type { Desk } from "../phone/desk.ts";
import type { TuneName } from "./tunes.ts";

export interface Cues {
  readonly loop: TuneName | undefined;
  readonly once: TuneName | undefined;
}

export function cuesOf(before: Desk, after: Desk): Cues {
  return { loop: loopOf(after), once: strokeOf(before, after) };
}

function loopOf({ active, ringing }: Desk): TuneName | undefined {
  if (ringing.length > 0) return active === undefined ? "ring" : "knock";
  return active?.state.name === "Ringing" && !active.waking ? "ringBack" : undefined;
}

function strokeOf(before: Desk, after: Desk): TuneName | undefined {
  if (!isEstablished(before) && isEstablished(after)) return "connected";
  const { ended } = after;
  if (ended === undefined || ended === before.ended) return undefined;
  if (ended.durationMs !== undefined) return "ended";
  // A call one cancelled oneself, or answered elsewhere, needs no sound.
  const refused = ended.card.direction === "outgoing" && ended.end.by !== "local";
  return refused ? "refused" : undefined;
}

/** What comes back was never gone: no sound greets it. */
const isEstablished = ({ active }: Desk): boolean =>
  active?.state.name === "Established" || active?.state.name === "Reconnecting";
