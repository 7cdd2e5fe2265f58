/** Replaces. RFC 3891 §6.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCallId } from "./call-id.ts";
import { parseCallIdParams } from "./dialog-reference.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** The dialog that an INVITE is to take the place of, as its receiver sees it. RFC 3891 §6.1. */
export interface Replaces {
  /** Octets; case counts. */
  readonly callId: Octets;
  /** The receiver's own tag in that dialog. */
  readonly toTag: string;
  /** `0` stands for the missing tag of an RFC 2543 peer. */
  readonly fromTag: string;
  /** Only a dialog that is not confirmed yet is to be replaced. */
  readonly earlyOnly: boolean;
  /** Others than `to-tag`, `from-tag` and `early-only`. */
  readonly params: Params;
}

const SOURCE = "RFC 3891 §6.1";

/**
 * `Replaces = "Replaces" HCOLON callid *(SEMI replaces-param)`.
 * RFC 3891 §6.1. Errors: `bad-header` (400).
 */
export function parseReplaces(octets: Octets): Result<Replaces> {
  const value = parseCallIdParams(octets, SOURCE);
  if (!value.ok) return value;
  const { callId, params } = value.value;
  //= RFC 3891 §6.1
  //# A Replaces header field MUST contain exactly one to-tag and exactly one from-tag, as they are
  //# required for unique dialog matching.
  const [toTag, fromTag] = [params.get("to-tag"), params.get("from-tag")];
  if (!toTag || !fromTag) return badHeader("expected to-tag and from-tag", 0, SOURCE);
  const earlyOnly = params.has("early-only");
  const others = otherParams(params, "to-tag", "from-tag", "early-only");
  return ok({ callId, toTag, fromTag, earlyOnly, params: others });
}

/** Throws a RangeError on what is no Call-ID, and on a field's name among the parameters. */
export const formatReplaces = (r: Replaces): Octets =>
  formatCallId(r.callId) +
  formatNamedParams(
    [
      ["to-tag", r.toTag],
      ["from-tag", r.fromTag],
      ["early-only", r.earlyOnly],
    ],
    r.params,
  );
