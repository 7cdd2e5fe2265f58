/** Privacy. RFC 3323 §4.2. */
import { trimmed } from "../../grammar/chars.ts";
import { MAX_VALUES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatToken, parseToken } from "./token.ts";

/** `id`, `header`, `session`, `user`, `critical`, `none`, `history` and others. RFC 3323 §4.2. */
export type Privacy = readonly string[];

const SOURCE = "RFC 3323 §4.2";

/**
 * `Privacy-hdr = "Privacy" HCOLON priv-value *(";" priv-value)`.
 * RFC 3323 §4.2. Errors: `bad-header` (400).
 */
export function parsePrivacy(octets: Octets): Result<Privacy> {
  const values: string[] = [];
  for (const text of octets.split(";", MAX_VALUES + 1)) {
    const token = parseToken(trimmed(text, 0, text.length), SOURCE);
    if (!token.ok) return token;
    if (values.length === MAX_VALUES) return badHeader(`over ${MAX_VALUES} values`, 0, SOURCE);
    values.push(token.value);
  }
  return ok(values);
}

/** Semicolons between the values. Throws a RangeError on an empty list and on what is no token. */
export function formatPrivacy(values: Privacy): Octets {
  if (values.length === 0) throw new RangeError("Privacy needs a value");
  return values.map(formatToken).join(";");
}
