/** Identity. RFC 8224 §4. */
import { isAlphanum, trimmed } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { type Params, readParams, readValue } from "../../grammar/params.ts";
import { findOutside } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { hasDelimiter } from "../../uri/name-addr.ts";
import { badHeader } from "./header-error.ts";
import { formatNamedParams, otherParams } from "./named-params.ts";

/** A caller's number or address, signed by whoever may speak for it. RFC 8224 §4. */
export interface Identity {
  /** The signed PASSporT: `header.claims.signature`, or `..signature` in its compact form. */
  readonly digest: Octets;
  /** Where the certificate is, without brackets. */
  readonly info: Octets;
  /** How it was signed; undefined stands for `ES256`. RFC 8224 §4.1. */
  readonly alg: string | undefined;
  /** The PASSporT's extension, such as `shaken` or `div`; undefined where it has none. */
  readonly ppt: string | undefined;
  /** Others than `info`, `alg` and `ppt`. */
  readonly params: Params;
}

const SOURCE = "RFC 8224 §4";

/**
 * `Identity = "Identity" HCOLON signed-identity-digest SEMI ident-info *( SEMI ident-info-params
 * )`.
 * RFC 8224 §4. Errors: `bad-header` (400).
 */
export function parseIdentity(octets: Octets): Result<Identity> {
  const semicolon = findOutside(octets, 0, octets.length, 0x3b);
  const digest = trimmed(octets, 0, Math.max(0, semicolon));
  if (!isDigest(digest)) return badHeader("expected a signature", 0, SOURCE);
  const params = readParams(octets, semicolon, octets.length, readUriOrValue);
  const info = params?.get("info");
  if (!params || !info || info[0] !== "<") return badHeader("expected info=<URI>", 0, SOURCE);
  return ok({
    digest,
    info: info.slice(1, -1),
    alg: params.get("alg"),
    ppt: params.get("ppt"),
    params: otherParams(params, "info", "alg", "ppt"),
  });
}

/** `ident-info-uri = LAQUOT absoluteURI RAQUOT`, which no other parameter is. */
function readUriOrValue(text: Octets): Octets | undefined {
  if (text[0] !== "<") return readValue(text);
  const uri = text.slice(1, -1);
  return text.at(-1) === ">" && uri !== "" && !hasDelimiter(uri) ? text : undefined;
}

/**
 * Throws a RangeError on a digest that is no base64, an `info` that is no URI, and on `alg` or
 * `ppt` among the parameters.
 */
export function formatIdentity({ digest, info, alg, ppt, params }: Identity): Octets {
  if (!isDigest(digest)) throw new RangeError("the signature is no base64");
  if (info === "" || hasDelimiter(info)) throw new RangeError("info is no URI");
  const named = formatNamedParams(
    [
      ["alg", alg],
      ["ppt", ppt],
    ],
    otherParams(params, "info"),
  );
  return `${digest};info=<${info}>${named}`;
}

/** `signed-identity-digest = 1*(base64-char / ".")`; the alphabet of base64url is met too. */
function isDigest(text: Octets): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isAlphanum(text, i, i + 1) && !"/+.-_=".includes(text[i] ?? " ")) return false;
  }
  return text.length > 0;
}
