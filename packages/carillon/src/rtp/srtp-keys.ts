/** The keys of a session from the one that was agreed on. RFC 3711 §4.3; RFC 7714 §11. */
import type { SrtpCrypto } from "./srtp-crypto.ts";

/** A crypto suite of SDES. Sizes are in octets. RFC 4568 §6.2, RFC 6188, RFC 7714 */
export interface SrtpSuite {
  /** As `a=crypto` has it. */
  readonly name: string;
  /** Of the master key. */
  readonly keyBytes: number;
  /** Of the master salt, which follows the key. */
  readonly saltBytes: number;
  /** How much longer authentication makes a packet of RTP… */
  readonly tagBytes: number;
  /** …and one of RTCP, beside the index of four octets. */
  readonly rtcpTagBytes: number;
  /** AES in GCM, which encrypts and authenticates at once; else counter mode with HMAC-SHA1. */
  readonly isAead: boolean;
}

const AES_CM = { keyBytes: 16, saltBytes: 14, isAead: false };
const AEAD = { saltBytes: 12, tagBytes: 16, rtcpTagBytes: 16, isAead: true };

/**
 * All that are known here, best first. The short tag is of RTP alone: RFC 3711 §5.2 has 80 bits
 * for RTCP.
 */
export const SRTP_SUITE_LIST: readonly SrtpSuite[] = [
  { name: "AEAD_AES_256_GCM", keyBytes: 32, ...AEAD },
  { name: "AEAD_AES_128_GCM", keyBytes: 16, ...AEAD },
  { name: "AES_256_CM_HMAC_SHA1_80", ...AES_CM, keyBytes: 32, tagBytes: 10, rtcpTagBytes: 10 },
  { name: "AES_CM_128_HMAC_SHA1_80", ...AES_CM, tagBytes: 10, rtcpTagBytes: 10 },
  { name: "AES_CM_128_HMAC_SHA1_32", ...AES_CM, tagBytes: 4, rtcpTagBytes: 10 },
];

export interface SessionKeys {
  readonly cipher: Uint8Array;
  readonly auth: Uint8Array;
  readonly salt: Uint8Array;
}

const AUTH_BYTES = 20;
const [RTP_LABEL, RTCP_LABEL] = [0, 3] as const;

/** The keys for RTP, or for RTCP. `master` is key and salt together, as long as the suite says. */
export function sessionKeys(
  crypto: SrtpCrypto,
  suite: SrtpSuite,
  master: Uint8Array,
  of: "rtp" | "rtcp",
): SessionKeys {
  const { keyBytes, saltBytes } = suite;
  if (master.length !== keyBytes + saltBytes) throw new RangeError("a key of another suite");
  const key = master.subarray(0, keyBytes);
  const salt = master.subarray(keyBytes);
  const label = of === "rtp" ? RTP_LABEL : RTCP_LABEL;
  return {
    cipher: derived(crypto, key, salt, label, keyBytes),
    auth: derived(crypto, key, salt, label + 1, AUTH_BYTES),
    salt: derived(crypto, key, salt, label + 2, saltBytes),
  };
}

//= RFC 3711 §4.3.1
//# Regardless of the encryption or message authentication transform that is employed (it may be an
//# SRTP pre-defined transform or newly introduced according to Section 6), interoperable SRTP
//# implementations MUST use the SRTP key derivation to generate session keys.
/** The key derivation rate is zero: the index takes no part. */
export function derived(
  crypto: SrtpCrypto,
  key: Uint8Array,
  salt: Uint8Array,
  label: number,
  bytes: number,
): Uint8Array {
  const input = new Uint8Array(16);
  input.set(salt);
  input[7]! ^= label;
  return crypto.aesCtr(key, input, new Uint8Array(bytes));
}
