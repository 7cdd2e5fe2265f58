import { expect, test } from "vitest";
import { toHex } from "./hex.ts";

test("every byte is two lower-case digits", () => {
  expect(toHex(new Uint8Array([0, 1, 15, 16, 171, 255]))).toBe("00010f10abff");
  expect(toHex(new Uint8Array())).toBe("");
});
