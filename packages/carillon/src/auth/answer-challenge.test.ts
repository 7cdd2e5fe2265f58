import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { answerChallenge, type ChallengesToAnswer } from "./answer-challenge.ts";
import { type Challenge, type DigestChallenge, parseChallenge } from "./challenge.ts";
import { checkDigest } from "./check-digest.ts";
import { type DigestCredentials, parseCredentials } from "./credentials.ts";
import type { HashAlgorithm } from "./crypto.ts";
import { ha1 } from "./digest.ts";
import { portableCrypto } from "./portable-crypto.ts";

const crypto = portableCrypto((count) => new Uint8Array(count));

const digest = (algorithm: string, more: Partial<DigestChallenge> = {}): DigestChallenge => ({
  kind: "Digest",
  realm: "house",
  nonce: "n",
  stale: false,
  algorithm,
  qop: ["auth"],
  ...more,
});

const to = (challenges: readonly Challenge[], more: Partial<ChallengesToAnswer> = {}) => ({
  crypto,
  challenges,
  method: "REGISTER",
  uri: "sip:house.example",
  username: "alice",
  secret: { password: "secret" },
  nonceCount: 1,
  cnonce: "c",
  ...more,
});

/** The credentials of the answer, or why there is none. */
function answered(what: ChallengesToAnswer): DigestCredentials | string {
  const answer = answerChallenge(what);
  if (!answer.ok) return answer.error.message;
  const credentials = parseCredentials(answer.value.value);
  if (!credentials.ok || credentials.value.kind !== "Digest") throw new Error("not Digest");
  return credentials.value;
}

