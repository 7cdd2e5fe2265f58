import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBytes, toBytes } from "../grammar/octets.ts";
import { checkNonce, issueNonce, NONCE_LIFE_MS, type NonceIssuer, nonceIssuedAt } from "./nonce.ts";
import { portableCrypto } from "./portable-crypto.ts";

let drawn = 0;
const crypto = portableCrypto((count) => new Uint8Array(count).map(() => drawn++ * 7));
const issuer: NonceIssuer = {
  crypto,
  key: toBytes("0123456789abcdef0123456789abcdef"),
  node: "n1",
  boot: Uint8Array.of(1, 2, 3, 4, 5, 6),
  realm: "house.example",
};
const garbage = fc.uint8Array({ maxLength: 100, size: "max" }).map((bytes) => fromBytes(bytes));
const NOW = 1_790_000_000_123.75;
const HOME = "192.0.2.1";

test("a nonce is fresh for its source until its life is over", () => {
  const nonce = issueNonce(issuer, HOME, NOW);
  expect(checkNonce(issuer, nonce, HOME, NOW)).toBe("Fresh");
  expect(checkNonce(issuer, nonce, HOME, NOW + NONCE_LIFE_MS - 1)).toBe("Fresh");
  expect(checkNonce(issuer, nonce, HOME, NOW + NONCE_LIFE_MS)).toBe("Stale");
  expect(checkNonce(issuer, nonce, HOME, NOW - 60_000)).toBe("Stale");
  expect(nonceIssuedAt(nonce)).toBe(Math.floor(NOW));
});

test("a nonce lives for five minutes to the millisecond; a clock may be a second behind", () => {
  expect(NONCE_LIFE_MS).toBe(300_000);
  const issued = 1_790_000_000_000;
  const nonce = issueNonce(issuer, HOME, issued);
  const at = (ms: number) => checkNonce(issuer, nonce, HOME, issued + ms);
  expect([-1000, -999, 0, 299_999, 300_000].map(at)).toEqual([
    ...["Stale", "Fresh", "Fresh", "Fresh", "Stale"],
  ]);
});

test("a node's id has 1 to 32 characters, and what is no nonce is refused without a hash", () => {
  for (const node of ["a", "a".repeat(32)]) {
    const nonce = issueNonce({ ...issuer, node }, HOME, NOW);
    expect(checkNonce({ ...issuer, node }, nonce, HOME, NOW)).toBe("Fresh");
    expect(nonceIssuedAt(nonce)).toBe(Math.floor(NOW));
  }
  const noHash: NonceIssuer = {
    ...issuer,
    crypto: { ...crypto, hmac: () => expect.unreachable("this costs a hash") },
  };
  const body = "A".repeat(46);
  for (const nonce of ["", body, `.${body}`, `n1${body}`, `${"a".repeat(33)}.${body}`]) {
    expect(checkNonce(noHash, nonce, HOME, NOW)).toBe("Forged");
    expect(nonceIssuedAt(nonce)).toBeUndefined();
  }
  expect(nonceIssuedAt(`n1.${"!".repeat(46)}`)).toBe(0);
});

test("RFC 7616 §3.3: no nonce is issued twice, not even in one millisecond to one source", () => {
  //= RFC 7616 §3.3
  //# A server-specified string which should be uniquely generated each time a 401 response is made.
  const nonces = Array.from({ length: 50 }, () => issueNonce(issuer, HOME, NOW));
  expect(new Set(nonces).size).toBe(50);
});

test("ours, but from another source, an earlier boot or a neighbour, is stale", () => {
  const nonce = issueNonce(issuer, HOME, NOW);
  expect(checkNonce(issuer, nonce, "192.0.2.2", NOW)).toBe("Stale");
  const restarted = { ...issuer, boot: Uint8Array.of(6, 5, 4, 3, 2, 1) };
  expect(checkNonce(restarted, nonce, HOME, NOW)).toBe("Stale");
  expect(checkNonce({ ...issuer, node: "n2" }, nonce, HOME, NOW)).toBe("Stale");
});

test("of another realm or another key it is forged", () => {
  const nonce = issueNonce(issuer, HOME, NOW);
  expect(checkNonce({ ...issuer, realm: "other" }, nonce, HOME, NOW)).toBe("Forged");
  expect(checkNonce({ ...issuer, key: toBytes("another") }, nonce, HOME, NOW)).toBe("Forged");
});

test("with any character changed a nonce is never fresh", () => {
  const nonce = issueNonce(issuer, HOME, NOW);
  for (let i = 0; i < nonce.length; i++) {
    for (const character of "Ab0-_.") {
      if (nonce[i] === character) continue;
      const changed = nonce.slice(0, i) + character + nonce.slice(i + 1);
      expect(checkNonce(issuer, changed, HOME, NOW)).not.toBe("Fresh");
    }
  }
});

test("what somebody made up is forged, and never a throw", () => {
  fc.assert(
    fc.property(garbage, (nonce) => {
      expect(checkNonce(issuer, nonce, HOME, NOW)).toBe("Forged");
      expect(checkNonce(issuer, `n1.${nonce}`, HOME, NOW)).toBe("Forged");
    }),
  );
  expect(checkNonce(issuer, "", HOME, NOW)).toBe("Forged");
  expect(checkNonce(issuer, `n1.${"A".repeat(46)}`, HOME, NOW)).toBe("Forged");
  expect(checkNonce(issuer, `.${"A".repeat(46)}`, HOME, NOW)).toBe("Forged");
  expect(checkNonce(issuer, "A".repeat(1_000_000), HOME, NOW)).toBe("Forged");
});

test("a nonce is short and names its node, in characters that need no escape", () => {
  expect(issueNonce(issuer, HOME, NOW)).toMatch(/^n1\.[A-Za-z0-9_-]{46}$/);
});

test("a node or a boot that does not fit throws", () => {
  for (const node of ["a.b", "", "a".repeat(33)]) {
    const issue = () => issueNonce({ ...issuer, node }, HOME, NOW);
    expect(issue).toThrow(RangeError);
    expect(issue).toThrow("not a node id");
  }
  const issue = () => issueNonce({ ...issuer, boot: new Uint8Array(3) }, HOME, NOW);
  expect(issue).toThrow(RangeError);
  expect(issue).toThrow("boot has to be 6 bytes");
});

test("a realm and a source cannot be moved into each other", () => {
  const nonce = issueNonce({ ...issuer, realm: "a" }, "b192.0.2.1", NOW);
  expect(checkNonce({ ...issuer, realm: "ab" }, nonce, "192.0.2.1", NOW)).toBe("Forged");
});
