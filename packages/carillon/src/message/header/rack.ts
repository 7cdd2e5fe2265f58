/** RAck. RFC 3262 §7.2. */
import { isSpace, skipSpace } from "../../grammar/chars.ts";
import { MAX_RSEQ } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { type CSeq, formatCSeq, parseCSeq } from "../cseq.ts";
import { formatCount, parseCount } from "./count.ts";

/** Which reliable response is acknowledged: its RSeq, and the CSeq it came with. RFC 3262 §7.2. */
export interface RAck {
  /** 1 to 2**32 - 1. */
  readonly rseq: number;
  /** That of the response, and so of the request it answers: an INVITE as a rule. */
  readonly cseq: CSeq;
}

const SOURCE = "RFC 3262 §7.2";

/**
 * `RAck = "RAck" HCOLON response-num LWS CSeq-num LWS Method`.
 * RFC 3262 §7.2. Errors (400): `bad-header`, `bad-cseq`.
 */
export function parseRAck(octets: Octets): Result<RAck> {
  const start = skipSpace(octets, 0, octets.length);
  let end = start;
  while (end < octets.length && !isSpace(octets.charCodeAt(end))) end++;
  const rseq = parseCount(octets.slice(start, end), SOURCE, MAX_RSEQ, 1);
  if (!rseq.ok) return rseq;
  const cseq = parseCSeq(octets.slice(skipSpace(octets, end, octets.length)));
  return cseq.ok ? ok({ rseq: rseq.value, cseq: cseq.value }) : cseq;
}

/** Throws a RangeError on an `rseq` that is not from 1 to 2**32 - 1, and as `formatCSeq` does. */
export const formatRAck = ({ rseq, cseq }: RAck): Octets =>
  `${formatCount(rseq, MAX_RSEQ, 1)} ${formatCSeq(cseq)}`;
