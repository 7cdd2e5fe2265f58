/** The hash algorithms of digest by the names they have on the wire. RFC 8760 §2.7. */
import type { HashAlgorithm } from "./crypto.ts";

/**
 * The algorithm a challenge or credentials name, or undefined for one that is not understood, or
 * that is a `-sess` one.
 */
export function hashAlgorithm(name: string): HashAlgorithm | undefined {
  if (name === "MD5" || name === "SHA-256" || name === "SHA-512-256") return name;
  const upper = name.toUpperCase();
  return upper === name ? undefined : hashAlgorithm(upper);
}

/**
 * The hash of `MD5-sess`, `SHA-256-sess` or `SHA-512-256-sess`, or undefined. Our clients answer
 * them. Our servers do not offer them: they are for servers that leave the check to a third party
 * (RFC 7616 §3.4.2), and ours keep HA1 themselves.
 */
export function sessionAlgorithm(name: string): HashAlgorithm | undefined {
  const end = name.length - "-sess".length;
  return name.slice(end).toLowerCase() === "-sess" ? hashAlgorithm(name.slice(0, end)) : undefined;
}

/**
 * Whether `algorithm` is weaker than `minimum`. SHA-256 and SHA-512-256 count as equally strong:
 * both give 256 bits, and RFC 7616 §3.7 calls the second a backup of the first.
 */
export function isWeaker(algorithm: HashAlgorithm, minimum: HashAlgorithm): boolean {
  return algorithm === "MD5" && minimum !== "MD5";
}
