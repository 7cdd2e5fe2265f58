/** Who sends a request: the long-term mechanism of STUN, by the server. RFC 8489 §9.2.4. */
import type { Octets } from "../grammar/octets.ts";
import type { Address } from "../uri/host.ts";
import {
  attributeTypes,
  errorAttribute,
  readOctets,
  type StunError,
  stunErrors,
  textAttribute,
} from "./stun-attributes.ts";
import { type Integrity, integrityOf, isProved, type StunCrypto } from "./stun-integrity.ts";
import { attribute, type StunAttribute, type StunMessage } from "./stun-message.ts";
import {
  longTermKey,
  MAX_USERNAME_BYTES,
  type PasswordAlgorithm,
  readTurnUsername,
  type TurnUser,
  turnPassword,
} from "./turn-credentials.ts";
import { isFreshNonce, turnNonce } from "./turn-nonce.ts";

/** What a server's users have to do with it. */
export interface Realm {
  /** What REALM says: the domain of whoever provides the server. */
  readonly realm: string;
  /** What makes passwords of user names, shared with whoever hands them out. */
  readonly secret: Uint8Array;
  /** Random, for nonces. */
  readonly nonceKey: Uint8Array;
  /** For hashes. */
  readonly crypto: StunCrypto;
}

/** Somebody who has shown that they know their password. */
export interface Authenticated extends TurnUser {
  /** As it is on the wire. */
  readonly username: Octets;
  /** Proves requests and answers. */
  readonly key: Uint8Array;
  /** What the answer is to be proved with. */
  readonly integrity: Integrity;
}

/** Who it is, or what the answer of an error has in it. */
export type Authentication = Authenticated | { readonly refusal: readonly StunAttribute[] };

/** MD5 and SHA-256, each without parameters. RFC 8489 §14.11. */
const ALGORITHMS = Uint8Array.of(0, 2, 0, 0, 0, 1, 0, 0);
const algorithmsAttribute: StunAttribute = {
  type: attributeTypes.PASSWORD_ALGORITHMS,
  value: ALGORITHMS,
};

//= RFC 8656 §5
//# [RFC8489] specifies an authentication mechanism called the "long-term credential mechanism".
//# TURN servers and clients MUST implement this mechanism, and the authentication options are
//# discussed in Section 7.2.
/** Judges a request that came from there. `nowSeconds` since 1970. Expired names do, too. */
export function authenticate(
  realm: Realm,
  message: StunMessage,
  source: Address,
  nowSeconds: number,
): Authentication {
  const challenge = (error: StunError): Authentication => ({
    refusal: challengeOf(realm, error, source, nowSeconds),
  });
  const { BadRequest, Unauthenticated, StaleNonce } = stunErrors;
  //= RFC 8489 §9.2.4
  //# If the message does not contain a MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 attribute, the
  //# server MUST generate an error response with an error code of 401 (Unauthenticated).
  if (integrityOf(message) === undefined) return challenge(Unauthenticated);
  const username = readOctets(attribute(message, attributeTypes.USERNAME), MAX_USERNAME_BYTES);
  const said = readOctets(attribute(message, attributeTypes.REALM), 763);
  const nonce = readOctets(attribute(message, attributeTypes.NONCE), 763);
  //= RFC 8489 §9.2.4
  //# If the message contains a MESSAGE-INTEGRITY or a MESSAGE-INTEGRITY-SHA256 attribute, but is
  //# missing either the USERNAME or USERHASH, REALM, or NONCE attribute, the server MUST generate
  //# an error response with an error code of 400 (Bad Request).
  if (username === undefined || said === undefined || nonce === undefined) {
    return { refusal: [errorAttribute(BadRequest)] };
  }
  const algorithm = algorithmOf(message);
  if (algorithm === undefined) return { refusal: [errorAttribute(BadRequest)] };
  // The nonce before the rest: it costs one hash, and a stranger has none. RFC 8489 has it last,
  // so a nonce of ours that is too old is told from a wrong password all the same.
  //= RFC 8489 §9.2.4
  //# If the value of the USERNAME or USERHASH attribute is not valid, the server MUST generate an
  //# error response with an error code of 401 (Unauthenticated).
  const user = readTurnUsername(username);
  if (user === undefined) return challenge(Unauthenticated);
  const password = turnPassword(realm.secret, username, realm.crypto);
  const key = longTermKey({ username, realm: realm.realm, password }, algorithm, realm.crypto);
  //= RFC 8489 §9.2.4
  //# If the resulting value does not match the contents of the MESSAGE-INTEGRITY attribute or the
  //# MESSAGE-INTEGRITY-SHA256 attribute, the server MUST reject the request with an error response.
  //# This response MUST use an error code of 401 (Unauthenticated). It MUST include the REALM and
  //# NONCE attributes and SHOULD NOT include the USERNAME, USERHASH, MESSAGE-INTEGRITY, or
  //# MESSAGE-INTEGRITY-SHA256 attribute.
  if (!isProved(message, key, realm.crypto)) return challenge(Unauthenticated);
  const nonces = { crypto: realm.crypto, key: realm.nonceKey };
  //= RFC 8489 §9.2.4
  //# If the NONCE is no longer valid, the server MUST generate an error response with an error code
  //# of 438 (Stale Nonce).
  if (!isFreshNonce(nonces, nonce, source, nowSeconds)) return challenge(StaleNonce);
  return { ...user, username, key, integrity: usesSha256(message) ? "SHA-256" : "SHA-1" };
}

