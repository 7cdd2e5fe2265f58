import fc from "fast-check";
import { expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { type DigestCredentials, formatCredentials, parseCredentials } from "./credentials.ts";

const unit = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const octets = fc.string({ unit }).filter((text) => !/[\r\n]/.test(text));
const token = fc.string({ unit: fc.constantFrom(..."azAZ09-.!%*_+`'~"), minLength: 1 });

const base =
  'username="bob", realm="biloxi.com", nonce="n", uri="sip:bob@biloxi.com", response="r"';

function parsed(text: string) {
  const credentials = parseCredentials(text);
  if (!credentials.ok) throw new Error(credentials.error.message);
  return credentials.value;
}
const failure = (text: string) => {
  const credentials = parseCredentials(text);
  return credentials.ok ? "read" : `${credentials.error.status} ${credentials.error.message}`;
};

test("RFC 3261 §22.2: the example is read", () => {
  expect(
    parsed(
      'Digest username="bob",\r\n realm="biloxi.com",\r\n' +
        ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",\r\n uri="sip:bob@biloxi.com",\r\n' +
        ' qop=auth,\r\n nc=0000000a,\r\n cnonce="0a4f113b",\r\n' +
        ' response="6629fae49393a05397450978507c4ef1",\r\n' +
        ' opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    ),
  ).toEqual({
    kind: "Digest",
    username: "bob",
    realm: "biloxi.com",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    uri: "sip:bob@biloxi.com",
    response: "6629fae49393a05397450978507c4ef1",
    algorithm: "MD5",
    cnonce: "0a4f113b",
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    qop: "auth",
    nc: 10,
  });
});

test("RFC 3261 §20.7: the example without qop is read", () => {
  expect(
    parsed(
      `DIGEST username="Alice", realm="atlanta.com",
 nonce="84a4cc6f3082121f32b42a2187831a9e", uri="sip:atlanta.com",
 response="7587245234b3434cc3412213e5f113a5432"`.replaceAll("\n", "\r\n"),
    ),
  ).toMatchObject({ username: "Alice", qop: undefined, nc: undefined });
});

test("RFC 8760 §2.7: empty values, as before the first challenge, are read", () => {
  const early = 'Digest username="a", realm="b", nonce="", uri="sip:b", response=""';
  expect(parsed(early)).toMatchObject({ nonce: "", response: "" });
});

test("RFC 3261 §22.4: Basic is a scheme that nobody here accepts", () => {
  //= RFC 3261 §22.4
  //# Note, however, that SIP servers MUST NOT accept or request Basic authentication.
  //= RFC 8760 §2.6
  //# SIP clients and servers MUST NOT accept or request Basic authentication.
  expect(parsed("Basic Ym9iOnphbnppYmFy")).toEqual({ kind: "Other", scheme: "Basic" });
});

test("RFC 8898 §2.1.3: a Bearer token is taken as it is", () => {
  expect(parsed("Bearer abc.DEF-1_2~3+4/5==")).toEqual({
    kind: "Bearer",
    token: "abc.DEF-1_2~3+4/5==",
  });
  expect(failure("Bearer")).toContain("expected one token");
  expect(failure("Bearer a b")).toContain("expected one token");
  expect(failure('Bearer token="a"')).toContain("expected one token");
  expect(failure("Bearer ==")).toContain("expected one token");
});

test("RFC 7616 §3.4: what is missing or improper is a 400 that says so", () => {
  //= RFC 7616 §3.4
  //# If a parameter or its value is improper, or required parameters are missing, the proper
  //# response is a 4xx error code.
  expect(failure('Digest realm="b"')).toBe("400 Digest needs one username");
  expect(failure('Digest username="b"')).toBe("400 Digest needs realm, nonce, uri and response");
  expect(failure(`Digest ${base}, qop=auth`)).toBe("400 qop needs cnonce and nc");
  expect(failure(`Digest ${base}, qop=auth, nc=00000001`)).toBe("400 qop needs cnonce and nc");
});

test.each(["1", "0000000A", "0000000g", "0000000W", "000000001", '" 0000001"', '"0000001 "', '""'])(
  "RFC 3261 §25.1: nc=%s is not eight lower-case hexadecimal digits",
  (nc) => {
    expect(failure(`Digest ${base}, qop=auth, cnonce="c", nc=${nc}`)).toContain("nc has to be");
  },
);

test("RFC 7616 §3.4: username* is read, and refused beside username", () => {
  const rest = 'realm="b", nonce="n", uri="sip:b", response="r"';
  expect(parsed(`Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, ${rest}`)).toMatchObject({
    username: fromText("Jäsøn Doe"),
  });
  //= RFC 7616 §3.4
  //# Sending both username and username* in the same header option MUST be treated as an error.
  expect(failure(`Digest username="a", username*=UTF-8''a, ${rest}`)).toContain("one username");
  expect(failure(`Digest username*=latin1''a, ${rest}`)).toContain("one username");
});

const full: DigestCredentials = {
  kind: "Digest",
  username: "b\\ob",
  realm: "biloxi.com",
  nonce: "n",
  uri: "sip:bob@biloxi.com",
  response: "r",
  algorithm: "SHA-256",
  cnonce: "c",
  opaque: "o",
  qop: "auth",
  nc: 255,
};

test("RFC 7616 §3.4: what is written is quoted where it must be and nowhere else", () => {
  //= RFC 7616 §3.4
  //# For historical reasons, a sender MUST only generate the quoted string syntax for the
  //# following parameters: username, realm, nonce, uri, response, cnonce, and opaque.
  //= RFC 7616 §3.4
  //# For historical reasons, a sender MUST NOT generate the quoted string syntax for the following
  //# parameters: algorithm, qop, and nc.
  //= RFC 8760 §2.6
  //# The "uri" parameter of the Authorization header field MUST be enclosed in quotation marks.
  //= RFC 3261 §22.4
  //# For SIP, the 'uri' MUST be enclosed in quotation marks.
  expect(formatCredentials(full)).toBe(
    'Digest username="b\\\\ob", realm="biloxi.com", nonce="n", uri="sip:bob@biloxi.com", ' +
      'response="r", algorithm=SHA-256, cnonce="c", opaque="o", qop=auth, nc=000000ff',
  );
});

test("Digest credentials that are written are read back", () => {
  const fields = { username: octets, realm: octets, nonce: octets, uri: octets, response: octets };
  const counted = fc.record({ qop: token, nc: fc.nat(0xffffffff), cnonce: octets });
  const digest: fc.Arbitrary<DigestCredentials> = fc
    .tuple(
      fc.record({ kind: fc.constant("Digest"), ...fields, algorithm: token }),
      fc.option(fc.record({ opaque: octets }), { nil: {} }),
      fc.option(counted, { nil: {} }),
    )
    .map(([required, opaque, qop]) => ({ ...required, ...opaque, ...qop }));
  fc.assert(
    fc.property(digest, (c) => {
      expect(parsed(formatCredentials(c))).toEqual(c);
    }),
  );
});

test("a Bearer token that is written is read back", () => {
  const value = fc.string({ unit: fc.constantFrom(..."azAZ09-._~+/"), minLength: 1 });
  fc.assert(
    fc.property(value, fc.constantFrom("", "=", "=="), (start, end) => {
      const credentials = { kind: "Bearer", token: start + end } as const;
      expect(parsed(formatCredentials(credentials))).toEqual(credentials);
    }),
  );
});

test("a line end in any field throws: it would start a header of somebody's choosing", () => {
  for (const evil of ["a\r\nX: y", "a\n", "a\0"]) {
    for (const field of Object.keys(full)) {
      if (field === "kind" || field === "nc") continue;
      expect(() => formatCredentials({ ...full, [field]: evil })).toThrow(RangeError);
    }
    expect(() => formatCredentials({ kind: "Bearer", token: evil })).toThrow(RangeError);
  }
  for (const nc of [-1, 1.5, 2 ** 32, Number.NaN]) {
    expect(() => formatCredentials({ ...full, nc })).toThrow(RangeError);
  }
});

test("any octets end in a value or an error, never in a throw", () => {
  const pieces = [
    "Digest ",
    "Bearer ",
    base,
    ", ",
    "qop=",
    "nc=",
    "username*=",
    '"',
    "\\",
    "%",
    "'",
  ];
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 12, size: "max" })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(text, octets), (input) => {
      const credentials = parseCredentials(input);
      expect(credentials.ok || credentials.error.status).toSatisfy(
        (is) => is === true || is === 400,
      );
    }),
    { numRuns: 2000 },
  );
});
