import { expect, test } from "vitest";
import type { PresenceRules } from "./presence-api.ts";
import { actionFor, withRule } from "./rules-words.ts";

const bob = "sip:bob@house.example";
const open: PresenceRules = { house: "allow", others: "confirm", watchers: [] };

test("a rule for one person comes before the one for the house", () => {
  const rules = withRule(open, bob, "polite-block");
  expect(actionFor(rules, "sip:bob@HOUSE.example")).toBe("polite-block");
  expect(actionFor(rules, "sip:carol@house.example")).toBe("allow");
});

test("a person has one rule, and none where it says what holds anyway", () => {
  const blocked = withRule(withRule(open, bob, "polite-block"), bob, "block");
  expect(blocked.watchers).toEqual([{ who: bob, action: "block" }]);
  expect(withRule(blocked, bob, "allow").watchers).toEqual([]);
});
