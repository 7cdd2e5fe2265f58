/** Parameters of a SIP URI. RFC 3261 §19.1.1. */
import { isUriParam } from "../grammar/chars.ts";
import { MAX_PARAMS } from "../grammar/limits.ts";
import { NO_PARAMS, type Params } from "../grammar/params.ts";
import { parameterName } from "./escape.ts";

//= RFC 3261 §19.1.1
//# Even though an arbitrary number of URI parameters may be included in a URI, any given
//# parameter-name MUST NOT appear more than once.
//= RFC 3261 §19.1.1
//# Since the uri-parameter mechanism is extensible, SIP elements MUST silently ignore any
//# uri-parameters that they do not understand.
/**
 * `uri-parameters = *( ";" pname [ "=" pvalue ] )`. All are kept, whatever they are called; an
 * empty value is taken for none.
 */
export function readUriParams(text: string, start: number, end: number): Params | undefined {
  if (start === end) return NO_PARAMS;
  const params = new Map<string, string>();
  for (const param of text.slice(start + 1, end).split(";")) {
    const equal = param.indexOf("=");
    const raw = equal < 0 ? param : param.slice(0, equal);
    const value = equal < 0 ? "" : param.slice(equal + 1);
    if (raw === "" || !isUriParam(raw) || !isUriParam(value)) return undefined;
    const name = parameterName(raw);
    if (params.has(name) || params.size === MAX_PARAMS) return undefined;
    params.set(name, value);
  }
  return params;
}
