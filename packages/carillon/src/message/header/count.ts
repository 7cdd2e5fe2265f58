/** Values that are one number: Expires, Max-Forwards, RSeq. `1*DIGIT`, RFC 3261 §25.1. */
import { parseNumber, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/** Reads a number from `min` to `max`. */
export function parseCount(octets: Octets, source: string, max: number, min = 0): Result<number> {
  const value = parseNumber(trimmed(octets, 0, octets.length), max);
  if (value === undefined || value < min) {
    return badHeader(`expected a number from ${min} to ${max}`, 0, source);
  }
  return ok(value);
}

/** The digits. Throws a RangeError on what is not a whole number from `min` to `max`. */
export function formatCount(value: number, max: number, min = 0): Octets {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`expected a whole number from ${min} to ${max}, not ${value}`);
  }
  return String(value);
}
