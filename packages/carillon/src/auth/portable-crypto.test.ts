import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { toHex } from "../grammar/hex.ts";
import { toBytes } from "../grammar/octets.ts";
import type { HashAlgorithm } from "./crypto.ts";
import { portableCrypto } from "./portable-crypto.ts";

const portable = portableCrypto((count) => new Uint8Array(count).fill(7));
const bytes = toBytes("Mufasa:http-auth@example.org:Circle of Life");

test.each<[HashAlgorithm, string]>([
  ["MD5", "md5"],
  ["SHA-256", "sha256"],
  ["SHA-512-256", "sha512-256"],
])("%s is what node:crypto calls %s", (algorithm, name) => {
  expect(toHex(portable.hash(algorithm, bytes))).toBe(createHash(name).update(bytes).digest("hex"));
});

test("hmac is HMAC-SHA-256, and randomness is the one that was given", () => {
  const key = toBytes("key");
  const expected = createHmac("sha256", key).update(bytes).digest("hex");
  expect(toHex(portable.hmac(key, bytes))).toBe(expected);
  expect(portable.randomBytes(3)).toEqual(Uint8Array.of(7, 7, 7));
});
