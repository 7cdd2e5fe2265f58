import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { fingerprint, isUsableFingerprint } from "./fingerprint.ts";

const SHA1 = "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";

test("RFC 8122 §5: hash and bytes, in whatever case", () => {
  expect(fingerprint.parse(`SHA-1 ${SHA1}`)).toEqual(ok({ hash: "sha-1", value: SHA1 }));
  expect(fingerprint.parse(`sha-1 ${SHA1.toLowerCase()}`)).toMatchObject({
    value: { value: SHA1 },
  });
});

test("the length is that of the hash: a part does not pass for the whole", () => {
  const short = SHA1.slice(0, -3);
  for (const text of [`sha-1 ${short}`, `sha-256 ${SHA1}`, `sha-1 ${SHA1}:00`, `x ${short}:`]) {
    expect([text, fingerprint.parse(text).ok]).toEqual([text, false]);
  }
  for (const text of ["", "sha-1", "sha-1 ", "x GG", "x A", "x AAA", `x ${"AA:".repeat(128)}AA`]) {
    expect([text, fingerprint.parse(text).ok]).toEqual([text, false]);
  }
  expect(fingerprint.parse("sha3-256 AA:BB").ok).toBe(true);
});

//= RFC 8122 §5
//# Implementations compliant with this specification MUST NOT use the MD2 and MD5 hash functions
//# to calculate fingerprints or to verify received fingerprints that have been calculated using
//# them.
test("RFC 8122 §5: MD5, MD2 and what nobody knows verify nothing", () => {
  const usable = ["sha-1", "sha-256", "sha-512", "md5", "md2", "__proto__"].filter((hash) =>
    isUsableFingerprint({ hash, value: "" }),
  );
  expect(usable).toEqual(["sha-1", "sha-256", "sha-512"]);
});

test("parse(format(x)) is x", () => {
  const any = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => ({
    hash: "sha-256",
    value: [...bytes].map((b) => b.toString(16).padStart(2, "0").toUpperCase()).join(":"),
  }));
  fc.assert(
    fc.property(any, (x) => {
      expect(fingerprint.parse(fingerprint.format(x))).toEqual(ok(x));
    }),
  );
});
