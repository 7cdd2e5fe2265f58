/** Which media types a side takes. RFC 4975 §8.6. */

/** What of a description says which types are taken, in lower case or as written. */
export interface TakenTypes {
  /** `a=accept-types`. */
  readonly accept: readonly string[];
  /** `a=accept-wrapped-types`: only within a container that is in `accept`. */
  readonly wrapped: readonly string[];
}

/**
 * Whether a message of this type may be sent: `text/plain;charset=utf-8` to whoever takes
 * `text/plain`, `text/*` or `*`. Parameters do not count. RFC 4975 §8.6.
 */
export const isTaken = (accept: readonly string[], contentType: string): boolean =>
  accept.some((entry) => matches(bare(entry), bare(contentType)));

//= RFC 4975 §8.6
//# For the purposes of media-type negotiation, a format-entry with one or more parameters is
//# assumed to match the same format-entry with no parameters.
const bare = (type: string): string => (type.split(";", 1)[0] ?? "").trim().toLowerCase();

function matches(entry: string, type: string): boolean {
  if (entry === "*" || entry === type) return true;
  return entry.endsWith("/*") && type.startsWith(entry.slice(0, -1));
}
