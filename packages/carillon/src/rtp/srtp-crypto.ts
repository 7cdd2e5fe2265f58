/** What SRTP needs of a world's cryptography, injected: `node:crypto` on Node. */

/** Ciphers, synchronous. The length of `key` says which AES it is: 16 or 32 octets. */
export interface SrtpCrypto {
  /** `bytes` with the key stream of AES in counter mode on it; `iv` is 16 octets. */
  aesCtr(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** The same, written to `to`, which is as long and may be `bytes` itself: saves a copy. */
  aesCtrTo?(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, to: Uint8Array): void;
  /** HMAC-SHA1 of all of these one after the other: 20 octets. */
  hmacSha1(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** The ciphertext with a tag of 16 octets behind it; `iv` is 12 octets. */
  aesGcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Undefined where the tag is not right. */
  aesGcmOpen(
    key: Uint8Array,
    iv: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
}
