/**
 * `carillon/auth`: who is asking. Digest (RFC 7616, RFC 8760) and Bearer (RFC 8898) from both
 * sides, nonces, tokens, and hashes for worlds that have no synchronous ones. Everything here is
 * pure; cryptography and randomness are injected as `Crypto`.
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
export { portableCrypto } from "./portable-crypto.ts";
export { mintToken, readToken, type TokenClaims } from "./token.ts";
