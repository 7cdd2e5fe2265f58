import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBytes, toBytes } from "../grammar/octets.ts";
import { toBase64url } from "./base64url.ts";
import { formatCredentials } from "./credentials.ts";
import { portableCrypto } from "./portable-crypto.ts";
import { mintToken, readToken } from "./token.ts";

const crypto = portableCrypto((count) => new Uint8Array(count));
const key = toBytes("0123456789abcdef0123456789abcdef");
const garbage = fc.uint8Array({ maxLength: 100, size: "max" }).map((bytes) => fromBytes(bytes));
const NOW = 1_790_000_000_000;
const claims = { account: "anna-muller", session: "s-7f3a", expiresAt: NOW + 300_000 };

const outcome = (token: string, now = NOW, with_ = key) => {
  const read = readToken(crypto, with_, token, now);
  return read.ok ? "read" : `${read.error.status} ${read.error.code}`;
};

test("a token says what was put into it until it expires", () => {
  const token = mintToken(crypto, key, claims);
  expect(readToken(crypto, key, token, NOW)).toEqual({ ok: true, value: claims });
  expect(outcome(token, claims.expiresAt - 1)).toBe("read");
});

test("RFC 8898 §2.2: an expired token is a 401", () => {
  //= RFC 8898 §2.2
  //# If the token provided is an expired access token, then the UAS/registrar MUST reply with a 401
  //# (Unauthorized) response
  expect(outcome(mintToken(crypto, key, claims), claims.expiresAt)).toBe("401 token-expired");
});

test("RFC 8898 §2.2: a token that is not ours is a 401", () => {
  //= RFC 8898 §2.2
  //# the UAS/registrar MUST validate the access token using the procedures associated with the type
  //# of access token (structured or reference) used
  //= RFC 8898 §2.2
  //# If the validation fails, the UAS/registrar MUST reply with a 401 (Unauthorized) response.
  const token = mintToken(crypto, key, claims);
  expect(outcome(token, NOW, toBytes("another key"))).toBe("401 token-forged");
  expect(outcome("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")).toBe("401 token-forged");
});

test("with any character changed it is refused", () => {
  const token = mintToken(crypto, key, claims);
  for (let i = 0; i < token.length; i++) {
    for (const character of "Ab0-_.=") {
      if (token[i] === character) continue;
      const changed = token.slice(0, i) + character + token.slice(i + 1);
      expect(outcome(changed)).toMatch(/^401 token-(malformed|forged)$/);
    }
  }
});

test("account and session cannot be moved into each other", () => {
  const a = mintToken(crypto, key, { ...claims, account: "ab", session: "c" });
  const b = mintToken(crypto, key, { ...claims, account: "a", session: "bc" });
  expect(a).not.toBe(b);
});

test("any claims come back, and the token fits into a header", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(text, text, fc.nat(2 ** 31), (account, session, ms) => {
      const put = { account, session, expiresAt: NOW + 1 + ms };
      const token = mintToken(crypto, key, put);
      expect(readToken(crypto, key, token, NOW)).toEqual({ ok: true, value: put });
      expect(formatCredentials({ kind: "Bearer", token })).toBe(`Bearer ${token}`);
    }),
  );
});

test("any octets end in a value or a 401, never in a throw", () => {
  fc.assert(
    fc.property(garbage, garbage, (a, b) => {
      expect(outcome(`${a}.${b}`)).toMatch(/^401 /);
    }),
  );
  expect(outcome("Łódź.abc")).toBe("401 token-malformed");
  expect(outcome("")).toBe("401 token-malformed");
  expect(outcome("A".repeat(1_000_000))).toBe("401 token-malformed");
});

test("a token is short", () => {
  expect(mintToken(crypto, key, claims).length).toBeLessThan(60);
});

test("a token that this key signed but that is laid out differently is malformed", () => {
  for (const payload of [
    Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(1),
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 9),
  ]) {
    const text = toBase64url(payload);
    const mac = crypto.hmac(key, toBytes(`carillon token\0${text}`)).subarray(0, 16);
    expect(outcome(`${text}.${toBase64url(mac)}`)).toBe("401 token-malformed");
  }
});

test("claims that do not fit throw", () => {
  expect(() => mintToken(crypto, key, { ...claims, account: "a".repeat(256) })).toThrow(RangeError);
  expect(() => mintToken(crypto, key, { ...claims, session: "s".repeat(600) })).toThrow(RangeError);
  expect(() => mintToken(crypto, key, { ...claims, expiresAt: -1 })).toThrow(RangeError);
  expect(() => mintToken(crypto, key, { ...claims, expiresAt: Number.NaN })).toThrow(RangeError);
});
