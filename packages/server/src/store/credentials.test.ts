import { expect, test } from "vitest";
import { credentialsFor, newPassword } from "./credentials.ts";

test("RFC 7616 §3.9.1 HA1 is the hash of username, realm and password", () => {
  const { ha1 } = credentialsFor("Mufasa", "Circle of Life", {
    realm: "http-auth@example.org",
    deskPhone: true,
  });
  expect(ha1.MD5).toBe("3d78807defe7de2157e2b0b6573a855f");
  expect(ha1["SHA-256"]).toBe("7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
  expect(ha1["SHA-512-256"]).toMatch(/^[0-9a-f]{64}$/);
});

test("MD5 is stored for desk phones only", () => {
  expect(credentialsFor("bob", "secret", { realm: "house", deskPhone: false }).ha1.MD5).toBe(
    undefined,
  );
});

test("a password has 100 bits in letters that a desk phone can type", () => {
  expect(newPassword()).toMatch(/^[0-9a-hjkmnp-tv-z]{20}$/);
});

test("a password never looks like a number in hexadecimal", () => {
  const drawn = ["0xzc9bf4yc443b5g8yc2", "0x7tgxsadkg2cvhc5f5e", "x0zc9bf4yc443b5g8yc2"];
  expect(newPassword(() => drawn.shift() ?? "")).toBe("x0zc9bf4yc443b5g8yc2");
});
