/** CSeq. RFC 3261 §20.16, §8.1.1.5. */
import { isSpace, isToken, parseNumber, skipSpace } from "../grammar/chars.ts";
import { MAX_CSEQ } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";

/** The number and method of a request, which its response repeats. RFC 3261 §20.16. */
export interface CSeq {
  /** 0 to 2**31 - 1. RFC 3261 §8.1.1.5. */
  readonly number: number;
  /** As written: the case of methods counts. RFC 3261 §7.1. */
  readonly method: string;
}

/** `CSeq = "CSeq" HCOLON 1*DIGIT LWS Method`. RFC 3261 §20.16. Errors: `bad-cseq` (400). */
export function parseCSeq(text: string): Result<CSeq> {
  let end = 0;
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
  //= RFC 3261 §8.1.1.5
  //# The sequence number value MUST be expressible as a 32-bit unsigned integer and MUST be less
  //# than 2**31.
  //= RFC 3261 §20.16
  //# The sequence number MUST be expressible as a 32-bit unsigned integer.
  const number = parseNumber(text.slice(0, end), MAX_CSEQ);
  const method = text.slice(skipSpace(text, end, text.length));
  if (number === undefined || !isToken(method)) {
    return bad("bad-cseq", "expected a number below 2**31 and a method", 0, "RFC 3261 §20.16");
  }
  return ok({ number, method });
}

/** Throws a RangeError on what is no method or not a number below 2**31. */
export function formatCSeq({ number, method }: CSeq): Octets {
  if (!Number.isInteger(number) || number < 0 || number > MAX_CSEQ || !isToken(method)) {
    throw new RangeError(`not a CSeq: ${number} ${JSON.stringify(method)}`);
  }
  return `${number} ${method}`;
}
