/** Values that are kept as they are and not looked into. */
import { trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { unfold } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { oneLine } from "./one-line.ts";

export const parseOpaque = (octets: Octets): Result<Octets> =>
  ok(unfold(trimmed(octets, 0, octets.length)));

/** Throws a RangeError on NUL and line ends. */
export const formatOpaque = (octets: Octets): Octets => oneLine(octets);
