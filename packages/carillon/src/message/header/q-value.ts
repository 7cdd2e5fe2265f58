/** Preference. RFC 3261 §20.1, §20.10, §25.1. */
import { isDigits } from "../../grammar/chars.ts";
import type { Params } from "../../grammar/params.ts";

/**
 * The `q` among these parameters, 0 to 1; undefined where there is none or it is not one.
 * RFC 3261 §25.1.
 *
 * `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`
 */
export function readQ(params: Params): number | undefined {
  const text = params.get("q");
  return text !== undefined && isQ(text) ? Number(text) : undefined;
}

function isQ(text: string): boolean {
  const [whole, point] = text;
  if (text.length === 1) return whole === "0" || whole === "1";
  const decimals = text.slice(2);
  if (point !== "." || decimals.length > 3) return false;
  if (decimals !== "" && !isDigits(decimals)) return false;
  return whole === "0" || (whole === "1" && Number(decimals) === 0);
}

/** Up to three digits after the point. Throws a RangeError on what is not from 0 to 1. */
export function formatQ(q: number): string {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`q is from 0 to 1, not ${q}`);
  return String(Math.round(q * 1000) / 1000);
}
