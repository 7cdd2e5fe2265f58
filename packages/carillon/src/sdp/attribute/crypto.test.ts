import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { crypto, formatSrtpKey, isKeyOfSuite, parseSrtpKey, SRTP_SUITES } from "./crypto.ts";

test("RFC 4568 §7.1.5: two keys, a lifetime, an MKI, a parameter", () => {
  const key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
  const text = `1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4;inline:${key}|2^20|2:4 KDR=2`;
  const result = crypto.parse(text);
  expect(result).toMatchObject({
    value: { tag: 1, suite: "AES_CM_128_HMAC_SHA1_80", sessionParams: ["KDR=2"] },
  });
  const [first] = result.ok ? result.value.keys : [];
  const srtp = parseSrtpKey(first?.info ?? "");
  expect(srtp).toEqual({ keySalt: key, lifetime: "2^20", mki: { value: "1", lengthBytes: 4 } });
  expect(srtp && isKeyOfSuite("AES_CM_128_HMAC_SHA1_80", srtp)).toBe(true);
  expect(srtp && isKeyOfSuite("AES_256_CM_HMAC_SHA1_80", srtp)).toBe(false);
  expect(srtp && isKeyOfSuite("__proto__", srtp)).toBe(false);
});

test("RFC 4568 §6.1: the parts of a key", () => {
  expect(parseSrtpKey("abcd")).toEqual({ keySalt: "abcd", lifetime: undefined, mki: undefined });
  expect(parseSrtpKey("abcd|1:4")).toMatchObject({ lifetime: undefined, mki: { lengthBytes: 4 } });
  expect(parseSrtpKey("abcd|1000")).toMatchObject({ lifetime: "1000" });
  for (const text of [
    "",
    "|",
    "a b",
    "abcd|x",
    "abcd|1:129",
    "abcd|1:0",
    "abcd|1|2|3",
    "abcd|x:1",
  ]) {
    expect([text, parseSrtpKey(text)]).toEqual([text, undefined]);
  }
});

test("keys have the length of their suites", () => {
  for (const [suite, octets] of SRTP_SUITES) {
    for (const padded of [true, false]) {
      const base64 = Buffer.alloc(octets, 7).toString("base64");
      const keySalt = padded ? base64 : base64.replaceAll("=", "");
      expect(isKeyOfSuite(suite, { keySalt, lifetime: undefined, mki: undefined })).toBe(true);
    }
  }
});

test("refused", () => {
  const texts = ["", "1", "1 X", "x X inline:a", "1234567890 X inline:a", "1 X-Y inline:a"];
  for (const text of [
    ...texts,
    "1 X inline",
    "1 X inline:",
    "1 X :a",
    "1 X inline:a;",
    "01 X inline:a",
  ]) {
    expect([text, crypto.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const name = fc.stringMatching(/^[A-Z0-9_]{1,12}$/);
  const any = fc.record({
    tag: fc.nat(999_999_999),
    suite: name,
    keys: fc.array(
      fc.record({ method: fc.constant("inline"), info: fc.stringMatching(/^[!-:<-~]{1,20}$/) }),
      { minLength: 1, maxLength: 4 },
    ),
    sessionParams: fc.array(fc.stringMatching(/^[!-~]{1,9}$/), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(crypto.parse(crypto.format(x))).toEqual(ok(x));
    }),
  );
  const key = fc.record({
    keySalt: fc.stringMatching(/^[A-Za-z0-9+/]{1,40}={0,2}$/),
    lifetime: fc.option(fc.constantFrom("2^20", "1000"), { nil: undefined }),
    mki: fc.option(
      fc.record({ value: fc.nat().map(String), lengthBytes: fc.integer({ min: 1, max: 128 }) }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(key, (x) => {
      expect(ok(parseSrtpKey(formatSrtpKey(x)))).toEqual(ok(x));
    }),
  );
});
