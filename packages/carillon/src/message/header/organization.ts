/** Organization. RFC 3261 §20.25. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatText, parseText } from "./text.ts";

/**
 * `Organization = "Organization" HCOLON [TEXT-UTF8-TRIM]`.
 * RFC 3261 §20.25. Whatever it says, it is read.
 */
export const parseOrganization = (octets: Octets): Result<string> => parseText(octets);

/** As UTF-8, white space around it cut off. Throws a RangeError on NUL and line ends. */
export const formatOrganization = (organization: string): Octets => formatText(organization);
