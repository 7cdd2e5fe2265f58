/** HMAC-SHA-256. RFC 2104; vectors of RFC 4231. */
import { sha256 } from "./sha256.ts";

const BLOCK_BYTES = 64;

/** The keyed hash of these bytes: 32 bytes. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  return sha256(joined(short, 0x5c, sha256(joined(short, 0x36, bytes))));
}

/** The key, filled up to a block and XORed with `pad`, then the bytes. */
function joined(key: Uint8Array, pad: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES + bytes.length).fill(pad, 0, BLOCK_BYTES);
  for (let i = 0; i < key.length; i++) out[i] = pad ^ key[i]!;
  out.set(bytes, BLOCK_BYTES);
  return out;
}
