import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { verifyEs256 } from "../testing/es256.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { formatPassport, type Said } from "./passport.ts";
import { canonicalParty, IdentityVerifier, type Signers } from "./verify-identity.ts";

const NOW = 1_790_000_000;
const INFO = "https://certs.example/one.pem";
const CALL: Said = {
  orig: { kind: "tn", number: "12155551212" },
  dest: [{ kind: "tn", number: "12125551213" }],
  iat: NOW,
};
const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });

const signed = (text: Octets, key = own.privateKey): string => {
  const bytes = sign("sha256", Buffer.from(text, "latin1"), { key, dsaEncoding: "ieee-p1363" });
  return toBase64url(bytes);
};
const json = (value: unknown): string => toBase64url(Buffer.from(JSON.stringify(value)));

interface Made {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: typeof own.privateKey;
  readonly info?: string;
  readonly params?: string;
}

/** A full form with something in it changed, signed as it then is. */
function full({ header = {}, claims = {}, key, info = INFO, params = "" }: Made = {}): Octets {
  const first = json({ alg: "ES256", typ: "passport", x5u: INFO, ...header });
  const said = { dest: { tn: ["12125551213"] }, iat: NOW, orig: { tn: "12155551212" }, ...claims };
  const text = `${first}.${json(said)}`;
  return `${text}.${signed(text, key)};info=<${info}>${params}`;
}

const compact = (said: Said = CALL, info = INFO): Octets =>
  `..${signed(formatPassport(info, undefined, said))};info=<${info}>`;

/** Keeps who was asked for. */
function world(): { readonly signers: Signers; readonly fetched: string[] } {
  const fetched: string[] = [];
  const signers: Signers = {
    isAllowed: (host) => host === "certs.example",
    key(x5u) {
      fetched.push(x5u);
      return x5u === INFO ? own.publicKey : undefined;
    },
    verify: (key, text, signature) => verifyEs256(key as typeof own.publicKey, text, signature),
    speaksFor: (_, orig) => orig.kind === "tn" && orig.number.startsWith("1"),
  };
  return { signers, fetched };
}

function check(identity: Octets, said: Partial<Said> & { readonly now?: number } = {}): string {
  const { now = NOW, ...rest } = said;
  const verifier = new IdentityVerifier(world().signers);
  const result = verifier.check({ ...CALL, ...rest, identity, now, ppts: ["shaken"] });
  return result.ok ? "true" : `${result.error.code} ${result.error.status}`;
}

test("RFC 8224 §4: a good one is true, in its full form and in its compact one", () => {
  expect(check(full())).toBe("true");
  expect(check(compact())).toBe("true");
  const ppt = { header: { ppt: "shaken" }, params: ";alg=ES256;ppt=shaken" };
  expect(check(full(ppt))).toBe("true");
});

const [head = "", claims = "", tail = ""] = full().split(".");
const signature = tail.slice(0, tail.indexOf(";"));
const rest = `;info=<${INFO}>`;
const inDer = (text: string) =>
  toBase64url(sign("sha256", Buffer.from(text, "latin1"), own.privateKey));
const other0 = signature[0] === "A" ? "B" : "A";
const prototype = toBase64url(Buffer.from('{"__proto__":{"iat":1}}'));
const none = json({ alg: "none", typ: "passport", x5u: INFO });

