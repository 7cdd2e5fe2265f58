/** Reason. RFC 3326 §2. Several values may stand there, by RFC 9366 also of one protocol. */
import { fromText, type Octets, toText } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";
import { formatNamedParams, numberParam, otherParams } from "./named-params.ts";
import { formatToken } from "./token.ts";
import { readTokenParams } from "./token-params.ts";

/** Why a request was sent, or a response came to be. RFC 3326 §2. */
export interface Reason {
  /** `SIP`, `Q.850`, `STIR` or another, compared regardless of case. */
  readonly protocol: string;
  /** A SIP status, or what the protocol's own causes are. */
  readonly cause: number | undefined;
  /** For people, decoded from UTF-8. */
  readonly text: string | undefined;
  /** Others than `cause` and `text`. */
  readonly params: Params;
}

const SOURCE = "RFC 3326 §2";
const MAX_CAUSE = 99_999;

/**
 * `Reason = "Reason" HCOLON reason-value *(COMMA reason-value)`.
 * RFC 3326 §2. Errors: `bad-header` (400).
 */
export const parseReason = (octets: Octets): Result<readonly Reason[]> =>
  parseList(octets, SOURCE, readReason);

/** `reason-value = protocol *(SEMI reason-params)` */
function readReason(octets: Octets, start: number, end: number): Result<Reason> {
  const value = readTokenParams(octets, start, end, SOURCE);
  if (!value.ok) return value;
  const { token: protocol, params } = value.value;
  const cause = numberParam(params, "cause", MAX_CAUSE);
  if (Number.isNaN(cause)) return badHeader("cause is a number", start, SOURCE);
  const text = params.get("text");
  return ok({
    protocol,
    cause,
    text: text === undefined ? undefined : toText(text),
    params: otherParams(params, "cause", "text"),
  });
}

/** `reason-text = "text" EQUAL quoted-string` */
export const formatReason = (reasons: readonly Reason[]): Octets =>
  formatList(reasons, ({ protocol, cause, text, params }) => {
    const octets = text === undefined ? undefined : fromText(text);
    const named = [["cause", cause] as const, ["text", octets, "quoted"] as const];
    return formatToken(protocol) + formatNamedParams(named, params);
  });
