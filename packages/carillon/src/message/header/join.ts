/** Join. RFC 3911 §7.1. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCallId } from "./call-id.ts";
import { parseCallIdParams } from "./dialog-reference.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** The dialog that an INVITE asks to be joined with, as its receiver sees it. RFC 3911 §7.1. */
export interface Join {
  /** Octets; case counts. */
  readonly callId: Octets;
  /** The receiver's own tag in that dialog. */
  readonly toTag: string;
  /** `0` stands for the missing tag of an RFC 2543 peer. */
  readonly fromTag: string;
  /** Others than `to-tag` and `from-tag`. */
  readonly params: Params;
}

const SOURCE = "RFC 3911 §7.1";

/** `Join = "Join" HCOLON callid *(SEMI join-param)`. RFC 3911 §7.1. Errors: `bad-header` (400). */
export function parseJoin(octets: Octets): Result<Join> {
  const value = parseCallIdParams(octets, SOURCE);
  if (!value.ok) return value;
  const { callId, params } = value.value;
  //= RFC 3911 §7.1
  //# A Join header MUST contain exactly one to-tag and exactly one from-tag, as they are required
  //# for unique dialog matching.
  const [toTag, fromTag] = [params.get("to-tag"), params.get("from-tag")];
  if (!toTag || !fromTag) return badHeader("expected to-tag and from-tag", 0, SOURCE);
  return ok({ callId, toTag, fromTag, params: otherParams(params, "to-tag", "from-tag") });
}

/** Throws a RangeError on what is no Call-ID, and on a tag's name among the parameters. */
export const formatJoin = ({ callId, toTag, fromTag, params }: Join): Octets =>
  formatCallId(callId) +
  formatNamedParams(
    [
      ["to-tag", toTag],
      ["from-tag", fromTag],
    ],
    params,
  );
