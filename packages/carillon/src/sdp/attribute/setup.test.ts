import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { answeredSetup, connectionUse, isFittingSetup, type Setup, setup } from "./setup.ts";

const ALL: readonly Setup[] = ["active", "passive", "actpass", "holdconn"];

test("RFC 4145 §4.1: what answers what", () => {
  expect(ALL.map((offered) => answeredSetup(offered, "active"))).toEqual([
    ...["passive", "active", "active", "holdconn"],
  ]);
  expect(answeredSetup("actpass", "passive")).toBe("passive");
  expect(answeredSetup(undefined, "active")).toBe("passive");
  const fitting = ALL.map((offered) => ALL.filter((answered) => isFittingSetup(offered, answered)));
  expect(fitting).toEqual([
    ["passive", "holdconn"],
    ["active", "holdconn"],
    ["active", "passive", "holdconn"],
    ["holdconn"],
  ]);
});

test("what we answer fits", () => {
  const preferred = fc.constantFrom<"active" | "passive">("active", "passive");
  fc.assert(
    fc.property(fc.constantFrom(...ALL), preferred, (offered, own) => {
      expect(isFittingSetup(offered, answeredSetup(offered, own))).toBe(true);
    }),
  );
});

test("parse(format(x)) is x", () => {
  for (const role of ALL) expect(setup.parse(setup.format(role))).toEqual(ok(role));
  for (const use of ["new", "existing"] as const) {
    expect(connectionUse.parse(connectionUse.format(use))).toEqual(ok(use));
  }
  for (const text of ["", "ACTIVE", "x", "constructor"]) expect(setup.parse(text).ok).toBe(false);
  expect(connectionUse.parse("old").ok).toBe(false);
});
