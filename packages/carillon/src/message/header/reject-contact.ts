/** Reject-Contact. RFC 3841 §10. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type Features, formatFeatures, parseFeatures } from "./features.ts";
import { formatList } from "./list.ts";

/**
 * `Reject-Contact = ("Reject-Contact" / "j") HCOLON rc-value *(COMMA rc-value)`.
 * RFC 3841 §9.2. Errors: `bad-header` (400).
 */
export const parseRejectContact = (octets: Octets): Result<readonly Features[]> =>
  parseFeatures(octets, "RFC 3841 §10");

/** `*;features`, between commas. Throws a RangeError on an empty list. */
export const formatRejectContact = (values: readonly Features[]): Octets =>
  formatList(values, formatFeatures);
