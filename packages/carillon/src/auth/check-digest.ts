/**
 * The server's side of digest: is this the response of somebody who knows the password? RFC 7616
 * §3.6. Whether the nonce is ours and unused is asked elsewhere: nonce.ts, nonce-window.ts.
 */
import type { Octets } from "../grammar/octets.ts";
import { hashAlgorithm } from "./algorithm.ts";
import { equalHex } from "./constant-time.ts";
import type { DigestCredentials } from "./credentials.ts";
import type { Crypto } from "./crypto.ts";
import { digestBytes } from "./digest.ts";

/** Credentials that came, and what they are checked against. */
export interface DigestToCheck {
  /** Needed for `hash` only. */
  readonly crypto: Crypto;
  /** As `parseCredentials` read them, whose nonce is `checkNonce`'s to judge. */
  readonly credentials: DigestCredentials;
  /** Of the request that brought the credentials. */
  readonly method: string;
  /** As it stands in the request line: it is compared octet for octet with the parameter uri. */
  readonly requestUri: Octets;
  /**
   * HA1 for the algorithm of the credentials, lower-case hexadecimal. Undefined when there is
   * nobody of that name: the same work is done, so that time does not tell who exists.
   */
  readonly ha1: string | undefined;
  /** For a qop of auth-int. */
  readonly body?: Octets | undefined;
}

/**
 * - `Right`: the password is known to them.
 * - `OtherUri`: it is, but the credentials were made for another Request-URI, octet for octet. The
 *   caller judges whether that is a user it accepts requests for.
 * - `NoQop`: no qop, so nothing would stop a replay. Refused whatever the response says.
 * - `Wrong`: anything else.
 */
export type DigestCheck = "Right" | "OtherUri" | "NoQop" | "Wrong";

/** As long as the longest HA1, and nobody's. */
const NOBODY = "-".repeat(64);

/**
 * Checks the response, in a time that does not depend on how much of it is right.
 *
 * Declined: RFC 3261 §22.4's "SIP servers supporting RFC 2617 MUST ensure they are backwards
 * compatible with RFC 2069". Without qop there is no nonce count, and a captured request could be
 * sent again; RFC 8760 §2.6 has every client send qop.
 */
export function checkDigest(to: DigestToCheck): DigestCheck {
  const { crypto, credentials, method, ha1 } = to;
  if (credentials.qop === undefined) return "NoQop";
  const algorithm = hashAlgorithm(credentials.algorithm);
  if (algorithm === undefined) return "Wrong";
  //= RFC 7616 §3.6
  //# Then, the server MUST perform the same digest operation (e.g., MD5, SHA-256) performed by the
  //# client and compare the result to the given response value.
  const secret = ha1 ?? (algorithm === "MD5" ? NOBODY.slice(32) : NOBODY);
  const expected = digestBytes(crypto, algorithm, secret, method, credentials, to.body);
  const same = equalHex(expected, credentials.response);
  if (!same || ha1 === undefined) return "Wrong";
  //= RFC 8760 §2.6
  //# Therefore, in SIP, a UAS MUST check if the Request-URI in the
  //# Authorization/Proxy-Authorization header field value corresponds to a user for whom the UAS is
  //# willing to accept forwarded or direct requests; however, it MAY still accept it if the two
  //# fields are not equivalent.
  return credentials.uri === to.requestUri ? "Right" : "OtherUri";
}
