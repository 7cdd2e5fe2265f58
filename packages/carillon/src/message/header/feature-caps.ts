/** Feature-Caps. RFC 6809 §6.2.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type Features, formatFeatures, parseFeatures } from "./features.ts";
import { formatList } from "./list.ts";

/**
 * `Feature-Caps = "Feature-Caps" HCOLON fc-value *(COMMA fc-value)`.
 * RFC 6809 §6.2.1. Errors: `bad-header` (400).
 */
export const parseFeatureCaps = (octets: Octets): Result<readonly Features[]> =>
  parseFeatures(octets, "RFC 6809 §6.2.1");

/** `*;features`, between commas. Throws a RangeError on an empty list. */
export const formatFeatureCaps = (values: readonly Features[]): Octets =>
  formatList(values, formatFeatures);
