/**
 * Nonces of a TURN server, of which nothing is kept: each says when it was made, and proves with a
 * keyed hash for whom. RFC 8489 §9.2, RFC 8656 §5.
 *
 * `"obMatJos2" features time proof`, the last two in base64url
 */
import { fromBase64url, toBase64url } from "../auth/base64url.ts";
import { equal } from "../auth/constant-time.ts";
import { fromText, type Octets, toBytes } from "../grammar/octets.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import type { StunCrypto } from "./stun-integrity.ts";
import { putU32, u32At } from "./stun-message.ts";

//= RFC 8656 §5
//# For each Allocate request, the server SHOULD generate a new random nonce when the allocation is
//# first attempted following the randomness recommendations in [RFC4086] and SHOULD expire the
//# nonce at least once every hour during the lifetime of the allocation.
const LIFE_SECONDS = 3600;

//= RFC 8489 §9.2.4
//# If the server adds a PASSWORD-ALGORITHMS attribute, it MUST set the STUN Security Feature
//# "Password algorithms" bit to 1.
/** The cookie with the bit "Password algorithms", the first of 24. RFC 8489 §9.2, §18.1. */
const COOKIE = "obMatJos2gAAA";
const PROOF_BYTES = 12;

/** What makes nonces and knows them again. */
export interface TurnNonces {
  /** For HMACs. */
  readonly crypto: StunCrypto;
  /** Random, and this server's alone. */
  readonly key: Uint8Array;
}

//= RFC 8489 §9.2.4
//# The server MUST NOT choose the same NONCE for two requests unless they have the same source IP
//# address and port.
/** A nonce for who is there. `nowSeconds` since 1970. */
export function turnNonce(nonces: TurnNonces, source: Address, nowSeconds: number): string {
  const time = new Uint8Array(4);
  putU32(time, 0, nowSeconds);
  return COOKIE + toBase64url(concat(time, proof(nonces, time, source)));
}

/** Whether a nonce is ours, for whoever is there, and not too old. */
export function isFreshNonce(
  nonces: TurnNonces,
  nonce: Octets,
  source: Address,
  nowSeconds: number,
): boolean {
  if (!nonce.startsWith(COOKIE)) return false;
  const bytes = fromBase64url(nonce.slice(COOKIE.length));
  if (bytes?.length !== 4 + PROOF_BYTES) return false;
  const age = nowSeconds - u32At(bytes, 0);
  if (age < 0 || age > LIFE_SECONDS) return false;
  return equal(bytes.subarray(4), proof(nonces, bytes.subarray(0, 4), source));
}

const proof = ({ crypto, key }: TurnNonces, time: Uint8Array, source: Address): Uint8Array =>
  crypto.hmac(key, concat(time, toBytes(fromText(formatAddress(source))))).subarray(0, PROOF_BYTES);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