test("RFC 7616 §3.9.1: the challenges of the example are answered as the example does", () => {
  const rest =
    'realm="http-auth@example.org", qop="auth, auth-int", ' +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const challenges = ["SHA-256", "MD5"].map((algorithm) => {
    const challenge = parseChallenge(`Digest ${rest}, algorithm=${algorithm}`);
    if (!challenge.ok) throw new Error(challenge.error.message);
    return challenge.value;
  });
  const mufasa = {
    method: "GET",
    uri: "/dir/index.html",
    username: "Mufasa",
    secret: { password: "Circle of Life" },
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  expect(answered(to(challenges, mufasa))).toMatchObject({
    algorithm: "SHA-256",
    response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    nc: 1,
    qop: "auth",
  });
  expect(answered(to(challenges.slice(1), mufasa))).toMatchObject({
    algorithm: "MD5",
    response: "8ca523f5e9506fed4657c9700eebdbec",
  });
});

test("RFC 8760 §2.4: the topmost challenge that is understood is answered", () => {
  //= RFC 8760 §2.4
  //# When the UAC receives a response with multiple WWW-Authenticate/ Proxy-Authenticate header
  //# fields with the same realm, it SHOULD use the topmost header field that it supports unless a
  //# local policy dictates otherwise.
  //= RFC 8760 §2.4
  //# The client MUST ignore any challenge it does not understand.
  //= RFC 7616 §3.3
  //# If the algorithm is not understood, the challenge SHOULD be ignored (and a different one used,
  //# if there is more than one).
  const strange: readonly Challenge[] = [
    { kind: "Other", scheme: "Basic" },
    { kind: "Bearer" },
    digest("SHA-1024"),
    digest("SHA-256-session"),
  ];
  expect(answered(to([...strange, digest("SHA-256"), digest("MD5")]))).toMatchObject({
    algorithm: "SHA-256",
  });
  expect(answered(to([digest("MD5"), digest("SHA-256")]))).toMatchObject({ algorithm: "MD5" });
});

test("RFC 8760 §2.4: a client that can answer nothing gives up and says why", () => {
  //= RFC 8760 §2.4
  //# If the UAC cannot respond to any of the challenges in the response, then it SHOULD abandon
  //# attempts to send the request unless a local policy dictates otherwise
  expect(answered(to([]))).toBe("there is no challenge to answer");
  expect(answered(to([{ kind: "Bearer" }]))).toBe("the challenge is not for Digest");
  expect(answered(to([digest("MD5-seas")]))).toBe("the digest algorithm is not understood");
  expect(answered(to([digest("MD5-sess", { qop: [] })]))).toBe(
    "a session key needs a cnonce, and so a qop",
  );
  expect(answered(to([digest("MD5", { qop: ["auth-conf"] })]))).toBe(
    "no qop of the challenge is understood",
  );
});

test("nothing weaker than the minimum is answered, wherever it stands", () => {
  const minimum = "SHA-256";
  expect(answered(to([digest("MD5")], { minimum }))).toBe("MD5 is not strong enough");
  expect(answered(to([digest("MD5"), digest("SHA-512-256")], { minimum }))).toMatchObject({
    algorithm: "SHA-512-256",
  });
});

test("a stranger's realm is not answered", () => {
  const rogue = digest("SHA-256", { realm: "evil" });
  expect(answered(to([rogue], { realm: "house" }))).toBe("the realm is another one");
  expect(answered(to([rogue, digest("SHA-256")], { realm: "house" }))).toMatchObject({
    realm: "house",
  });
});

test("with HA1s instead of a password the challenge for one that is there is answered", () => {
  const secret = { ha1: { "SHA-256": ha1(crypto, "SHA-256", "alice", "house", "secret") } };
  const challenges = [digest("SHA-512-256"), digest("SHA-256")];
  expect(answered(to(challenges, { secret }))).toEqual(answered(to([digest("SHA-256")])));
  expect(answered(to([digest("MD5")], { secret }))).toBe("there is no secret for MD5");
});

test("RFC 3261 §22.4: without qop in the challenge there is none in the answer", () => {
  //= RFC 8760 §2.6
  //# A UAS MUST be able to properly handle a "qop" parameter received in an
  //# Authorization/Proxy-Authorization header field, and a UAC MUST be able to properly handle a
  //# "qop" parameter received in WWW-Authenticate and Proxy-Authenticate header fields.
  //= RFC 8760 §2.6
  //# a UAC MUST send the "qop" parameter in any resulting authorization header field.
  //= RFC 7616 §3.4
  //# This parameter MUST be used by all implementations.
  //= RFC 3261 §22.4
  //# If a client receives a "qop" parameter in a challenge header field, it MUST send the "qop"
  //# parameter in any resulting authorization header field.
  //= RFC 3261 §22.4
  //# RFC 2617 notes that a cnonce value MUST NOT be sent in an Authorization (and by extension
  //# Proxy-Authorization) header field if no qop directive has been sent.
  const old = answered(to([digest("MD5", { qop: [] })]));
  expect(old).toMatchObject({ qop: undefined, cnonce: undefined, nc: undefined });
  expect(answered(to([digest("MD5")]))).toMatchObject({ qop: "auth", cnonce: "c", nc: 1 });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("RFC 7616 §3.4.2: a session's key is made of both nonces", () => {
  const h1 = sha256(`${sha256("alice:house:secret")}:n:c`);
  const h2 = sha256("REGISTER:sip:house.example");
  expect(answered(to([digest("SHA-256-sess")]))).toMatchObject({
    algorithm: "SHA-256-sess",
    username: "alice",
    response: sha256(`${h1}:n:00000001:c:auth:${h2}`),
  });
});

//= RFC 7616 §3.4.4
//# If the client supports the userhash parameter, and the userhash parameter value in the
//# WWW-Authentication header field is set to "true", then the client MUST calculate a hash of the
//# username after any other hash calculation and include the userhash parameter with the value of
//# "true" in the Authorization header field.
test("RFC 7616 §3.4.4: a server that would rather have no name is sent a hash of it", () => {
  const challenge = parseChallenge('Digest realm="house",nonce="n",qop="auth",userhash=true');
  if (!challenge.ok) throw new Error(challenge.error.message);
  const md5 = createHash("md5").update("alice:house").digest("hex");
  expect(answered(to([challenge.value]))).toMatchObject({ username: md5, userhash: true });
  const plain = answered(to([digest("SHA-256")])) as DigestCredentials;
  expect(answered(to([digest("SHA-256", { userhash: true })]))).toMatchObject({
    username: sha256("alice:house"),
    response: plain.response,
  });
  expect(plain).toMatchObject({ username: "alice", userhash: undefined });
});

//= RFC 7616 §3.3
//# This parameter is not meaningful in Proxy-Authenticate header fields, for which the protection
//# space is always the entire proxy; if present, it MUST be ignored.
//= RFC 7616 §3.4.6
//# This MAY be "*", an "absolute-URI", or an "absolute-path" as specified in Section 2.7 of
//# [RFC7230], but it MUST agree with the request-target. In particular, it MUST be an
//# "absolute-URI" if the request-target is an "absolute-URI".
test("RFC 7616 §3.4.6: the uri is the Request-URI, whatever domain the challenge names", () => {
  const answer = answered(to([digest("SHA-256", { domain: "sip:elsewhere.example" })]));
  expect(answer).toMatchObject({ uri: "sip:house.example" });
  expect(answer).toEqual(answered(to([digest("SHA-256")])));
});

test("RFC 7616 §3.3: auth is chosen before auth-int, and unknown options are ignored", () => {
  //= RFC 7616 §3.3
  //# Unrecognized options MUST be ignored.
  //= RFC 7616 §3.4
  //# Its value MUST be one of the alternatives the server indicated it supports in the
  //# WWW-Authenticate header field.
  const qop = (...values: string[]) => answered(to([digest("SHA-256", { qop: values })]));
  expect(qop("auth-conf", "auth-int", "auth")).toMatchObject({ qop: "auth" });
  expect(qop("auth-conf", "auth-int")).toMatchObject({ qop: "auth-int" });
});

test("RFC 7616 §3.4: opaque and algorithm go back as they came", () => {
  //= RFC 7616 §3.4
  //# The values of the opaque and algorithm fields must be those supplied in the WWW-Authenticate
  //# response header field for the entity being requested.
  const odd = digest("sha-256", { opaque: 'a "b" \\c' });
  expect(answered(to([odd]))).toMatchObject({ algorithm: "sha-256", opaque: 'a "b" \\c' });
});

test("names that need escapes and names in UTF-8 arrive as they were typed", () => {
  const username = 'Jäsøn "the \\ hand" Doe';
  expect(answered(to([digest("SHA-256")], { username }))).toMatchObject({
    username: fromText(username),
  });
});

test("whatever a client answers, a server that knows the password finds right", () => {
  const text = fc.string({ unit: "grapheme" }).filter((value) => !/[\0\r\n:]/.test(value));
  const octets = fc
    .string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) })
    .filter((value) => !/[\r\n]/.test(value));
  const algorithms = fc.constantFrom<HashAlgorithm>("MD5", "SHA-256", "SHA-512-256");
  const qops = fc.constantFrom(["auth"], ["auth-int"], ["auth-int", "auth"]);
  const body = fc.constantFrom("", "v=0\r\n");
  fc.assert(
    fc.property(
      algorithms,
      qops,
      text,
      octets,
      text,
      body,
      (algorithm, qop, name, realm, word, body) => {
        const challenge = digest(algorithm, { realm, qop });
        const secret = { password: word };
        const what = to([challenge], { username: name, secret, body });
        const credentials = answered(what) as DigestCredentials;
        const known = ha1(crypto, algorithm, name, realm, word);
        const { method, uri: requestUri } = what;
        const check = { crypto, credentials, method, requestUri, ha1: known, body };
        expect(checkDigest(check)).toBe("Right");
      },
    ),
  );
});
