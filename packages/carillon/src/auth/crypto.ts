/**
 * What the pure part needs from a world's cryptography, synchronous and injected: `node:crypto`
 * on Node, the functions in this folder in a browser (which has neither MD5 nor a synchronous
 * hash), a seeded stand-in in the simulator.
 */

/** Digest algorithms by their names on the wire. RFC 7616 §6.1, RFC 8760 §2.1. */
export type HashAlgorithm = "MD5" | "SHA-256" | "SHA-512-256";

/** A world's cryptography: `nodeCrypto` of `carillon/node`, `portableCrypto` anywhere. */
export interface Crypto {
  /** 16 bytes of MD5, 32 of the others. Throws nothing. */
  hash(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array;
  /** HMAC-SHA-256: 32 bytes. */
  hmac(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Unpredictable bytes. In the simulator they come from the seed, which fixes every id. */
  randomBytes(count: number): Uint8Array;
}
