/** Accept-Contact. RFC 3841 §9.2, §10. */
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { type Features, formatFeatures, parseFeatures } from "./features.ts";
import { formatList } from "./list.ts";
import { otherParams } from "./named-params.ts";

/** What a contact that the caller prefers can do. RFC 3841 §9.2. */
export interface AcceptContact {
  /** What is asked for, without `require` and `explicit`. */
  readonly features: Features;
  /** A contact that does not match is dropped, not only ranked behind. */
  readonly require: boolean;
  /** A contact that says nothing about a feature does not match. */
  readonly explicit: boolean;
}

/**
 * `Accept-Contact = ("Accept-Contact" / "a") HCOLON ac-value *(COMMA ac-value)`.
 * RFC 3841 §9.2. Errors: `bad-header` (400).
 */
export function parseAcceptContact(octets: Octets): Result<readonly AcceptContact[]> {
  const all = parseFeatures(octets, "RFC 3841 §10");
  if (!all.ok) return all;
  return ok(
    all.value.map((params) => ({
      features: otherParams(params, "require", "explicit"),
      require: params.has("require"),
      explicit: params.has("explicit"),
    })),
  );
}

/** `*;features;require;explicit`, between commas. Throws a RangeError on an empty list. */
export const formatAcceptContact = (values: readonly AcceptContact[]): Octets =>
  formatList(values, ({ features, require, explicit }) => {
    const flags = `${require ? ";require" : ""}${explicit ? ";explicit" : ""}`;
    return formatFeatures(otherParams(features, "require", "explicit")) + flags;
  });
