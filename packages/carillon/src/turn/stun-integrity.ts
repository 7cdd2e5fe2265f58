/** MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256. RFC 8489 §14.5, §14.6. */
import { equal } from "../auth/constant-time.ts";
import type { Crypto } from "../auth/crypto.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { putU16, STUN_HEADER_BYTES, type StunMessage, withAttribute } from "./stun-message.ts";

/** What STUN needs of a world's cryptography, beside what SIP does. Synchronous. */
export interface StunCrypto extends Pick<Crypto, "hash" | "hmac" | "randomBytes"> {
  /** HMAC-SHA-1: 20 bytes. RFC 2104. */
  hmacSha1(key: Uint8Array, bytes: Uint8Array): Uint8Array;
}

/** By which of the two a message is proved. */
export type Integrity = "SHA-1" | "SHA-256";

/** The message with the proof of who knows the key. What is behind it is not proved. */
export function withIntegrity(
  bytes: Uint8Array,
  key: Uint8Array,
  integrity: Integrity,
  crypto: StunCrypto,
): Uint8Array {
  const { MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256 } = attributeTypes;
  const type = integrity === "SHA-1" ? MESSAGE_INTEGRITY : MESSAGE_INTEGRITY_SHA256;
  return withAttribute(bytes, type, proof(bytes, bytes.length, key, integrity, crypto));
}

/** By what a message is proved, the stronger one first; undefined for one without proof. */
export function integrityOf(message: StunMessage): Integrity | undefined {
  if (message.integritySha256At !== undefined) return "SHA-256";
  return message.integrityAt === undefined ? undefined : "SHA-1";
}

/** Whether whoever sent the message knows the key; false where there is no proof at all. */
export function isProved(message: StunMessage, key: Uint8Array, crypto: StunCrypto): boolean {
  const integrity = integrityOf(message);
  const at = message.integritySha256At ?? message.integrityAt;
  if (integrity === undefined || at === undefined) return false;
  const expected = proof(message.bytes, at, key, integrity, crypto);
  return equal(expected, message.bytes.subarray(at + 4, at + 4 + expected.length));
}

/** What the attribute that begins at `at` has to say. */
function proof(
  bytes: Uint8Array,
  at: number,
  key: Uint8Array,
  integrity: Integrity,
  crypto: StunCrypto,
): Uint8Array {
  const covered = bytes.slice(0, at);
  const size = integrity === "SHA-1" ? 20 : 32;
  //= RFC 8489 §14.5
  //# Similarly, when validating the MESSAGE-INTEGRITY, the Length field in the STUN header must be
  //# adjusted to point to the end of the MESSAGE-INTEGRITY attribute prior to calculating the HMAC
  //# over the STUN message, up to and including the attribute preceding the MESSAGE-INTEGRITY
  //# attribute.
  putU16(covered, 2, at + 4 + size - STUN_HEADER_BYTES);
  return integrity === "SHA-1" ? crypto.hmacSha1(key, covered) : crypto.hmac(key, covered);
}
