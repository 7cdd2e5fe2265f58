/** Trigger-Consent. RFC 5360 §5.11.2. */
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { hasDelimiter, parseNameAddr } from "../../uri/name-addr.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** Whom to tell that permission is needed for a translation. RFC 5360 §5.11.2. */
export interface TriggerConsent {
  /** Where the relay is told; it stands without brackets, and so without parameters of its own. */
  readonly uri: Octets;
  /** The relay's URI for the translation that is asked about. */
  readonly targetUri: Octets;
  /** Others than `target-uri`. */
  readonly params: Params;
}

const SOURCE = "RFC 5360 §5.11.2";

/**
 * `Trigger-Consent = "Trigger-Consent" HCOLON trigger-cons-spec *( COMMA trigger-cons-spec )` where
 * `trigger-cons-spec = ( SIP-URI / SIPS-URI ) *( SEMI trigger-param )`.
 * RFC 5360 §5.11.2. Errors (400): `bad-header`, `bad-address`.
 */
export const parseTriggerConsent = (octets: Octets): Result<readonly TriggerConsent[]> =>
  parseList(octets, SOURCE, readSpec);

function readSpec(octets: Octets, start: number, end: number): Result<TriggerConsent> {
  const address = parseNameAddr(octets, start, end);
  if (!address.ok) return address;
  const { uri, params } = address.value;
  const targetUri = params.get("target-uri") ?? "";
  if (octets[start] === '"' || !isPlain(uri)) return badHeader("expected a URI", start, SOURCE);
  //= RFC 5360 §5.11.2
  //# The target-uri header field parameter MUST contain a URI.
  if (!isUri(targetUri)) return badHeader("expected target-uri", start, SOURCE);
  return ok({ uri, targetUri, params: otherParams(params, "target-uri") });
}

/**
 * Throws a RangeError on an empty list, on what is no URI, and on a comma, semicolon or question
 * mark in `uri`.
 */
export const formatTriggerConsent = (specs: readonly TriggerConsent[]): Octets =>
  formatList(specs, ({ uri, targetUri, params }) => {
    if (!isPlain(uri) || !isUri(targetUri)) throw new RangeError("not a URI");
    return uri + formatNamedParams([["target-uri", targetUri, "quoted"]], params);
  });

/** A URI that nothing in it makes end early where there are no brackets. */
const isPlain = (uri: Octets): boolean =>
  isUri(uri) && ![..."?,;"].some((one) => uri.includes(one));

const isUri = (text: Octets): boolean => text.indexOf(":") > 0 && !hasDelimiter(text);
