import { expect, test } from "vitest";
import { freshMs } from "./ice-servers.ts";

test("credentials are asked for again after half of their time, and not too often", () => {
  expect([3600, 10, 0, 1e9].map(freshMs)).toEqual([1_800_000, 30_000, 30_000, 2 ** 31 - 1]);
});
