/** In-Reply-To. RFC 3261 §20.21. */
import { MAX_VALUES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCallId, readCallId } from "./call-id.ts";
import { badHeader } from "./header-error.ts";
import { formatList } from "./list.ts";

const SOURCE = "RFC 3261 §20.21";

/**
 * `In-Reply-To = "In-Reply-To" HCOLON callid *(COMMA callid)`. A Call-ID may hold a quote or a
 * bracket, which here open nothing: every comma counts.
 * RFC 3261 §20.21. Errors: `bad-header` (400).
 */
export function parseInReplyTo(octets: Octets): Result<readonly Octets[]> {
  const callIds: Octets[] = [];
  for (const text of octets.split(",", MAX_VALUES + 1)) {
    if (callIds.length === MAX_VALUES) return badHeader(`over ${MAX_VALUES} values`, 0, SOURCE);
    const callId = readCallId(text, SOURCE);
    if (!callId.ok) return callId;
    callIds.push(callId.value);
  }
  return ok(callIds);
}

/** Throws a RangeError on an empty list and on what is no Call-ID. */
export const formatInReplyTo = (callIds: readonly Octets[]): Octets =>
  formatList(callIds, formatCallId);
