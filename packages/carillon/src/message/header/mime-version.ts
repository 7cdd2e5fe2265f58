/** MIME-Version. RFC 3261 §20.24. */
import { parseNumber, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCount } from "./count.ts";
import { badHeader } from "./header-error.ts";

/** `1.0` in all that is known. RFC 3261 §20.24. */
export interface MimeVersion {
  /** 0 to 9999, before the point. */
  readonly major: number;
  /** 0 to 9999, behind it. */
  readonly minor: number;
}

/** Far more than will ever be: there is one version. */
const MAX = 9999;

/**
 * `MIME-Version = "MIME-Version" HCOLON 1*DIGIT "." 1*DIGIT`.
 * RFC 3261 §20.24. Errors: `bad-header` (400).
 */
export function parseMimeVersion(octets: Octets): Result<MimeVersion> {
  const [first = "", second = "", ...more] = trimmed(octets, 0, octets.length).split(".", 3);
  const [major, minor] = [parseNumber(first, MAX), parseNumber(second, MAX)];
  if (major === undefined || minor === undefined || more.length > 0) {
    return badHeader("expected 1.0", 0, "RFC 3261 §20.24");
  }
  return ok({ major, minor });
}

/** Throws a RangeError on what is not a whole number from 0 to 9999. */
export const formatMimeVersion = ({ major, minor }: MimeVersion): Octets =>
  `${formatCount(major, MAX)}.${formatCount(minor, MAX)}`;
