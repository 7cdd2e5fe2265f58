/** Priv-Answer-Mode. RFC 5373 §2: as Answer-Mode, for those who may override the user. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { type AnswerMode, formatAnswerMode, parseAnswerMode } from "./answer-mode.ts";

/**
 * `"Priv-Answer-Mode" HCOLON answer-mode-value *(SEMI answer-mode-param)`.
 * RFC 5373 §2. Errors: `bad-header` (400).
 */
export const parsePrivAnswerMode = (octets: Octets): Result<AnswerMode> => parseAnswerMode(octets);

/** Throws a RangeError on a mode that is no token, and on `require` among the parameters. */
export const formatPrivAnswerMode = (mode: AnswerMode): Octets => formatAnswerMode(mode);
