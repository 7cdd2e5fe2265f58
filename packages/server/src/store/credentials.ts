/**
 * The password of a phone and what is stored of it: HA1 per algorithm, RFC 7616 §3.4.2.
 */
import { createHash } from "node:crypto";
import { newSecret } from "./secret.ts";

export interface Credentials {
  readonly username: string;
  /** Lower-case hexadecimal. MD5 is there for desk phones only: most of them know nothing else. */
  readonly ha1: {
    readonly MD5?: string;
    readonly "SHA-256": string;
    readonly "SHA-512-256": string;
  };
}

/**
 * 100 random bits in 20 letters: short enough for a desk phone's keys, too long to guess. Never
 * with `0x` in front, which some programs (SIPp) take for a number and sign in with something else.
 */
export function newPassword(draw: (bits: number) => string = newSecret): string {
  const password = draw(100);
  return password.startsWith("0x") ? newPassword(draw) : password;
}

export function credentialsFor(
  username: string,
  password: string,
  options: { readonly realm: string; readonly deskPhone: boolean },
): Credentials {
  const ha1 = (hash: string): string =>
    createHash(hash).update(`${username}:${options.realm}:${password}`).digest("hex");
  const sha = { "SHA-256": ha1("sha256"), "SHA-512-256": ha1("sha512-256") };
  return { username, ha1: options.deskPhone ? { ...sha, MD5: ha1("md5") } : sha };
}
