/**
 * Credentials: the values of Authorization and Proxy-Authorization. RFC 3261 §20.7 and §20.28,
 * RFC 7616 §3.4, RFC 8760; Bearer by RFC 8898 §2.1.3 and RFC 6750 §2.1.
 */
import { trimEnd } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import {
  type AuthParams,
  formatAuth,
  isScheme,
  readAuthParams,
  readAuthScheme,
} from "./auth-params.ts";
import { parseExtendedValue } from "./extended-value.ts";

/** Credentials of Digest. RFC 7616 §3.4. Strings are octets without their quotes. */
export interface DigestCredentials {
  /** The scheme. */
  readonly kind: "Digest";
  /** In clear, decoded if it came as `username*`; with `userhash` its hash in hexadecimal. */
  readonly username: Octets;
  /** `username` is a hash of it. */
  readonly userhash?: boolean | undefined;
  /** The realm of the challenge that is answered. */
  readonly realm: Octets;
  /** The nonce of the challenge that is answered; a peer may write anything here. */
  readonly nonce: Octets;
  /** The Request-URI as the client sent it, which a proxy on the way may have changed. */
  readonly uri: Octets;
  /** Hexadecimal. */
  readonly response: Octets;
  /** As written, `MD5` if nothing is. */
  readonly algorithm: Octets;
  /** The client's own nonce. There whenever qop is. */
  readonly cnonce?: Octets | undefined;
  /** That of the challenge, as it came. */
  readonly opaque?: Octets | undefined;
  /** `auth` or `auth-int` as a rule, spelled as it came. None: the form of RFC 2069. */
  readonly qop?: Octets | undefined;
  /** The nonce count, 0 to 2**32 - 1. There whenever qop is. */
  readonly nc?: number | undefined;
}

/** A token. RFC 8898 §2.1.3, RFC 6750 §2.1. */
export interface BearerCredentials {
  /** The scheme. */
  readonly kind: "Bearer";
  /** One b64token of RFC 6750 §2.1: `readToken` reads those of our own domain. */
  readonly token: Octets;
}

/** A scheme that is not accepted here, such as Basic. What follows it is not looked at. */
export interface OtherCredentials {
  /** Any scheme but Digest and Bearer. */
  readonly kind: "Other";
  /** The scheme as it is written. */
  readonly scheme: Octets;
}

/** The credentials of one header line, told apart by `kind`. */
export type Credentials = DigestCredentials | BearerCredentials | OtherCredentials;

const fail = (what: string, source: string) => bad("bad-credentials", what, 0, source);

/**
 * Reads one credentials, the value of one header line. The strings are slices of `octets`:
 * `flat()` what outlives the message.
 *
 * Errors, all 400: `bad-auth` for the grammar, `bad-credentials` for what is missing or improper.
 */
export function parseCredentials(octets: Octets): Result<Credentials> {
  const scheme = readAuthScheme(octets);
  if (!scheme.ok) return scheme;
  if (isScheme(scheme.value, "Bearer")) return bearerCredentials(octets, scheme.value.next);
  //= RFC 3261 §22.4
  //# Note, however, that SIP servers MUST NOT accept or request Basic authentication.
  //= RFC 8760 §2.6
  //# SIP clients and servers MUST NOT accept or request Basic authentication.
  if (!isScheme(scheme.value, "Digest")) return ok({ kind: "Other", scheme: scheme.value.name });
  const params = readAuthParams(octets, scheme.value.next);
  return params.ok ? digestCredentials(params.value) : params;
}

function bearerCredentials(octets: Octets, start: number): Result<BearerCredentials> {
  const token = octets.slice(start, trimEnd(octets, start, octets.length));
  if (!isBearerToken(token)) return fail("expected one token after Bearer", "RFC 6750 §2.1");
  return ok({ kind: "Bearer", token });
}

