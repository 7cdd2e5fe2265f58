/** Feature sets: `*` and feature tags as parameters. RFC 3840 §9, RFC 3841 §10, RFC 6809 §6. */
import type { Octets } from "../../grammar/octets.ts";
import { formatParam, type Params, readParams } from "../../grammar/params.ts";
import { quote } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { parseList } from "./list.ts";

/**
 * By lower-case name: `+sip.instance`, `audio`, `methods`; empty for a tag without a value.
 * RFC 3840 §9.
 */
export type Features = Params;

/** `"*" *( SEMI feature-param )`, between commas. */
export const parseFeatures = (octets: Octets, source: string): Result<readonly Features[]> =>
  parseList(octets, source, (text, start, end) => {
    if (text[start] !== "*") return badHeader("expected *", start, source);
    const params = readParams(text, start + 1, end);
    return params ? ok(params) : badHeader("the parameters break the grammar", start, source);
  });

/** `feature-param = enc-feature-tag [EQUAL LDQUOT (tag-value-list / string-value ) RDQUOT]` */
export function formatFeatures(features: Features): Octets {
  let text = "*";
  for (const [name, value] of features) {
    text += formatParam(name, "") + (value === "" ? "" : `=${quote(value)}`);
  }
  return text;
}
