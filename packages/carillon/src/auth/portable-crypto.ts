/** A `Crypto` made of the hashes of this folder, for worlds without synchronous ones. */
import type { Crypto } from "./crypto.ts";
import { hmacSha256 } from "./hmac.ts";
import { md5 } from "./md5.ts";
import { sha256 } from "./sha256.ts";
import { sha512_256 } from "./sha512-256.ts";

const HASHES = { MD5: md5, "SHA-256": sha256, "SHA-512-256": sha512_256 } as const;

/**
 * MD5, SHA-256, SHA-512/256 and HMAC in TypeScript, the same everywhere. `randomBytes` must be
 * unpredictable, such as `crypto.getRandomValues` of a browser.
 */
export function portableCrypto(randomBytes: (count: number) => Uint8Array): Crypto {
  return {
    hash: (algorithm, bytes) => HASHES[algorithm](bytes),
    hmac: hmacSha256,
    randomBytes,
  };
}