//= RFC 8489 §9.2.4
//# This response MUST include a REALM value. The response MUST include a NONCE, selected by the
//# server.
//= RFC 8489 §9.2.4
//# The response MUST include a PASSWORD-ALGORITHMS attribute.
//= RFC 8489 §9.2.4
//# This response MUST include NONCE, REALM, and PASSWORD-ALGORITHMS attributes and SHOULD NOT
//# include the USERNAME and USERHASH attributes. The NONCE attribute value MUST be valid.
/** What an error has in it that asks for credentials. */
function challengeOf(
  { realm, crypto, nonceKey: key }: Realm,
  error: StunError,
  source: Address,
  nowSeconds: number,
): readonly StunAttribute[] {
  return [
    errorAttribute(error),
    textAttribute(attributeTypes.REALM, realm),
    textAttribute(attributeTypes.NONCE, turnNonce({ crypto, key }, source, nowSeconds)),
    algorithmsAttribute,
  ];
}

//= RFC 8489 §9.2.4
//# Otherwise, unless (1) PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS are both present, (2)
//# PASSWORD-ALGORITHMS matches the value sent in the response that sent this NONCE, and (3)
//# PASSWORD-ALGORITHM matches one of the entries in PASSWORD-ALGORITHMS, the server MUST generate
//# an error response with an error code of 400 (Bad Request).
/** By what the key is made; undefined where the three conditions do not hold. */
function algorithmOf(message: StunMessage): PasswordAlgorithm | undefined {
  if (!usesSha256(message)) return "MD5";
  const offered = attribute(message, attributeTypes.PASSWORD_ALGORITHMS);
  const chosen = attribute(message, attributeTypes.PASSWORD_ALGORITHM);
  if (offered?.length !== ALGORITHMS.length || chosen?.length !== 4) return undefined;
  if (ALGORITHMS.some((byte, i) => offered[i] !== byte)) return undefined;
  if (chosen[0] !== 0 || chosen[2] !== 0 || chosen[3] !== 0) return undefined;
  return chosen[1] === 2 ? "SHA-256" : chosen[1] === 1 ? "MD5" : undefined;
}

//= RFC 8489 §9.2.4
//# Any response generated by the server MUST include the MESSAGE-INTEGRITY-SHA256 attribute,
//# computed using the username and password utilized to authenticate the request, unless the
//# request was processed as though PASSWORD-ALGORITHM was MD5 (because the request contained
//# neither PASSWORD-ALGORITHMS nor PASSWORD-ALGORITHM).
//= RFC 8489 §9.2.4
//# In that case, the MESSAGE-INTEGRITY attribute MUST be used instead of the
//# MESSAGE-INTEGRITY-SHA256 attribute, and the REALM, NONCE, USERNAME, and USERHASH attributes
//# SHOULD NOT be included.
/** Whether whoever asks knows RFC 8489, and not only RFC 5389. */
const usesSha256 = (message: StunMessage): boolean =>
  attribute(message, attributeTypes.PASSWORD_ALGORITHM) !== undefined ||
  attribute(message, attributeTypes.PASSWORD_ALGORITHMS) !== undefined;
