/** What the body of a NOTIFY may be, and which packages a user agent can notify of. RFC 6665. */
import type { HeaderField } from "../message/compose.ts";
import type { MediaRange } from "../message/header/accept.ts";
import { formatAllowEvents } from "../message/header/allow-events.ts";
import type { EventType } from "../message/header/event.ts";
import { readQ } from "../message/header/q-value.ts";

/**
 * The type of a subscription's bodies, `application/pidf+xml`: of those that the notifier can
 * write, best first, the one that the subscriber likes best. `accept` is the SUBSCRIBE's Accept,
 * undefined where it has none; then it is the package's own, the first. Undefined: none; answer
 * with 406.
 */
export function notifyBodyType(
  types: readonly string[],
  accept: readonly MediaRange[] | undefined,
): string | undefined {
  //= RFC 6665 §3.2.1
  //# When present, the body of the NOTIFY request MUST be formatted into one of the body formats
  //# specified in the "Accept" header field of the corresponding SUBSCRIBE request (or the default
  //# type according to the event package description, if no "Accept" header field was specified).
  if (accept === undefined) return types[0];
  let best: string | undefined;
  let most = 0;
  for (const type of types) {
    const q = likingOf(type, accept);
    if (q > most) [best, most] = [type, q];
  }
  return best;
}

/** Of the ranges that hold a type the narrowest counts. RFC 9110 §12.5.1 */
function likingOf(name: string, accept: readonly MediaRange[]): number {
  const [type, subtype] = name.toLowerCase().split("/");
  const narrowness = (range: MediaRange): number => {
    if (range.type === type && range.subtype === subtype) return 3;
    if (range.type === type && range.subtype === "*") return 2;
    return range.type === "*" && range.subtype === "*" ? 1 : 0;
  };
  const held = accept.filter((range) => narrowness(range) > 0);
  const [first] = held.toSorted((a, b) => narrowness(b) - narrowness(a));
  return first ? (readQ(first.params) ?? 1) : 0;
}

//= RFC 6665 §4.4.4
//# The "Allow-Events" header field, if present, MUST include a comprehensive and inclusive list of
//# tokens that indicates the event packages for which the user agent can act as a notifier.
/** Allow-Events with all packages of a notifier; none where there are none. RFC 6665 §8.2.2. */
export const allowEventsHeader = (packages: readonly string[]): readonly HeaderField[] =>
  packages.length === 0 ? [] : [["Allow-Events", formatAllowEvents(packages)]];

/** Whether an Event is of one of them: what `judgeSubscribe` asks. Byte by byte: RFC 6665 §8.2.1 */
export const knowsPackage = (packages: readonly string[], { type }: EventType): boolean =>
  packages.includes(type);
