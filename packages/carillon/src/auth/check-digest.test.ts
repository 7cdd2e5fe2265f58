import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDigest, type DigestToCheck } from "./check-digest.ts";
import type { DigestCredentials } from "./credentials.ts";
import type { HashAlgorithm } from "./crypto.ts";
import { digestResponse, ha1 } from "./digest.ts";
import { portableCrypto } from "./portable-crypto.ts";

const crypto = portableCrypto((count) => new Uint8Array(count));

function register(
  algorithm: HashAlgorithm,
  changes: Partial<DigestCredentials> = {},
): DigestToCheck {
  const secret = ha1(crypto, algorithm, "alice", "house", "secret");
  const fields = {
    nonce: "n",
    uri: "sip:house.example",
    qop: "auth",
    nc: 1,
    cnonce: "c",
    ...changes,
  };
  const response = digestResponse(crypto, algorithm, secret, "REGISTER", fields);
  const who = { kind: "Digest", username: "alice", realm: "house", algorithm } as const;
  const credentials = { ...who, response, ...fields };
  const requestUri = "sip:house.example";
  return { crypto, credentials, method: "REGISTER", requestUri, ha1: secret };
}

test.each<HashAlgorithm>(["MD5", "SHA-256", "SHA-512-256"])(
  "RFC 7616 §3.6: with %s the right response is right",
  (algorithm) => {
    //= RFC 7616 §3.6
    //# Then, the server MUST perform the same digest operation (e.g., MD5, SHA-256) performed by
    //# the client and compare the result to the given response value.
    const right = register(algorithm);
    expect(checkDigest(right)).toBe("Right");
    const another = ha1(crypto, algorithm, "alice", "house", "guess");
    expect(checkDigest({ ...right, ha1: another })).toBe("Wrong");
  },
);

test("nothing that the response covers can be changed", () => {
  const right = register("SHA-256");
  const { credentials } = right;
  for (const change of [{ nonce: "m" }, { uri: "sip:evil" }, { nc: 2 }, { cnonce: "d" }]) {
    expect(checkDigest({ ...right, credentials: { ...credentials, ...change } })).toBe("Wrong");
  }
  expect(checkDigest({ ...right, method: "INVITE" })).toBe("Wrong");
});

test("RFC 8760 §2.6: credentials made for another Request-URI are told apart", () => {
  //= RFC 8760 §2.6
  //# Therefore, in SIP, a UAS MUST check if the Request-URI in the
  //# Authorization/Proxy-Authorization header field value corresponds to a user for whom the UAS is
  //# willing to accept forwarded or direct requests; however, it MAY still accept it if the two
  //# fields are not equivalent.
  expect(checkDigest(register("SHA-256", { uri: "sip:alias.example" }))).toBe("OtherUri");
});

test("without qop nothing stops a replay, so not even the right response is accepted", () => {
  const bare = { qop: undefined, nc: undefined, cnonce: undefined };
  expect(checkDigest(register("MD5", bare))).toBe("NoQop");
});

test("RFC 7616 §3.4.3: auth-int is right for its body only", () => {
  const right = register("SHA-256", { qop: "auth-int" });
  expect(checkDigest(right)).toBe("Right");
  expect(checkDigest({ ...right, body: "v=0" })).toBe("Wrong");
});

test("an algorithm that is not understood is wrong", () => {
  const right = register("MD5");
  const credentials = { ...right.credentials, algorithm: "MD5-sess" };
  expect(checkDigest({ ...right, credentials })).toBe("Wrong");
});

test("for somebody who does not exist the same hashes are made, and none is right", () => {
  let hashed: number[] = [];
  const counting = {
    ...crypto,
    hash: (algorithm: HashAlgorithm, bytes: Uint8Array) => {
      hashed.push(bytes.length);
      return crypto.hash(algorithm, bytes);
    },
  };
  for (const algorithm of ["MD5", "SHA-256", "SHA-512-256"] as const) {
    const right = { ...register(algorithm), crypto: counting };
    hashed = [];
    checkDigest(right);
    const forSomebody = hashed;
    hashed = [];
    expect(checkDigest({ ...right, ha1: undefined })).toBe("Wrong");
    expect(hashed).toEqual(forSomebody);
  }
});

test("not even a response made with the stand-in for nobody is right", () => {
  const right = register("SHA-256");
  const response = digestResponse(crypto, "SHA-256", "-".repeat(64), "REGISTER", right.credentials);
  const credentials = { ...right.credentials, response };
  expect(checkDigest({ ...right, credentials, ha1: undefined })).toBe("Wrong");
});

test("any other response is wrong", () => {
  const right = register("SHA-256");
  fc.assert(
    fc.property(fc.string({ maxLength: 70 }), (response) => {
      expect(checkDigest({ ...right, credentials: { ...right.credentials, response } })).toBe(
        "Wrong",
      );
    }),
  );
});
