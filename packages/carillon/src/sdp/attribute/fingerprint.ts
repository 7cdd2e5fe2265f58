/** `a=fingerprint`: which certificate the other end will show. RFC 8122 §5. */
import { isHexDigits, isSdpToken } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** The hash of a certificate. RFC 8122 §5. */
export interface Fingerprint {
  /** Lower case: sha-256, or another. */
  readonly hash: string;
  /** Upper-case hexadecimal bytes between colons. */
  readonly value: string;
}

const HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ["sha-1", 20],
  ["sha-224", 28],
  ["sha-256", 32],
  ["sha-384", 48],
  ["sha-512", 64],
  ["md5", 16],
  ["md2", 16],
]);
const MAX_HASH_BYTES = 128;

/**
 * `a=fingerprint`: which certificate the other end will show. RFC 8122 §5. Lower-case digits,
 * which are met, are read too. Of a hash that is known the length has to be right: a short one
 * would let a part of it pass for the whole.
 *
 * `fingerprint-attribute = "fingerprint" ":" hash-func SP fingerprint`
 */
export const fingerprint: AttributeType<Fingerprint> = valueAttribute({
  name: "fingerprint",
  source: "RFC 8122 §5",
  expected: "a hash function and its bytes in hexadecimal, with colons",
  read: (text) => {
    const space = text.indexOf(" ");
    const hash = text.slice(0, Math.max(0, space)).toLowerCase();
    const value = text
      .slice(space + 1)
      .trim()
      .toUpperCase();
    const bytes = value.split(":", MAX_HASH_BYTES + 1);
    const wanted = HASH_BYTES.get(hash) ?? Math.min(bytes.length, MAX_HASH_BYTES);
    if (!isSdpToken(hash) || bytes.length !== wanted) return undefined;
    return bytes.every((byte) => byte.length === 2 && isHexDigits(byte))
      ? { hash, value }
      : undefined;
  },
  write: ({ hash, value }) => `${hash} ${value}`,
});

//= RFC 8122 §5
//# Implementations compliant with this specification MUST NOT use the MD2 and MD5 hash functions
//# to calculate fingerprints or to verify received fingerprints that have been calculated using
//# them.
/**
 * True if a certificate may be judged by it: not by MD5, MD2 or a hash that is not known.
 * RFC 8122 §5.
 */
export const isUsableFingerprint = ({ hash }: Fingerprint): boolean =>
  hash !== "md5" && hash !== "md2" && HASH_BYTES.has(hash);
