import { expect, test } from "vitest";
import { isOnStage, withoutStage } from "./place.ts";

test("a person and a conversation are on the stage, each where they are looked for", () => {
  expect(isOnStage({ tab: "People" })).toBe(false);
  expect(isOnStage({ tab: "People", person: "bob" })).toBe(true);
  expect(isOnStage({ tab: "Chat", person: "bob" })).toBe(false);
  expect(isOnStage({ tab: "Chat", conversation: "sip:bob@h" })).toBe(true);
});

test("back leads to the list that one came from", () => {
  const place = { tab: "Chat", conversation: "sip:bob@h", item: "1" } as const;
  expect(withoutStage(place)).toEqual({ tab: "Chat" });
});
