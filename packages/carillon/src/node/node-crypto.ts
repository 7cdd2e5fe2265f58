/**
 * `node:crypto` behind the library's interface.
 *
 * What is hashed here is short, so that most of the time goes into crossing over and into objects:
 * hence hashes in one call, results as text (bytes of their own would be an ArrayBuffer each, which
 * the garbage collector has to look after), and random bytes from a store.
 */
import { hash, randomFillSync } from "node:crypto";
import type { Crypto, HashAlgorithm } from "../auth/crypto.ts";

const NAMES: Readonly<Record<HashAlgorithm, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};

/** Hashes, HMACs and random octets by `node:crypto`, for endpoints and phones. */
export function nodeCrypto(): Crypto {
  const hmacs = new WeakMap<Uint8Array, Hmac>();
  const random = new RandomStore();
  return {
    hash: (algorithm, bytes) => Buffer.from(hash(NAMES[algorithm], bytes, "latin1"), "latin1"),
    hmac: (key, bytes) => {
      const known = hmacs.get(key);
      const hmac = known?.isOf(key) ? known : new Hmac(key);
      if (hmac !== known) hmacs.set(key, hmac);
      return hmac.of(bytes);
    },
    randomBytes: (count) => random.take(count),
  };
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** What is signed is shorter as a rule; anything else gets room of its own. */
const USUAL_BYTES = 512;

/** HMAC-SHA-256 with one key, which is laid out once. RFC 2104. */
class Hmac {
  readonly #key: Buffer;
  readonly #inner = Buffer.alloc(BLOCK_BYTES + USUAL_BYTES);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key);
    const short = key.length > BLOCK_BYTES ? Buffer.from(sha256(key), "latin1") : key;
    for (let i = 0; i < BLOCK_BYTES; i++) {
      this.#inner[i] = (short[i] ?? 0) ^ 0x36;
      this.#outer[i] = (short[i] ?? 0) ^ 0x5c;
    }
  }

  /** False once the key's bytes are others. */
  isOf(key: Uint8Array): boolean {
    return this.#key.equals(key);
  }

  of(bytes: Uint8Array): Uint8Array {
    this.#outer.write(sha256(this.#innerWith(bytes)), BLOCK_BYTES, "latin1");
    return Buffer.from(sha256(this.#outer), "latin1");
  }

  #innerWith(bytes: Uint8Array): Uint8Array {
    if (bytes.length > USUAL_BYTES) {
      return Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES), bytes]);
    }
    this.#inner.set(bytes, BLOCK_BYTES);
    return this.#inner.subarray(0, BLOCK_BYTES + bytes.length);
  }
}

const sha256 = (bytes: Uint8Array): string => hash("sha256", bytes, "latin1");

const STORED_BYTES = 4096;

/** Random bytes, drawn many at a time. What was given away is not kept. */
class RandomStore {
  readonly #bytes = Buffer.alloc(STORED_BYTES);
  #used = STORED_BYTES;

  take(count: number): Uint8Array {
    if (count > STORED_BYTES / 8) return randomFillSync(new Uint8Array(count));
    if (this.#used + count > STORED_BYTES) {
      randomFillSync(this.#bytes);
      this.#used = 0;
    }
    const taken = Uint8Array.from(this.#bytes.subarray(this.#used, this.#used + count));
    this.#bytes.fill(0, this.#used, this.#used + count);
    this.#used += count;
    return taken;
  }
}
