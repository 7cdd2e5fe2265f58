/**
 * Random secrets in letters that survive being read aloud or typed on a desk phone, and the
 * fingerprints under which they are stored.
 */
import { createHash, randomBytes } from "node:crypto";

/** Crockford's idea: no i, l, o, u, so nothing is mistaken for 1 or 0. 32 letters, 5 bits each. */
const letters = "0123456789abcdefghjkmnpqrstvwxyz";

/** A random secret of at least this many bits. */
export function newSecret(bits: number): string {
  const bytes = randomBytes(Math.ceil(bits / 5));
  // 256 is a multiple of 32, so every letter is equally likely.
  return Array.from(bytes, (byte) => letters[byte & 31]).join("");
}

/**
 * What is stored in place of a secret. One round of SHA-256 is enough here and only here: the
 * secrets are random, not chosen by people, so there is nothing to guess faster.
 */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
