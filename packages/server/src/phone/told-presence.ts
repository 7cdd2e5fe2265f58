/** How somebody is, as a phone in the terminal tells it. */
import type { Presence } from "carillon/documents";
import type { Happening } from "./happening.ts";

type Told = Extract<Happening, { event: "presence" }>;

export function toldPresence(who: string, { tuples, notes, activities }: Presence): Told {
  const isHere = tuples.some(({ basic }) => basic !== "closed");
  const [doing = "online"] = DOING.filter(([one]) => activities.includes(one)).map(wordOf);
  const status = isHere ? doing : "offline";
  const [note = tuples.flatMap((tuple) => tuple.notes)[0] ?? ""] = notes;
  return { event: "presence", who, status, note };
}

/** Of whom nothing is known any more. */
export const gone = (who: string): Told => ({
  event: "presence",
  who,
  status: "offline",
  note: "",
});

/** What people are shown of what others do, what says most first. RFC 4480 §3.2. */
const DOING = [
  ["on-the-phone", "on the phone"],
  ["busy", "busy"],
  ["meeting", "in a meeting"],
  ["away", "away"],
] as const;
const wordOf = ([, word]: (typeof DOING)[number]): string => word;

/** Tells of changes only. */
export class Once {
  readonly #tell: (what: Happening) => void;
  #last = "";

  constructor(tell: (what: Happening) => void) {
    this.#tell = tell;
  }

  tell(what: Told): void {
    const now = JSON.stringify(what);
    if (now !== this.#last) this.#tell(what);
    this.#last = now;
  }
}
