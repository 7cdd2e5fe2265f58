/**
 * `carillon/auth`: who is asking, and how they show it. Digest (RFC 7616, RFC 8760) and Bearer
 * (RFC 8898) from both sides, nonces, tokens, and hashes for worlds that have no synchronous ones.
 * Everything here is pure; cryptography and randomness are injected as `Crypto`.
 *
 * ```ts
 * import { answerChallenge, checkDigest, ha1, parseChallenge } from "carillon/auth";
 * import { parseCredentials, portableCrypto } from "carillon/auth";
 *
 * const randomBytes = (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count));
 * const crypto = portableCrypto(randomBytes);
 * const [realm, method, uri] = ["example.com", "REGISTER", "sip:example.com"];
 *
 * // A client has a password, and answers what a server asked.
 * const asked = parseChallenge(`Digest realm="${realm}",nonce="n1",qop="auth",algorithm=SHA-256`);
 * if (!asked.ok) throw new Error(asked.error.message);
 * const answer = answerChallenge({
 *   ...{ crypto, method, uri, realm, challenges: [asked.value], nonceCount: 1, cnonce: "c1" },
 *   ...{ username: "alice", secret: { password: "a secret" } },
 * });
 * if (!answer.ok) throw new Error(answer.error.message);
 *
 * // The server has HA1, and checks what came.
 * const came = parseCredentials(answer.value.value);
 * if (!came.ok || came.value.kind !== "Digest") throw new Error("no digest");
 * const known = ha1(crypto, "SHA-256", "alice", realm, "a secret");
 * const check = { crypto, credentials: came.value, method, requestUri: uri, ha1: known };
 * console.log(checkDigest(check)); // Right
 * ```
 */

export { hashAlgorithm, isWeaker, sessionAlgorithm } from "./algorithm.ts";
export {
  type Answer,
  answerChallenge,
  type ChallengesToAnswer,
  type DigestSecret,
} from "./answer-challenge.ts";
export { fromBase64url, toBase64url } from "./base64url.ts";
export {
  type BearerChallenge,
  type Challenge,
  type DigestChallenge,
  formatChallenge,
  type OtherChallenge,
  parseChallenge,
} from "./challenge.ts";
export { checkDigest, type DigestCheck, type DigestToCheck } from "./check-digest.ts";
export { equal } from "./constant-time.ts";
export {
  type BearerCredentials,
  type Credentials,
  type DigestCredentials,
  formatCredentials,
  type OtherCredentials,
  parseCredentials,
} from "./credentials.ts";
export type { Crypto, HashAlgorithm } from "./crypto.ts";
export { type DigestFields, digestResponse, ha1, sessionHa1, usernameHash } from "./digest.ts";
export {
  checkNonce,
  issueNonce,
  NONCE_LIFE_MS,
  type NonceCheck,
  type NonceIssuer,
} from "./nonce.ts";
export { MAX_NONCES, NONCE_WINDOW, NonceWindow } from "./nonce-window.ts";
export { formatPassport, type Party, type Passport, readPassport, type Said } from "./passport.ts";
export { portableCrypto } from "./portable-crypto.ts";
export { mintToken, readToken, type TokenClaims } from "./token.ts";
export {
  canonicalParty,
  type IdentityToCheck,
  IdentityVerifier,
  type Signers,
} from "./verify-identity.ts";
