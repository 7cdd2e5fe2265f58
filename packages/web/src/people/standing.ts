/**
 * How somebody is, in a word: from the house, which knows who is signed in, and from what they tell
 * of themselves. Presence by RFC 3856 and RFC 4480.
 */
import type { Presence } from "carillon/documents";
import { plainName } from "../look/plain-name.ts";

export interface Standing {
  /** `busy`: on the phone; `away`: here, but not at it. */
  readonly tone: "live" | "busy" | "away" | "off";
  /** "Online", "On the phone", "Away", "Offline" */
  readonly words: string;
  /** What they say of themselves, fit to be shown; empty if nothing. */
  readonly note: string;
}

interface Activity {
  readonly tone: "busy" | "away";
  readonly words: string;
}

const away = (words: string): Activity => ({ tone: "away", words });
const busy = (words: string): Activity => ({ tone: "busy", words });

/** RFC 4480 §3.2. */
const ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ["on-the-phone", busy("On the phone")],
  ["busy", busy("Busy")],
  ["meeting", busy("In a meeting")],
  ["presentation", busy("In a presentation")],
  ["away", away("Away")],
  ["appointment", away("Away")],
  ["breakfast", away("Away")],
  ["lunch", away("At lunch")],
  ["meal", away("At a meal")],
  ["dinner", away("At dinner")],
  ["holiday", away("On holiday")],
  ["vacation", away("On holiday")],
  ["travel", away("Travelling")],
  ["sleeping", away("Away")],
  ["permanent-absence", away("Away")],
]);

/** A note in a list is a line, not a letter. */
const MOST_NOTE = 80;

export interface Seen {
  /** What the house says of their phones. */
  readonly online: boolean;
  /** What it says may be old. */
  readonly stale: boolean;
  readonly presence: Presence | undefined;
}

export function standingOf({ online, stale, presence }: Seen): Standing {
  if (stale) return { tone: "off", words: "Not known just now", note: "" };
  const note = noteOf(presence);
  // Who does not want to be seen is signed in, and tells that nothing of theirs can be reached.
  if (!online || isClosed(presence)) return { tone: "off", words: "Offline", note };
  const { activities = [] } = presence ?? {};
  const told = activities.flatMap((one) => ACTIVITIES.get(one.toLowerCase()) ?? []);
  // Whoever talks is not away, whatever an older device says.
  const what = told.find(({ tone }) => tone === "busy") ?? told[0] ?? idle(presence);
  return what === undefined ? { tone: "live", words: "Online", note } : { ...what, note };
}

const isClosed = (presence: Presence | undefined): boolean =>
  presence !== undefined &&
  presence.tuples.length > 0 &&
  presence.tuples.every(({ basic }) => basic === "closed");

/** Nobody touches any of their devices. */
const idle = (presence: Presence | undefined): Activity | undefined =>
  presence?.userInput === "idle" ? away("Away") : undefined;

function noteOf(presence: Presence | undefined): string {
  const notes = [...(presence?.notes ?? []), ...(presence?.tuples ?? []).flatMap((it) => it.notes)];
  const [note = ""] = notes.map((one) => plainName(one)).filter((one) => one !== "");
  const letters = [...note];
  return letters.length <= MOST_NOTE ? note : `${letters.slice(0, MOST_NOTE - 1).join("")}…`;
}
