import { expect, test } from "vitest";
import { nodeTooOld } from "./node-version.ts";

test("Node before 24 is told so in one line, later ones nothing", () => {
  expect(nodeTooOld("22.18.0")).toMatch(
    /^Carillon needs Node 24 or newer, and this is 22\.18\.0: .*$/,
  );
  expect(nodeTooOld("24.0.0")).toBe(undefined);
  expect(nodeTooOld("26.10.0")).toBe(undefined);
});
