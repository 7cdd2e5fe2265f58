/** `node:crypto` behind the library's interface. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Crypto, HashAlgorithm } from "../auth/crypto.ts";

const NAMES: Readonly<Record<HashAlgorithm, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};

export function nodeCrypto(): Crypto {
  return {
    hash: (algorithm, bytes) => createHash(NAMES[algorithm]).update(bytes).digest(),
    hmac: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
    randomBytes: (count) => randomBytes(count),
  };
}
