/** Elements between commas. RFC 3261 §7.3.1. */
import { skipSpace } from "../../grammar/chars.ts";
import { MAX_VALUES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { eachElement } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";

/** Reads one element, which stands from `start` to `end` without white space around it. */
export type ReadElement<T> = (octets: Octets, start: number, end: number) => Result<T>;

/** `[ element *(COMMA element) ]`: a list that may be empty, as that of Supported. */
export function parseListOrNone<T>(
  octets: Octets,
  source: string,
  read: ReadElement<T>,
): Result<readonly T[]> {
  return skipSpace(octets, 0, octets.length) === octets.length
    ? ok([])
    : parseList(octets, source, read);
}

/** `element *(COMMA element)`: at least one, and at most 64. */
export function parseList<T>(
  octets: Octets,
  source: string,
  read: ReadElement<T>,
): Result<readonly T[]> {
  const bounds: number[] = [];
  const fine = eachElement(octets, 0, octets.length, MAX_VALUES, (start, end) =>
    bounds.push(start, end),
  );
  if (!fine) {
    const what = `an empty element, an open quote or over ${MAX_VALUES} elements`;
    return badHeader(what, 0, source);
  }
  const values: T[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const value = read(octets, bounds[i]!, bounds[i + 1]!);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok(values);
}

/** The elements with commas between them. Throws a RangeError on an empty list. */
export function formatList<T>(values: readonly T[], format: (value: T) => Octets): Octets {
  if (values.length === 0) throw new RangeError("this header needs at least one value");
  return formatListOrNone(values, format);
}

export function formatListOrNone<T>(values: readonly T[], format: (value: T) => Octets): Octets {
  return values.map((value) => format(value)).join(", ");
}
