/** Timestamp. RFC 3261 §20.38. */
import { isDigits, skipSpace, trimEnd } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/**
 * As text, since a server copies the very digits it was sent. Both are seconds. RFC 3261 §20.38.
 */
export interface Timestamp {
  /** When the request was sent, by its sender's clock: digits with or without a point. */
  readonly sent: string;
  /** How long the server took to answer. */
  readonly delay: string | undefined;
}

/**
 * `Timestamp = "Timestamp" HCOLON 1*(DIGIT) [ "." *(DIGIT) ] [ LWS delay ]`.
 * RFC 3261 §20.38. Errors: `bad-header` (400).
 */
export function parseTimestamp(octets: Octets): Result<Timestamp> {
  const start = skipSpace(octets, 0, octets.length);
  const end = trimEnd(octets, start, octets.length);
  let at = start;
  while (at < end && (octets[at] === "." || isDigits(octets, at, at + 1))) at++;
  const sent = octets.slice(start, at);
  const rest = octets.slice(skipSpace(octets, at, end), end);
  const delay = rest === "" ? undefined : rest;
  if (!isTimestamp(sent) || (at < end && rest.length === end - at) || !isDelay(delay)) {
    return badHeader("expected seconds such as 54.2", start, "RFC 3261 §20.38");
  }
  return ok({ sent, delay });
}

/** Throws a RangeError on what is not digits and a point. */
export function formatTimestamp({ sent, delay }: Timestamp): Octets {
  if (!isTimestamp(sent) || !isDelay(delay)) throw new RangeError("expected digits and a point");
  return delay === undefined ? sent : `${sent} ${delay}`;
}

const isTimestamp = (text: string): boolean => isDigits(text, 0, 1) && isDelay(text);

/** `delay = *(DIGIT) [ "." *(DIGIT) ]`: at least something here. */
function isDelay(text: string | undefined): boolean {
  if (text === undefined) return true;
  const point = text.indexOf(".");
  const [whole, rest] = point < 0 ? [text, ""] : [text.slice(0, point), text.slice(point + 1)];
  return [whole, rest].every((digits) => digits === "" || isDigits(digits)) && text !== "";
}
