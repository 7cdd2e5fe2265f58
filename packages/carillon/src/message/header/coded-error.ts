/** An error as a number and in words: Geolocation-Error, AlertMsg-Error. RFC 6442 §4.4. */
import { parseNumber } from "../../grammar/chars.ts";
import { fromText, type Octets, toText } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatCount } from "./count.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";
import { parseTokenParams } from "./token-params.ts";

/** What Geolocation-Error and AlertMsg-Error say. RFC 6442 §4.4, RFC 8876 §5.2. */
export interface CodedError {
  /** 0 to 999. */
  readonly code: number;
  /** For people, decoded from UTF-8. */
  readonly text: string | undefined;
  /** Others than the one that holds the text. */
  readonly params: Params;
}

const MAX_CODE = 999;

/** `1*3DIGIT *(SEMI error-params)`; `name` is the parameter that holds the text. */
export function parseCodedError(octets: Octets, name: string, source: string): Result<CodedError> {
  const value = parseTokenParams(octets, source);
  if (!value.ok) return value;
  const { token, params } = value.value;
  const code = token.length > 3 ? undefined : parseNumber(token, MAX_CODE);
  if (code === undefined) return badHeader("expected up to three digits", 0, source);
  const text = params.get(name);
  const others = otherParams(params, name);
  return ok({ code, text: text === undefined ? undefined : toText(text), params: others });
}

export function formatCodedError({ code, text, params }: CodedError, name: string): Octets {
  const octets = text === undefined ? undefined : fromText(text);
  return formatCount(code, MAX_CODE) + formatNamedParams([[name, octets, "quoted"]], params);
}
