import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type BearerChallenge,
  type DigestChallenge,
  formatChallenge,
  parseChallenge,
} from "./challenge.ts";

const unit = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const octets = fc.string({ unit }).filter((text) => !/[\r\n]/.test(text));
const token = fc.string({ unit: fc.constantFrom(..."azAZ09-.!%*_+`'~"), minLength: 1 });
const maybe = fc.option(octets, { nil: undefined });

function parsed(text: string) {
  const challenge = parseChallenge(text);
  if (!challenge.ok) throw new Error(challenge.error.message);
  return challenge.value;
}

test("RFC 3261 §22.2: the example is read", () => {
  expect(
    parsed(
      'Digest\r\n realm="biloxi.com",\r\n qop="auth,auth-int",\r\n' +
        ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",\r\n' +
        ' opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    ),
  ).toEqual({
    kind: "Digest",
    realm: "biloxi.com",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    stale: false,
    //= RFC 7616 §3.3
    //# If this is not present, it is assumed to be "MD5".
    algorithm: "MD5",
    qop: ["auth", "auth-int"],
  });
});

test("RFC 7616 §3.3: only true is stale, in any case and quoted or not", () => {
  //= RFC 7616 §3.3
  //# If stale is false, or anything other than true, or the stale parameter is not present, the
  //# username and/or password are invalid, and new values MUST be obtained.
  const stale = (param: string) => parsed(`Digest realm="a", nonce="b"${param}`);
  expect(stale(", stale=TRUE")).toMatchObject({ stale: true });
  expect(stale(', stale="true"')).toMatchObject({ stale: true });
  expect(stale(", stale=FALSE")).toMatchObject({ stale: false });
  expect(stale(", stale=yes")).toMatchObject({ stale: false });
  expect(stale("")).toMatchObject({ stale: false });
});

test("RFC 7616 §3.3: a Digest challenge without realm or nonce is refused", () => {
  expect(parseChallenge('Digest nonce="b"')).toMatchObject({ error: { code: "bad-challenge" } });
  expect(parseChallenge('Digest realm="b"')).toMatchObject({ error: { code: "bad-challenge" } });
  expect(parseChallenge("Digest")).toMatchObject({ error: { code: "bad-auth" } });
});

test("RFC 8898 §4: a Bearer challenge says where tokens come from", () => {
  expect(
    parsed(
      'bearer realm="biloxi.com", authz_server="https://as.biloxi.com", error="invalid_token"',
    ),
  ).toEqual({
    kind: "Bearer",
    realm: "biloxi.com",
    authzServer: "https://as.biloxi.com",
    error: "invalid_token",
  });
  expect(parsed("Bearer")).toEqual({ kind: "Bearer" });
});

test("RFC 8760 §2.4: a scheme that is not understood is kept as a name only", () => {
  expect(parsed("NTLM TlRMTVNTUAAB==")).toEqual({ kind: "Other", scheme: "NTLM" });
  expect(parsed('Basic realm="a"')).toEqual({ kind: "Other", scheme: "Basic" });
});

test("RFC 7616 §3.3: what is written is quoted where it must be and nowhere else", () => {
  //= RFC 7616 §3.3
  //# For historical reasons, a sender MUST only generate the quoted string syntax values for the
  //# following parameters: realm, domain, nonce, opaque, and qop.
  //= RFC 7616 §3.3
  //# For historical reasons, a sender MUST NOT generate the quoted string syntax values for the
  //# following parameters: stale and algorithm.
  expect(
    formatChallenge({
      kind: "Digest",
      realm: 'the "house"',
      nonce: "n",
      opaque: "o",
      stale: true,
      algorithm: "SHA-256",
      qop: ["auth", "auth-int"],
      domain: "sip:house.example",
    }),
  ).toBe(
    'Digest realm="the \\"house\\"", domain="sip:house.example", nonce="n", opaque="o", ' +
      'stale=true, algorithm=SHA-256, qop="auth,auth-int"',
  );
});

test("RFC 3261 §22: a challenge for Basic cannot be written", () => {
  //= RFC 3261 §22
  //# Servers MUST NOT accept credentials using the "Basic" authorization scheme, and servers also
  //# MUST NOT challenge with "Basic".
  // @ts-expect-error: the type has no such challenge
  expect(formatChallenge({ kind: "Other", scheme: "Basic" })).not.toContain("Basic");
});

test("a Digest challenge that is written is read back", () => {
  const digest: fc.Arbitrary<DigestChallenge> = fc.record({
    kind: fc.constant("Digest"),
    realm: octets,
    nonce: octets,
    opaque: maybe,
    stale: fc.boolean(),
    algorithm: token,
    qop: fc.array(token, { maxLength: 3 }),
    domain: maybe,
  });
  fc.assert(
    fc.property(digest, (c) => {
      expect(parsed(formatChallenge(c))).toEqual(c);
    }),
  );
});

test("a Bearer challenge that is written is read back", () => {
  const bearer: fc.Arbitrary<BearerChallenge> = fc.record({
    kind: fc.constant("Bearer"),
    realm: maybe,
    authzServer: maybe,
    scope: maybe,
    error: maybe,
  });
  fc.assert(
    fc.property(bearer, (c) => {
      expect(parsed(formatChallenge(c))).toEqual(c);
    }),
  );
});

test("a line end in any field throws: it would start a header of somebody's choosing", () => {
  const good: DigestChallenge = {
    kind: "Digest",
    realm: "a",
    nonce: "b",
    stale: false,
    algorithm: "MD5",
    qop: [],
  };
  for (const evil of ["\r\nX: y", "\n", "\0"]) {
    for (const field of ["realm", "nonce", "opaque", "algorithm", "domain"]) {
      expect(() => formatChallenge({ ...good, [field]: evil })).toThrow(RangeError);
    }
    expect(() => formatChallenge({ ...good, qop: [evil] })).toThrow(RangeError);
    for (const field of ["realm", "authzServer", "scope", "error"]) {
      expect(() => formatChallenge({ kind: "Bearer", [field]: evil })).toThrow(RangeError);
    }
  }
});
