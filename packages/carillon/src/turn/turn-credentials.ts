/**
 * Credentials that end by themselves: the user name says when, and the password is a keyed hash of
 * it, so that a server needs a secret and no list of people. coturn calls it `use-auth-secret`
 * (draft-uberti-behave-turn-rest); the mechanism on the wire is RFC 8489 §9.2.
 */
import { toBase64url } from "../auth/base64url.ts";
import { fromText, type Octets, toBytes } from "../grammar/octets.ts";
import type { StunCrypto } from "./stun-integrity.ts";

/** What a page or a phone gives to its WebRTC: a name and a password for a while. */
export interface TurnCredentials {
  /** `expires:account`. */
  readonly username: string;
  /** base64 of HMAC-SHA-1 over the name. */
  readonly credential: string;
}

/** What a user name says. */
export interface TurnUser {
  /** Seconds since 1970: from then on there is nothing new for it. */
  readonly expiresSeconds: number;
  /** Whose it is, for quotas and the log; as octets. */
  readonly account: Octets;
}

/** By which the key is made of a password. RFC 8489 §18.5. */
export type PasswordAlgorithm = "MD5" | "SHA-256";

/** Longer names are nobody's. RFC 8489 §14.3 has 509 bytes. */
export const MAX_USERNAME_BYTES = 509;

/** Credentials for this account until then. `secret` is shared with the servers. */
export function turnCredentials(
  secret: Uint8Array,
  { expiresSeconds, account }: TurnUser,
  crypto: Pick<StunCrypto, "hmacSha1">,
): TurnCredentials {
  const username = `${Math.floor(expiresSeconds)}:${account}`;
  return { username, credential: turnPassword(secret, fromText(username), crypto) };
}

/** The password of a user name, which is as it is on the wire. */
export const turnPassword = (
  secret: Uint8Array,
  username: Octets,
  crypto: Pick<StunCrypto, "hmacSha1">,
): string => toBase64(crypto.hmacSha1(secret, toBytes(username)));

/** Reads a user name; undefined for what is no number, a colon and a name. */
export function readTurnUsername(username: Octets): TurnUser | undefined {
  const colon = username.indexOf(":");
  if (colon < 1 || colon > 15 || colon + 1 === username.length) return undefined;
  let expiresSeconds = 0;
  for (let i = 0; i < colon; i++) {
    const digit = username.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    expiresSeconds = expiresSeconds * 10 + digit;
  }
  return { expiresSeconds, account: username.slice(colon + 1) };
}

//= RFC 8489 §9.2.2
//# The 16-byte key is formed by taking the MD5 hash of the result of concatenating the following
//# five fields: (1) the username, with any quotes and trailing nulls removed, as taken from the
//# USERNAME attribute (in which case OpaqueString has already been applied); (2) a single colon;
//# (3) the realm, with any quotes and trailing nulls removed and after processing using
//# OpaqueString; (4) a single colon; and (5) the password, with any trailing nulls removed and
//# after processing using OpaqueString.
/** The key that proves a message. Realm and password are ASCII: OpaqueString leaves them alone. */
export function longTermKey(
  { username, realm, password }: { username: Octets; realm: string; password: string },
  algorithm: PasswordAlgorithm,
  crypto: Pick<StunCrypto, "hash">,
): Uint8Array {
  return crypto.hash(algorithm, toBytes(`${username}:${realm}:${password}`));
}

/** base64 with its padding, as coturn and browsers have it. RFC 4648 §4. */
function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}
