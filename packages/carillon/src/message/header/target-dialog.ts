/** Target-Dialog. RFC 4538 §7. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCallId } from "./call-id.ts";
import { parseCallIdParams } from "./dialog-reference.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/**
 * A dialog that the sender of a request has with its receiver: why the request may be trusted.
 * RFC 4538 §7.
 */
export interface TargetDialog {
  /** Octets; case counts. */
  readonly callId: Octets;
  /** Local and remote as the sender of the request sees them. */
  readonly localTag: string | undefined;
  /** The receiver's own tag, if there is one. */
  readonly remoteTag: string | undefined;
  /** Others than `local-tag` and `remote-tag`. */
  readonly params: Params;
}

/**
 * `Target-Dialog = "Target-Dialog" HCOLON callid *(SEMI td-param)`.
 * RFC 4538 §7. Errors: `bad-header` (400).
 */
export function parseTargetDialog(octets: Octets): Result<TargetDialog> {
  const value = parseCallIdParams(octets, "RFC 4538 §7");
  if (!value.ok) return value;
  const { callId, params } = value.value;
  return ok({
    callId,
    localTag: params.get("local-tag"),
    remoteTag: params.get("remote-tag"),
    params: otherParams(params, "local-tag", "remote-tag"),
  });
}

/** Throws a RangeError on what is no Call-ID, and on a tag's name among the parameters. */
export const formatTargetDialog = (target: TargetDialog): Octets =>
  formatCallId(target.callId) +
  formatNamedParams(
    [
      ["local-tag", target.localTag],
      ["remote-tag", target.remoteTag],
    ],
    target.params,
  );
