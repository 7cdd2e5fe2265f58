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
  expect(() => issueNonce({ ...issuer, node: "a.b" }, HOME, NOW)).toThrow(RangeError);
  expect(() => issueNonce({ ...issuer, node: "" }, HOME, NOW)).toThrow(RangeError);
  expect(() => issueNonce({ ...issuer, boot: new Uint8Array(3) }, HOME, NOW)).toThrow(RangeError);
});

test("a realm and a source cannot be moved into each other", () => {
  const nonce = issueNonce({ ...issuer, realm: "a" }, "b192.0.2.1", NOW);
  expect(checkNonce({ ...issuer, realm: "ab" }, nonce, "192.0.2.1", NOW)).toBe("Forged");
});
