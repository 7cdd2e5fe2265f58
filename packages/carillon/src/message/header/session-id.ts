/** Session-ID. RFC 7989 §5; RFC 7329 had no remote half. */
import { isHex } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";
import { parseTokenParams } from "./token-params.ts";

/** One name for a session, whatever lies between its ends. RFC 7989 §5. */
export interface SessionId {
  /** The sender's UUID, 32 lower-case hexadecimal digits; all zero while it has none. */
  readonly local: string;
  /** The other end's UUID in the same form; undefined from those who know only RFC 7329. */
  readonly remote: string | undefined;
  /** Others than `remote`. */
  readonly params: Params;
}

const SOURCE = "RFC 7989 §5";

/**
 * `session-id = "Session-ID" HCOLON local-uuid *(SEMI sess-id-param)`.
 * RFC 7989 §5. Errors: `bad-header` (400).
 */
export function parseSessionId(octets: Octets): Result<SessionId> {
  const value = parseTokenParams(octets, SOURCE);
  if (!value.ok) return value;
  const { token, params } = value.value;
  const local = token.toLowerCase();
  const remote = params.get("remote")?.toLowerCase();
  if (!isUuid(local) || (remote !== undefined && !isUuid(remote))) {
    return badHeader("expected 32 hexadecimal digits", 0, SOURCE);
  }
  return ok({ local, remote, params: otherParams(params, "remote") });
}

/** In lower case. Throws a RangeError on halves that are not 32 hexadecimal digits. */
export function formatSessionId({ local, remote, params }: SessionId): Octets {
  if (!isUuid(local) || (remote !== undefined && !isUuid(remote))) {
    throw new RangeError("a session's halves are 32 hexadecimal digits each");
  }
  return local.toLowerCase() + formatNamedParams([["remote", remote?.toLowerCase()]], params);
}

/** `sess-uuid = 32(DIGIT / %x61-66)` */
const isUuid = (text: string): boolean => text.length === 32 && isHex(text, 0, 32);
