/** Referred-By. RFC 3892 §3. */
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatNameAddr, type NameAddr, parseNameAddr } from "../../uri/name-addr.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** Who asked for this request by a REFER; its parameters are those beside `cid`. RFC 3892 §3. */
export interface ReferredBy extends NameAddr {
  /** The Content-ID of the body part that proves it, without brackets. */
  readonly cid: Octets | undefined;
}

/**
 * `Referred-By = ("Referred-By" / "b") HCOLON referrer-uri *( SEMI (referredby-id-param /
 * generic-param) )`.
 * RFC 3892 §3. Errors: `bad-address` (400).
 */
export function parseReferredBy(octets: Octets): Result<ReferredBy> {
  const address = parseNameAddr(octets);
  if (!address.ok) return address;
  const { params } = address.value;
  return ok({ ...address.value, cid: params.get("cid"), params: otherParams(params, "cid") });
}

/**
 * Always with brackets. Throws a RangeError on what is no URI, and on `cid` among the parameters.
 */
export const formatReferredBy = ({ displayName, uri, cid, params }: ReferredBy): Octets =>
  formatNameAddr({ displayName, uri, params: new Map() }) +
  formatNamedParams([["cid", cid, "quoted"]], params);