//= RFC 7616 §3.4
//# If a parameter or its value is improper, or required parameters are missing, the proper
//# response is a 4xx error code.
function digestCredentials(params: AuthParams): Result<DigestCredentials> {
  const username = readUsername(params);
  const realm = params.get("realm");
  const nonce = params.get("nonce");
  const uri = params.get("uri");
  const response = params.get("response");
  if (username === undefined) return fail("Digest needs one username", "RFC 7616 §3.4");
  if (realm === undefined || nonce === undefined || uri === undefined || response === undefined) {
    return fail("Digest needs realm, nonce, uri and response", "RFC 7616 §3.4");
  }
  const qop = params.get("qop");
  const cnonce = params.get("cnonce");
  const nc = readNonceCount(params.get("nc"));
  if (nc === "improper") return fail("nc has to be 8 digits of 0-9 and a-f", "RFC 3261 §25.1");
  if (qop !== undefined && (cnonce === undefined || nc === undefined)) {
    return fail("qop needs cnonce and nc", "RFC 7616 §3.4");
  }
  const algorithm = params.get("algorithm") ?? "MD5";
  const opaque = params.get("opaque");
  const userhash = params.get("userhash")?.toLowerCase() === "true" ? true : undefined;
  const required = { username, realm, nonce, uri, response, algorithm } as const;
  return ok({ kind: "Digest", ...required, userhash, cnonce, opaque, qop, nc });
}

function readUsername(params: AuthParams): Octets | undefined {
  const extended = params.get("username*");
  if (extended === undefined) return params.get("username");
  //= RFC 7616 §3.4
  //# Sending both username and username* in the same header option MUST be treated as an error.
  return params.has("username") ? undefined : parseExtendedValue(extended);
}

/**
 * `nc-value = 8LHEX`. Lower case only, as the grammar has it: the count is hashed as the text it
 * is written in, and only one text may stand for it.
 */
function readNonceCount(text: Octets | undefined): number | undefined | "improper" {
  if (text === undefined) return undefined;
  if (text.length !== 8) return "improper";
  let count = 0;
  for (let i = 0; i < 8; i++) {
    const digit = LHEX.indexOf(text[i]!);
    if (digit < 0) return "improper";
    count = count * 16 + digit;
  }
  return count;
}

const LHEX = "0123456789abcdef";

/** The nonce count as it is written and hashed. */
export function formatNonceCount(nc: number): string {
  if (!Number.isInteger(nc) || nc < 0 || nc > 0xffffffff) throw new RangeError("nc is 32 bits");
  return nc.toString(16).padStart(8, "0");
}

/**
 * Writes credentials. Throws a RangeError on what cannot stand in a header value, such as a line
 * end in a realm.
 */
export function formatCredentials(credentials: DigestCredentials | BearerCredentials): Octets {
  if (credentials.kind === "Digest") return formatDigest(credentials);
  if (!isBearerToken(credentials.token)) throw new RangeError("not a bearer token");
  return `Bearer ${credentials.token}`;
}

function formatDigest(c: DigestCredentials): Octets {
  //= RFC 7616 §3.4
  //# For historical reasons, a sender MUST only generate the quoted string syntax for the
  //# following parameters: username, realm, nonce, uri, response, cnonce, and opaque.
  //= RFC 7616 §3.4
  //# For historical reasons, a sender MUST NOT generate the quoted string syntax for the following
  //# parameters: algorithm, qop, and nc.
  return formatAuth("Digest", [
    ["username", "quoted", c.username],
    ["realm", "quoted", c.realm],
    ["nonce", "quoted", c.nonce],
    //= RFC 8760 §2.6
    //# The "uri" parameter of the Authorization header field MUST be enclosed in quotation marks.
    //= RFC 3261 §22.4
    //# For SIP, the 'uri' MUST be enclosed in quotation marks.
    ["uri", "quoted", c.uri],
    ["response", "quoted", c.response],
    ["algorithm", "token", c.algorithm],
    ["cnonce", "quoted", c.cnonce],
    ["opaque", "quoted", c.opaque],
    ["qop", "token", c.qop],
    ["nc", "token", c.nc === undefined ? undefined : formatNonceCount(c.nc)],
    ["userhash", "token", c.userhash ? "true" : undefined],
  ]);
}

/** `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` of RFC 6750. */
function isBearerToken(text: Octets): boolean {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end--;
  for (let i = 0; i < end; i++) if (!BEARER_CHARACTERS.has(text.charCodeAt(i))) return false;
  return end > 0;
}

const BEARER_CHARACTERS: ReadonlySet<number> = new Set(
  Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/", (character) =>
    character.charCodeAt(0),
  ),
);
