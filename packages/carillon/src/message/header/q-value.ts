/** Preference. RFC 3261 §20.1, §20.10, §25.1. */
import type { Params } from "../../grammar/params.ts";

/**
 * The `q` among these parameters, 0 to 1; undefined where there is none or it is not one.
 *
 * `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`
 */
export function readQ(params: Params): number | undefined {
  const text = params.get("q");
  return text !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text)
    ? Number(text)
    : undefined;
}

/** Up to three digits after the point. Throws a RangeError on what is not from 0 to 1. */
export function formatQ(q: number): string {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`q is from 0 to 1, not ${q}`);
  return String(Math.round(q * 1000) / 1000);
}
