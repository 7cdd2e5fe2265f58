import { expect, test } from "vitest";
import { fingerprint, newSecret } from "./secret.ts";

test("a secret has the bits that were asked for, in letters nobody mistakes", () => {
  expect(newSecret(128)).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  expect(newSecret(256)).toHaveLength(52);
});

test("a thousand secrets are a thousand different ones", () => {
  expect(new Set(Array.from({ length: 1000 }, () => newSecret(128))).size).toBe(1000);
});

test("a fingerprint is stable, and is not the secret", () => {
  expect(fingerprint("bell")).toBe(fingerprint("bell"));
  expect(fingerprint("bell")).not.toContain("bell");
  expect(fingerprint("bell")).toHaveLength(43);
});
