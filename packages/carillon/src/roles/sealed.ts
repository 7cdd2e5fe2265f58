/**
 * Names that only this server can read: what is said is sealed under a key stream of our key and a
 * distinguisher, with a proof over both. Nothing is kept, and no two of them look alike.
 *
 * `base64url(distinguisher sealed proof)`
 */
import { fromBase64url, toBase64url } from "../auth/base64url.ts";
import { equal } from "../auth/constant-time.ts";
import type { Crypto } from "../auth/crypto.ts";
import { type Octets, toBytes } from "../grammar/octets.ts";

const DISTINGUISHER_BYTES = 10;
const PROOF_BYTES = 10;

/** What a sealer is made with. */
export interface SealerOptions {
  /** Needed for `hmac` and `randomBytes`. */
  readonly crypto: Crypto;
  /** With another, all that was sealed is void. */
  readonly key: Uint8Array;
  /** For this domain alone, should several have one key. */
  readonly domain: string;
}

export class Sealer {
  readonly #crypto: Crypto;
  readonly #domain: Uint8Array;
  readonly #sealing: Uint8Array;
  readonly #proving: Uint8Array;

  /** `purpose` tells what is sealed from all else that is sealed by one key. */
  constructor({ crypto, key, domain }: SealerOptions, purpose: string) {
    this.#crypto = crypto;
    this.#domain = toBytes(domain);
    this.#sealing = crypto.hmac(key, toBytes(`${purpose}: sealing`));
    this.#proving = crypto.hmac(key, toBytes(`${purpose}: proving`));
  }

  /** Another name each time. At most 8,160 bytes. */
  seal(plain: Uint8Array): Octets {
    const distinguisher = this.#crypto.randomBytes(DISTINGUISHER_BYTES);
    const front = joined(distinguisher, this.#streamed(plain, distinguisher));
    return toBase64url(joined(front, this.#proof(front)));
  }

  /** What such a name says; undefined where nobody here made it. */
  open(text: Octets): Uint8Array | undefined {
    const bytes = fromBase64url(text);
    if (!bytes || bytes.length < DISTINGUISHER_BYTES + PROOF_BYTES) return undefined;
    const front = bytes.subarray(0, -PROOF_BYTES);
    if (!equal(bytes.subarray(-PROOF_BYTES), this.#proof(front))) return undefined;
    const distinguisher = front.subarray(0, DISTINGUISHER_BYTES);
    return this.#streamed(front.subarray(DISTINGUISHER_BYTES), distinguisher);
  }

  /** A key stream over it: what seals opens, too. */
  #streamed(bytes: Uint8Array, distinguisher: Uint8Array): Uint8Array {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += 32) {
      const counter = Uint8Array.of(at / 32);
      const stream = this.#crypto.hmac(this.#sealing, joined(distinguisher, counter));
      const end = Math.min(bytes.length, at + 32);
      for (let i = at; i < end; i++) out[i] = (bytes[i] ?? 0) ^ (stream[i - at] ?? 0);
    }
    return out;
  }

  #proof(front: Uint8Array): Uint8Array {
    return this.#crypto.hmac(this.#proving, joined(front, this.#domain)).subarray(0, PROOF_BYTES);
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

/** Room for a name of 64 octets, so that how long names are does not show. */
const NAME_BLOCK = 65;
/** Names are counted in one octet. */
const MAX_NAME = 255;

/** A name and what follows it, as what is sealed; undefined where the name is too long. */
export function withName(name: Uint8Array, rest: Uint8Array): Uint8Array | undefined {
  if (name.length > MAX_NAME) return undefined;
  const room = Math.ceil((name.length + 1) / NAME_BLOCK) * NAME_BLOCK;
  const plain = new Uint8Array(room + rest.length);
  plain[0] = name.length;
  plain.set(name, 1);
  plain.set(rest, room);
  return plain;
}

/** Both again, where so many bytes follow the name. */
export function readNamed(
  plain: Uint8Array,
  restBytes: number,
): { readonly name: Uint8Array; readonly rest: Uint8Array } | undefined {
  const room = plain.length - restBytes;
  if (room < NAME_BLOCK || room % NAME_BLOCK !== 0) return undefined;
  return { name: plain.subarray(1, 1 + (plain[0] ?? 0)), rest: plain.subarray(room) };
}
