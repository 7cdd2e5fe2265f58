import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PRODUCT } from "./product.ts";

test("RFC 3261 §20.35 the product on the wire has the version of the package", () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  expect(PRODUCT).toBe(`Carillon/${version}`);
});
