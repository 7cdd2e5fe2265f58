import { expect, test } from "vitest";
import { padded } from "./padding.ts";

test("a message that leaves no room for the length gets one more block", () => {
  expect(padded(new Uint8Array(55), 64, "big-endian").byteLength).toBe(64);
  expect(padded(new Uint8Array(56), 64, "big-endian").byteLength).toBe(128);
  expect(padded(new Uint8Array(111), 128, "big-endian").byteLength).toBe(128);
  expect(padded(new Uint8Array(112), 128, "big-endian").byteLength).toBe(256);
});

test("the length is in bits and in the order asked for", () => {
  expect(padded(new Uint8Array(3), 64, "big-endian").getBigUint64(56)).toBe(24n);
  expect(padded(new Uint8Array(3), 64, "little-endian").getBigUint64(56, true)).toBe(24n);
});