/** Each is the good one with one thing changed. */
const MUTATIONS: Readonly<Record<string, Octets>> = {
  "no semicolon": `${head}.${claims}.${signature}`,
  "no info": `${head}.${claims}.${signature};alg=ES256`,
  "info without brackets": `${head}.${claims}.${signature};info=${INFO}`,
  "an empty info": `${head}.${claims}.${signature};info=<>`,
  empty: "",
  "a semicolon alone": ";",
  "one character": "x",
  "dots alone": `..${rest}`,
  "one dot": `${head}.${claims}${rest}`,
  "four parts": `${head}.${claims}.${signature}.${signature}${rest}`,
  "no claims": `${head}..${signature}${rest}`,
  "no header": `.${claims}.${signature}${rest}`,
  "no signature": `${head}.${claims}.${rest}`,
  "a short signature": `${head}.${claims}.${signature.slice(0, 40)}${rest}`,
  "a signature in DER": `${head}.${claims}.${inDer(`${head}.${claims}`)}${rest}`,
  "a signature of zeros": `${head}.${claims}.${toBase64url(new Uint8Array(64))}${rest}`,
  "another's signature": full({ key: other.privateKey }),
  "one character of it changed": `${head}.${claims}.${other0}${signature.slice(1)}${rest}`,
  "padding behind it": `${head}.${claims}.${signature}==${rest}`,
  "alg none": `${none}.${claims}.${rest}`,
  "alg none, and a signature": full({ header: { alg: "none" } }),
  "alg HS256": full({ header: { alg: "HS256" } }),
  "alg RS256 in the header field": full({ params: ";alg=RS256" }),
  "alg in small letters": full({ header: { alg: "es256" } }),
  "no typ": full({ header: { typ: undefined } }),
  "typ JWT": full({ header: { typ: "JWT" } }),
  "another x5u than info": full({ header: { x5u: "https://certs.example/two.pem" } }),
  "an info at this machine": full({
    header: { x5u: "http://127.0.0.1/" },
    info: "http://127.0.0.1/",
  }),
  "a certificate that nobody has": full({
    header: { x5u: "https://certs.example/two.pem" },
    info: "https://certs.example/two.pem",
  }),
  "a ppt that is not known": full({ header: { ppt: "rph" }, params: ";ppt=rph" }),
  "a ppt in the field alone": full({ params: ";ppt=shaken" }),
  "a ppt in the token alone": full({ header: { ppt: "shaken" } }),
  crit: full({ header: { crit: ["x"] } }),
  "no iat": full({ claims: { iat: undefined } }),
  "iat as text": full({ claims: { iat: String(NOW) } }),
  "iat a minute and a second ago": full({ claims: { iat: NOW - 61 } }),
  "iat in the future": full({ claims: { iat: NOW + 61 } }),
  "another caller": full({ claims: { orig: { tn: "12155551213" } } }),
  "two callers": full({ claims: { orig: { tn: "12155551212", uri: "sip:a@b" } } }),
  "callers in a list": full({ claims: { orig: { tn: ["12155551212"] } } }),
  "another callee": full({ claims: { dest: { tn: ["12125550000"] } } }),
  "no callee": full({ claims: { dest: { tn: [] } } }),
  "callees that are none": full({ claims: { dest: "12125551213" } }),
  "a caller with letters": full({ claims: { orig: { tn: "+1 215" } } }),
  "claims that are a list": `${head}.${json([1])}.${signature}${rest}`,
  "claims that are no JSON": `${head}.${toBase64url(Buffer.from("{"))}.${signature}${rest}`,
  "4 KB": full({ claims: { x: "x".repeat(4096) } }),
  "64 callees too many": full({ claims: { dest: { tn: Array.from({ length: 65 }, () => "1") } } }),
  "__proto__ as claims": `${head}.${prototype}.${signature}${rest}`,
};

const count = Object.keys(MUTATIONS).length;
describe(`RFC 8224 §6.2: of ${count} that are nearly right none is true`, () => {
  //= RFC 8224 §6.2
  //# The verifier MUST validate the signature in the Identity header field over the PASSporT
  //# object.
  test.each(Object.entries(MUTATIONS))("%s", (_, identity) => {
    expect(check(identity)).toMatch(
      /^(?:bad-header|bad-passport|unknown-ppt|bad-info|stale|untrue|not-theirs) \d{3}$/,
    );
  });
});

