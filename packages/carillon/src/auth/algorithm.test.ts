import { expect, test } from "vitest";
import { hashAlgorithm, isWeaker, sessionAlgorithm } from "./algorithm.ts";

test("RFC 8760 §2.7: the three algorithms are known whatever their case", () => {
  expect(hashAlgorithm("MD5")).toBe("MD5");
  expect(hashAlgorithm("md5")).toBe("MD5");
  expect(hashAlgorithm("Sha-256")).toBe("SHA-256");
  expect(hashAlgorithm("sha-512-256")).toBe("SHA-512-256");
});

test.each(["MD5-sess", "SHA-256-sess", "SHA-512-256-sess", "SHA-1", "", "MD5 ", "toString"])(
  "RFC 7616 §3.3: %j is not understood",
  (name) => {
    expect(hashAlgorithm(name)).toBeUndefined();
  },
);

test("RFC 7616 §3.4.2: a session's algorithm names the hash that it is made with", () => {
  expect(sessionAlgorithm("MD5-sess")).toBe("MD5");
  expect(sessionAlgorithm("sha-256-SESS")).toBe("SHA-256");
  expect(sessionAlgorithm("SHA-512-256-sess")).toBe("SHA-512-256");
  for (const name of ["MD5", "", "-sess", "SHA-1-sess", "MD5-sess-sess", "sess", "MD5sess"]) {
    expect(sessionAlgorithm(name)).toBeUndefined();
  }
});

test("only MD5 is weaker than anything", () => {
  expect(isWeaker("MD5", "SHA-256")).toBe(true);
  expect(isWeaker("MD5", "SHA-512-256")).toBe(true);
  expect(isWeaker("SHA-256", "SHA-512-256")).toBe(false);
  expect(isWeaker("MD5", "MD5")).toBe(false);
});
