/** Which algorithms a challenge offers, from what the request itself shows. RFC 8760 §2.3. */
import type { HashAlgorithm } from "../auth/crypto.ts";

/**
 * Programs that give up when any challenge (baresip), or the first one (the others), names an
 * algorithm that they do not know, where RFC 8760 §2.4 has them go on to the next. Each with what
 * it says then; docs/decisions.md has the evidence.
 */
const STUMBLE_OVER_SEVERAL: readonly RegExp[] = [
  // "Register: Function not implemented". Those from 3.12 on know SHA-256, still not SHA-512-256.
  /^baresip\b/i,
  // "createAuthHeader: authentication must use MD5 or AKAv1-MD5". Its User-Agent is the scenario's.
  /^sipp\b/i,
  // "error: unsupported authentication algorithm".
  /^sipsak\b/i,
  // `uac` of 5.6, when it registers: "parse_authenticate_body(): unsupported algorithm".
  /^kamailio\b/i,
];

/**
 * The most preferred first. MD5 only where desk phones are, and then alone for a program known to
 * stumble over several. It depends on nothing that differs between accounts, so that a challenge
 * does not tell who lives here; and who claims to be such a program gets nothing but an offer that
 * is made to everybody.
 */
export function offeredAlgorithms(
  hasDeskPhones: boolean,
  userAgent: string | undefined,
): readonly HashAlgorithm[] {
  if (!hasDeskPhones) return ["SHA-512-256", "SHA-256"];
  const stumbles = STUMBLE_OVER_SEVERAL.some((one) => one.test(userAgent ?? ""));
  return stumbles ? ["MD5"] : ["SHA-512-256", "SHA-256", "MD5"];
}
