/** Subject. RFC 3261 §20.36. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatText, parseText } from "./text.ts";

/**
 * `Subject = ( "Subject" / "s" ) HCOLON [TEXT-UTF8-TRIM]`.
 * RFC 3261 §20.36. Whatever it says, it is read.
 */
export const parseSubject = (octets: Octets): Result<string> => parseText(octets);

/** As UTF-8, white space around it cut off. Throws a RangeError on NUL and line ends. */
export const formatSubject = (subject: string): Octets => formatText(subject);
