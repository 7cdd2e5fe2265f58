/**
 * Challenges: the values of WWW-Authenticate and Proxy-Authenticate. RFC 3261 §20.27 and §20.44,
 * RFC 7616 §3.3, RFC 8760; Bearer by RFC 8898 §4.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import {
  type AuthParams,
  formatAuth,
  isScheme,
  readAuthParams,
  readAuthScheme,
} from "./auth-params.ts";

/** A challenge of Digest. RFC 7616 §3.3. */
export interface DigestChallenge {
  /** The scheme. */
  readonly kind: "Digest";
  /** What is protected, as people are shown it. Octets without the quotes; UTF-8 as a rule. */
  readonly realm: Octets;
  /** What the credentials have to be made with; it means something to the server alone. */
  readonly nonce: Octets;
  /** Sent back as it came. RFC 7616 §3.3. */
  readonly opaque?: Octets | undefined;
  /** The nonce was too old, the password may well be right: try again without asking anybody. */
  readonly stale: boolean;
  /** As written, `MD5` if nothing is; `hashAlgorithm` tells whether it is understood. */
  readonly algorithm: Octets;
  /** Empty when the challenger, against RFC 3261 §22.4, did not send any. */
  readonly qop: readonly Octets[];
  //= RFC 7616 §3.3
  //# This parameter is not meaningful in Proxy-Authenticate header fields, for which the protection
  //# space is always the entire proxy; if present, it MUST be ignored.
  /** URIs with spaces between them. Nothing here goes by them: a realm is what is protected. */
  readonly domain?: Octets | undefined;
  /** The server would rather not have the username in clear. */
  readonly userhash?: boolean;
}

/** A challenge for a token. RFC 8898 §4. */
export interface BearerChallenge {
  /** The scheme. */
  readonly kind: "Bearer";
  /** What is protected. RFC 8898 §4 has it always; what is read may lack it. */
  readonly realm?: Octets | undefined;
  /** Where to fetch a token: an https URI. */
  readonly authzServer?: Octets | undefined;
  /** What the token has to allow: names with spaces between them. RFC 6749 §3.3. */
  readonly scope?: Octets | undefined;
  /** Why the token that was sent did not do, such as `invalid_token`. RFC 6750 §3.1. */
  readonly error?: Octets | undefined;
}

/** A scheme that is not spoken here. What follows it is not looked at. */
export interface OtherChallenge {
  /** Any scheme but Digest and Bearer. */
  readonly kind: "Other";
  /** The scheme as it is written. */
  readonly scheme: Octets;
}

/** One challenge of a 401 or 407, told apart by `kind`. */
export type Challenge = DigestChallenge | BearerChallenge | OtherChallenge;

/**
 * Reads one challenge, the value of one header line. Everything in it is a flat copy, since a
 * challenge outlives the response it came in.
 *
 * Errors: `bad-auth` for the grammar, `bad-challenge` for Digest without realm or nonce.
 */
export function parseChallenge(octets: Octets): Result<Challenge> {
  const scheme = readAuthScheme(octets);
  if (!scheme.ok) return scheme;
  const digest = isScheme(scheme.value, "Digest");
  if (!digest && !isScheme(scheme.value, "Bearer")) {
    return ok({ kind: "Other", scheme: flat(scheme.value.name) });
  }
  if (!digest && scheme.value.next === octets.length) return ok({ kind: "Bearer" });
  const params = readAuthParams(octets, scheme.value.next);
  if (!params.ok) return params;
  return digest ? digestChallenge(params.value) : ok(bearerChallenge(params.value));
}

function digestChallenge(params: AuthParams): Result<DigestChallenge> {
  const [realm, nonce] = [copied(params, "realm"), copied(params, "nonce")];
  if (realm === undefined || nonce === undefined) {
    const missing = realm === undefined ? "realm" : "nonce";
    return bad("bad-challenge", `a Digest challenge without ${missing}`, 0, "RFC 7616 §3.3");
  }
  return ok({
    kind: "Digest",
    realm,
    nonce,
    opaque: copied(params, "opaque"),
    //= RFC 7616 §3.3
    //# If stale is false, or anything other than true, or the stale parameter is not present, the
    //# username and/or password are invalid, and new values MUST be obtained.
    stale: params.get("stale")?.toLowerCase() === "true",
    //= RFC 7616 §3.3
    //# If this is not present, it is assumed to be "MD5".
    algorithm: copied(params, "algorithm") ?? "MD5",
    qop: readQop(copied(params, "qop") ?? ""),
    domain: copied(params, "domain"),
    ...(params.get("userhash")?.toLowerCase() === "true" && { userhash: true }),
  });
}

/** `qop-options = "qop" EQUAL LDQUOT qop-value *("," qop-value) RDQUOT`, often with spaces. */
function readQop(list: Octets): readonly Octets[] {
  return list
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

function bearerChallenge(params: AuthParams): BearerChallenge {
  return {
    kind: "Bearer",
    realm: copied(params, "realm"),
    authzServer: copied(params, "authz_server"),
    scope: copied(params, "scope"),
    error: copied(params, "error"),
  };
}

function copied(params: AuthParams, name: string): Octets | undefined {
  const value = params.get(name);
  return value === undefined ? undefined : flat(value);
}

//= RFC 3261 §22
//# Servers MUST NOT accept credentials using the "Basic" authorization scheme, and servers also
//# MUST NOT challenge with "Basic".
/**
 * Writes a challenge. That nothing but Digest and Bearer can be written is in the type. Throws a
 * RangeError on what cannot stand in a header value.
 */
export function formatChallenge(challenge: DigestChallenge | BearerChallenge): Octets {
  return challenge.kind === "Digest" ? formatDigest(challenge) : formatBearer(challenge);
}

function formatDigest(challenge: DigestChallenge): Octets {
  const qop = challenge.qop.join(",");
  //= RFC 7616 §3.3
  //# For historical reasons, a sender MUST only generate the quoted string syntax values for the
  //# following parameters: realm, domain, nonce, opaque, and qop.
  //= RFC 7616 §3.3
  //# For historical reasons, a sender MUST NOT generate the quoted string syntax values for the
  //# following parameters: stale and algorithm.
  return formatAuth("Digest", [
    ["realm", "quoted", challenge.realm],
    ["domain", "quoted", challenge.domain],
    ["nonce", "quoted", challenge.nonce],
    ["opaque", "quoted", challenge.opaque],
    ["stale", "token", challenge.stale ? "true" : undefined],
    ["algorithm", "token", challenge.algorithm],
    ["qop", "quoted", qop === "" ? undefined : qop],
    ["userhash", "token", challenge.userhash ? "true" : undefined],
  ]);
}

function formatBearer(challenge: BearerChallenge): Octets {
  return formatAuth("Bearer", [
    ["realm", "quoted", challenge.realm],
    ["authz_server", "quoted", challenge.authzServer],
    ["scope", "quoted", challenge.scope],
    ["error", "quoted", challenge.error],
  ]);
}