test("RFC 8224 §6.2.2: each kind of fault has its status", () => {
  expect(check(MUTATIONS["no semicolon"] ?? "")).toBe("bad-header 438");
  expect(check(MUTATIONS["another's signature"] ?? "")).toBe("untrue 438");
  //= RFC 8224 §6.2
  //# If a "ppt" parameter value is present and the verifier does not support it, it MUST ignore the
  //# Identity header field.
  expect(check(MUTATIONS["a ppt that is not known"] ?? "")).toBe("unknown-ppt 428");
  expect(check(MUTATIONS["a certificate that nobody has"] ?? "")).toBe("bad-info 436");
  //= RFC 8224 §6.2
  //# The verifier furthermore ensures that the value of the Date header field of the request meets
  //# local policy for freshness (sixty seconds is RECOMMENDED)
  expect(check(full(), { now: NOW + 61 })).toBe("stale 403");
  const theirs: Said = { ...CALL, orig: { kind: "tn", number: "4930901820" } };
  expect(check(compact(theirs), theirs)).toBe("not-theirs 437");
});

test("RFC 8224 §12.1: one that was used is not good again, for nobody", () => {
  const verifier = new IdentityVerifier(world().signers);
  const ask = (identity: Octets, said: Said = CALL) =>
    verifier.check({ ...said, identity, now: NOW, ppts: [] }).ok;
  const identity = full();
  expect([ask(identity), ask(identity)]).toEqual([true, false]);
  expect(ask(identity, { ...CALL, dest: [{ kind: "tn", number: "12125559999" }] })).toBe(false);
  expect(ask(compact({ ...CALL, iat: NOW - 1 }), { ...CALL, iat: NOW - 1 })).toBe(true);
});

test("a certificate is asked for at allowed hosts over https, and at none before", () => {
  const places = [
    ...[
      "http://127.0.0.1/",
      "http://certs.example/one.pem",
      "https://127.0.0.1/",
      "https://[::1]/",
    ],
    ...["https://certs.example.evil.example/", "https://certs.example@evil.example/", "file:///x"],
    ...["https://evil.example/certs.example", "https://certs.example:22/", "https:certs.example"],
    ...["https://certs.example\\@evil.example/", "ftp://certs.example/", "https://"],
  ];
  const { signers, fetched } = world();
  const verifier = new IdentityVerifier(signers);
  for (const info of places) {
    const identity = full({ header: { x5u: info }, info });
    expect(verifier.check({ ...CALL, identity, now: NOW, ppts: [] }).ok).toBe(false);
  }
  expect(fetched).toEqual([]);
  for (const identity of Object.values(MUTATIONS)) check(identity);
  expect(verifier.check({ ...CALL, identity: full(), now: NOW, ppts: [] }).ok).toBe(true);
  expect(fetched).toEqual([INFO]);
});

//= RFC 8225 §9
//# The JSON object MUST contain no whitespace or line breaks before or after any syntactic
//# elements.
//= RFC 8225 §9
//# JSON objects MUST have the keys ordered lexicographically by the Unicode [UNICODE] code points
//# of the member names.
test("RFC 8225 §9: what is signed has its keys in order, and no white space", () => {
  const dest = [{ kind: "uri", uri: "sip:b@c" } as const, { kind: "tn", number: "1" } as const];
  const text = formatPassport(INFO, "shaken", { ...CALL, dest });
  const [one = "", two = ""] = text.split(".");
  const read = (part: string) => Buffer.from(fromBase64url(part) ?? []).toString();
  expect(read(one)).toBe(`{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"${INFO}"}`);
  expect(read(two)).toBe(
    `{"dest":{"tn":["1"],"uri":["sip:b@c"]},"iat":${NOW},"orig":{"tn":"12155551212"}}`,
  );
});

//= RFC 8224 §8.3
//# Implementations MUST drop any "+"s, internal dashes, parentheses, or other non-numeric
//# characters, except for the "#" or "*" keys
test("RFC 8224 §8: numbers and addresses have one form each", () => {
  const number = { kind: "tn", number: "17005551008" };
  for (const uri of [
    "tel:+1-700-555-1008",
    "sip:+17005551008@a;user=phone",
    "sip:+1(700)5551008@b",
  ]) {
    expect(canonicalParty(uri)).toEqual(number);
  }
  expect(canonicalParty("sips:Alice@Example.COM:5061;lr")).toEqual({
    kind: "uri",
    uri: "sip:Alice@example.com",
  });
  for (const uri of ["urn:a:b", "x", ""]) expect(canonicalParty(uri)).toBeUndefined();
});
