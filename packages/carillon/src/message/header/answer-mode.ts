/** Answer-Mode. RFC 5373 §2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";
import { formatToken } from "./token.ts";
import { parseTokenParams } from "./token-params.ts";

/** How the called phone is to answer: after a person did, or by itself. RFC 5373 §2. */
export interface AnswerMode {
  /** `Manual`, `Auto` or another, compared regardless of case. */
  readonly mode: string;
  /** Whoever cannot do as asked is to refuse the call. */
  readonly require: boolean;
  /** Others than `require`. */
  readonly params: Params;
}

/**
 * `Answer-Mode = "Answer-Mode" HCOLON answer-mode-value *(SEMI answer-mode-param)`.
 * RFC 5373 §2. Errors: `bad-header` (400).
 */
export function parseAnswerMode(octets: Octets): Result<AnswerMode> {
  const value = parseTokenParams(octets, "RFC 5373 §2");
  if (!value.ok) return value;
  const { token: mode, params } = value.value;
  return ok({ mode, require: params.has("require"), params: otherParams(params, "require") });
}

/** Throws a RangeError on a mode that is no token, and on `require` among the parameters. */
export const formatAnswerMode = ({ mode, require, params }: AnswerMode): Octets =>
  formatToken(mode) + formatNamedParams([["require", require]], params);
