import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hmacSha256 } from "../auth/hmac.ts";
import { nodeCrypto } from "./node-crypto.ts";

const crypto = nodeCrypto();
const bytes = fc.uint8Array({ maxLength: 2000, size: "max" });

test("hashes are those of node:crypto, for any bytes", () => {
  const names = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" } as const;
  for (const algorithm of ["MD5", "SHA-256", "SHA-512-256"] as const) {
    fc.assert(
      fc.property(bytes, (some) => {
        const expected = createHash(names[algorithm]).update(some).digest("hex");
        expect(Buffer.from(crypto.hash(algorithm, some)).toString("hex")).toBe(expected);
      }),
    );
  }
});

test("RFC 2104: signed as by node:crypto and as by our own, with any key, for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes, (key, some) => {
      const signed = Buffer.from(crypto.hmac(key, some));
      expect(signed).toEqual(createHmac("sha256", key).update(some).digest());
      expect(signed).toEqual(Buffer.from(hmacSha256(key, some)));
    }),
  );
});

test("a key whose bytes change signs as what it is now", () => {
  const key = new Uint8Array(32).fill(1);
  const before = crypto.hmac(key, Uint8Array.of(1));
  key.fill(2);
  const after = crypto.hmac(key, Uint8Array.of(1));
  expect(Buffer.from(after)).toEqual(createHmac("sha256", key).update(Uint8Array.of(1)).digest());
  expect(after).not.toEqual(before);
});

test("random bytes are as many as asked for, never the same, and nobody else's to change", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 5000; i++) {
    const drawn = crypto.randomBytes(8);
    expect(drawn.length).toBe(8);
    seen.add(Buffer.from(drawn).toString("hex"));
    drawn.fill(0);
  }
  expect(seen.size).toBe(5000);
  expect(crypto.randomBytes(0).length).toBe(0);
  expect(crypto.randomBytes(10_000).filter((byte) => byte === 0).length).toBeLessThan(200);
});
