/** Values that people read: Subject, Organization. `TEXT-UTF8-TRIM`, RFC 3261 §25.1. */
import { trimmed } from "../../grammar/chars.ts";
import { fromText, type Octets, toText } from "../../grammar/octets.ts";
import { unfold } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { oneLine } from "./one-line.ts";

/** The text, decoded from UTF-8, folds made spaces. Whatever it says, it is read. */
export const parseText = (octets: Octets): Result<string> =>
  ok(toText(unfold(trimmed(octets, 0, octets.length))));

/** Throws a RangeError on NUL and line ends. */
export const formatText = (text: string): Octets => oneLine(fromText(text.trim()));
