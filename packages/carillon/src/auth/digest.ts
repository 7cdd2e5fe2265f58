/**
 * The computations of digest. RFC 7616 §3.4.1 to §3.4.3 for SHA-256 and SHA-512-256, RFC 2617
 * §3.2.2 for MD5 and for challenges without qop; in SIP by RFC 3261 §22.4 and RFC 8760 §2.
 */

import { toHex } from "../grammar/hex.ts";
import { fromText, type Octets, toBytes } from "../grammar/octets.ts";
import { formatNonceCount } from "./credentials.ts";
import type { Crypto, HashAlgorithm } from "./crypto.ts";

/** What a response is computed over; `DigestCredentials` has all of it. */
export interface DigestFields {
  /** The nonce of the challenge. */
  readonly nonce: Octets;
  /** The uri parameter: not the Request-URI, which a proxy may have changed. */
  readonly uri: Octets;
  /** None: the form of RFC 2069. With one, `nc` and `cnonce` are needed too. */
  readonly qop?: Octets | undefined;
  /** The nonce count, 1 to 2**32 - 1, hashed as eight hexadecimal digits. */
  readonly nc?: number | undefined;
  /** The client's own nonce. */
  readonly cnonce?: Octets | undefined;
}

/**
 * H(A1) in lower-case hexadecimal: all a server has to keep, and as good as the password within
 * its realm. `username` and `password` are text as people type it; `realm` is octets, as in the
 * challenge. Throws a RangeError on a colon in the username, which would make two pairs one, and on
 * a line end, which no header can carry.
 */
export function ha1(
  crypto: Crypto,
  algorithm: HashAlgorithm,
  username: string,
  realm: Octets,
  password: string,
): string {
  if (/[:\r\n]/.test(username)) throw new RangeError("a username has no colon and no line end");
  //= RFC 7616 §4
  //# For the username, recipients MUST support all characters defined in the
  //# "UsernameCasePreserved" profile defined in Section 3.3 of [RFC7613], with the exception of the
  //# colon (":") character.
  //= RFC 7616 §4
  //# For the password, recipients MUST support all characters defined in the "OpaqueString" profile
  //# defined in Section 4.2 of [RFC7613].
  //= RFC 7616 §4
  //# It indicates that the server expects the username and password to be converted to Unicode
  //# Normalization Form C ("NFC", see Section 3 of [RFC5198]) and to be encoded into octets using
  //# the UTF-8 character encoding scheme [RFC3629].
  const a1 = `${nfcOctets(username)}:${realm}:${nfcOctets(password)}`;
  return toHex(crypto.hash(algorithm, toBytes(a1)));
}

/** The HA1 of a `-sess` algorithm, made of that of the algorithm itself. RFC 7616 §3.4.2. */
export function sessionHa1(
  crypto: Crypto,
  algorithm: HashAlgorithm,
  ha1: string,
  nonce: Octets,
  cnonce: Octets,
): string {
  return toHex(crypto.hash(algorithm, toBytes(`${ha1}:${nonce}:${cnonce}`)));
}

/** What stands for a username that shall not be read on the way. RFC 7616 §3.4.4. */
export function usernameHash(
  crypto: Crypto,
  algorithm: HashAlgorithm,
  username: string,
  realm: Octets,
): string {
  return toHex(crypto.hash(algorithm, toBytes(`${nfcOctets(username)}:${realm}`)));
}

/** Text as RFC 7616 §4 wants it hashed and sent. */
export function nfcOctets(text: string): Octets {
  return fromText(text.normalize("NFC"));
}

/**
 * The response parameter: lower-case hexadecimal. No body is an empty one. RFC 7616 §3.4.1. Throws
 * a RangeError on a qop without nc or cnonce, and on an nc that is no 32-bit number.
 */
export function digestResponse(
  crypto: Crypto,
  algorithm: HashAlgorithm,
  ha1: string,
  method: string,
  fields: DigestFields,
  body: Octets = "",
): string {
  return toHex(digestBytes(crypto, algorithm, ha1, method, fields, body));
}

/**
 * The response as bytes, for a server that only compares it. Throws a RangeError on a qop without
 * nc or cnonce, which `parseCredentials` does not let through.
 */
export function digestBytes(
  crypto: Crypto,
  algorithm: HashAlgorithm,
  ha1: string,
  method: string,
  fields: DigestFields,
  //= RFC 8760 §2.6
  //# H(entity-body) = <algorithm>("")
  body: Octets = "",
): Uint8Array {
  const hash = (octets: Octets) => crypto.hash(algorithm, toBytes(octets));
  const { nonce, uri, qop, nc, cnonce } = fields;
  //= RFC 7616 §3.4.3
  //# If the qop parameter's value is "auth" or is unspecified, then A2 is:
  //# A2 = Method ":" request-uri
  let a2 = `${method}:${uri}`;
  //= RFC 7616 §3.4.3
  //# If the qop value is "auth-int", then A2 is:
  //# A2 = Method ":" request-uri ":" H(entity-body)
  if (qop !== undefined && isAuthInt(qop)) a2 += `:${toHex(hash(body))}`;
  const h2 = toHex(hash(a2));
  if (qop === undefined) return hash(`${ha1}:${nonce}:${h2}`);
  if (nc === undefined || cnonce === undefined) throw new RangeError("qop needs nc and cnonce");
  return hash(`${ha1}:${nonce}:${formatNonceCount(nc)}:${cnonce}:${qop}:${h2}`);
}

export function isAuthInt(qop: Octets): boolean {
  return qop.toLowerCase() === "auth-int";
}
