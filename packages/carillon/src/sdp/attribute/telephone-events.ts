/** `a=fmtp` of telephone-event: which events are understood. RFC 4733 §2.4.1. */
import { readInteger, splitList } from "../sdp-chars.ts";

/**
 * Codes of events, each once, from the lowest on: 0 to 9, 10 is the star, 11 the hash, 16 the
 * flash. RFC 4733 §3.2.
 */
export type TelephoneEvents = readonly number[];

//= RFC 4733 §2.5.1.1
//# For backward compatibility, if no "events" parameter is received, the sender SHOULD assume
//# support for the DTMF events 0-15 but for no other events.
/** 0 to 15, the keys of a phone: what is meant where no events are told. RFC 4733 §2.4.1. */
export const DEFAULT_EVENTS: TelephoneEvents = Array.from({ length: 16 }, (_, i) => i);

/**
 * Reads `0-15,66`; undefined where a code is over 255 or a range runs backwards. RFC 4733 §2.4.1.
 */
export function parseEvents(text: string): TelephoneEvents | undefined {
  const has = new Uint8Array(256);
  const elements = splitList(text.startsWith("events=") ? text.slice(7) : text, ",");
  for (const element of elements ?? [""]) {
    const [from = "", to = from, ...rest] = element.trim().split("-");
    const first = readInteger(from, 0, 255);
    const last = readInteger(to, 0, 255);
    if (first === undefined || last === undefined || last < first || rest.length > 0) {
      return undefined;
    }
    has.fill(1, first, last + 1);
  }
  return Array.from(has.keys()).filter((event) => has[event] === 1);
}

/** `0-15,66`; the events have to be in order, as `parseEvents` gives them. */
export function formatEvents(events: TelephoneEvents): string {
  const runs: [first: number, last: number][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run && run[1] + 1 === event) run[1] = event;
    else runs.push([event, event]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
