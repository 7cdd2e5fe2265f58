/**
 * Nonces that are issued without keeping anything: a nonce carries the time, the boot and the node
 * that made it, and proof of our key over these, the realm and the source address. A flood of
 * requests without credentials costs no memory. RFC 7616 §3.3 (nonce), §5.4.
 *
 * `NODE "." time boot random origin proof`, each part in base64url by itself
 *
 * `proof` covers the source and the text in front of it, `origin` only the text in front: a nonce
 * of ours that comes from another address can be told from one that somebody made up, and a phone
 * whose address changed is asked again with stale=true and not taken for a guesser. Nothing in a
 * fresh nonce can be changed, so one nonce is one text and `NonceWindow` can go by the text.
 */
import { type Octets, toBytes } from "../grammar/octets.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { equalText } from "./constant-time.ts";
import type { Crypto } from "./crypto.ts";

/** Five minutes: long enough for a call's set-up and short enough to be worth little to a thief. */
export const NONCE_LIFE_MS = 300_000;

/** Who makes nonces and knows them again: one for each realm of a node. */
export interface NonceIssuer {
  /** Needed for `hmac` and `randomBytes`. */
  readonly crypto: Crypto;
  /** Kept over restarts and shared by the nodes of a cluster. */
  readonly key: Uint8Array;
  /** This node's id: 1 to 32 characters of A-Z, a-z, 0-9, "-" and "_". */
  readonly node: string;
  /** Six random bytes, made anew at every start. */
  readonly boot: Uint8Array;
  /** Signed with the nonce: one of another realm is forged here. */
  readonly realm: Octets;
}

/**
 * - `Fresh`: ours, of this boot, for this source, not too old. Whether its count was used before
 *   is for `NonceWindow` to say, once the response is right.
 * - `Stale`: ours, but too old or for somewhere else. Challenge again with stale=true.
 * - `Forged`: not ours. Challenge again, without stale.
 */
export type NonceCheck = "Fresh" | "Stale" | "Forged";

/**
 * Where the parts start, in characters behind the dot. All but the last are whole groups of three
 * bytes, so that each is read without the others: 6, 6, 3, 3 and 16 bytes.
 */
const BOOT_AT = 8;
const RANDOM_AT = 16;
const ORIGIN_AT = 20;
const PROOF_AT = 24;
const END = 46;
const MAX_NODE = 32;

//= RFC 7616 §3.3
//# A server-specified string which should be uniquely generated each time a 401 response is made.
/**
 * A nonce for whoever is at `source`, which should be the address without the port: a phone behind
 * a NAT or on a new connection keeps the one and not the other. `now` is milliseconds since 1970.
 * Throws a RangeError on a node or a boot that is not as `NonceIssuer` has it.
 */
export function issueNonce(issuer: NonceIssuer, source: string, now: number): Octets {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(issuer.node)) throw new RangeError("not a node id");
  if (issuer.boot.length !== 6) throw new RangeError("boot has to be 6 bytes");
  const random = toBase64url(issuer.crypto.randomBytes(3));
  const body = `${issuer.node}.${formatTime(now)}${toBase64url(issuer.boot)}${random}`;
  const front = body + origin(issuer, body);
  return front + proof(issuer, front, source);
}

/**
 * Judges a nonce that came back from `source`, the address without the port. It is any octets at
 * all. `now` is milliseconds since 1970.
 */
export function checkNonce(
  issuer: NonceIssuer,
  nonce: Octets,
  source: string,
  now: number,
): NonceCheck {
  const start = bodyStart(nonce);
  if (start === undefined) return "Forged";
  const front = nonce.slice(0, start + PROOF_AT);
  if (!equalText(nonce.slice(start + PROOF_AT), proof(issuer, front, source))) {
    const expected = origin(issuer, nonce.slice(0, start + ORIGIN_AT));
    return equalText(nonce.slice(start + ORIGIN_AT, start + PROOF_AT), expected)
      ? "Stale"
      : "Forged";
  }
  const sameNode = nonce.slice(0, start - 1) === issuer.node;
  const sameBoot = nonce.slice(start + BOOT_AT, start + RANDOM_AT) === toBase64url(issuer.boot);
  const ageMs = now - readTime(nonce, start);
  return sameNode && sameBoot && ageMs > -1000 && ageMs < NONCE_LIFE_MS ? "Fresh" : "Stale";
}

/** When a nonce was issued, milliseconds since 1970; undefined if it cannot be one of ours. */
export function nonceIssuedAt(nonce: Octets): number | undefined {
  const start = bodyStart(nonce);
  return start === undefined ? undefined : readTime(nonce, start);
}

/** Where the time starts; undefined if this has not the form of a nonce of ours. */
function bodyStart(nonce: Octets): number | undefined {
  const start = nonce.length - END;
  if (start < 2 || start > MAX_NODE + 1) return undefined;
  return nonce.charCodeAt(start - 1) === 0x2e ? start : undefined;
}

function proof(issuer: NonceIssuer, front: Octets, source: string): string {
  return mac(issuer, `carillon nonce\0${front}\0${issuer.realm}\0${source}`, 16);
}

function origin(issuer: NonceIssuer, body: Octets): string {
  return mac(issuer, `carillon nonce origin\0${body}\0${issuer.realm}`, 3);
}

/** The label in front keeps what this key signs here apart from what it signs elsewhere. */
function mac(issuer: NonceIssuer, octets: Octets, bytes: number): string {
  return toBase64url(issuer.crypto.hmac(issuer.key, toBytes(octets)).subarray(0, bytes));
}

function formatTime(now: number): string {
  const view = new DataView(new ArrayBuffer(6));
  // Both take what fits and drop the rest, a fraction and the upper bits.
  view.setUint16(0, now / 2 ** 32);
  view.setUint32(2, now);
  return toBase64url(new Uint8Array(view.buffer));
}

/** 1970 for what is not base64url, which no key of ours has signed. */
function readTime(nonce: Octets, start: number): number {
  const bytes = fromBase64url(nonce.slice(start, start + BOOT_AT)) ?? new Uint8Array();
  return bytes.reduce((time, byte) => time * 256 + byte, 0);
}
