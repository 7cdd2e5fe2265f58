/**
 * The keyed hash of branches and tags in a page, which needs few of them: HMAC-SHA-256 cut short,
 * whose code is there anyway. See sip-hash.ts for where it is to be fast.
 */
import { toHex } from "../grammar/hex.ts";
import { type Octets, toBytes } from "../grammar/octets.ts";
import { hmacSha256 } from "./hmac.ts";

export class SipHash {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Its hash as 16 hexadecimal digits. */
  hex(octets: Octets): string {
    return toHex(hmacSha256(this.#key, toBytes(octets)).subarray(0, 8));
  }
}
