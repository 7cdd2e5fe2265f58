import { expect, test } from "vitest";
import { groupName, groupTrouble } from "./group-check.ts";

test("a group has a name and three to two hundred people, oneself among them", () => {
  expect(groupTrouble(" ", 2)).toBe("Give the group a name.");
  expect(groupTrouble("Choir", 0)).toBe("Choose 2 people: a group has three or more.");
  expect(groupTrouble("Choir", 1)).toBe("Choose one more person: a group has three or more.");
  expect(groupTrouble("Choir", 2)).toBeUndefined();
  expect(groupTrouble("Choir", 199)).toBeUndefined();
  expect(groupTrouble("Choir", 200)).toBe("A group has 200 people at most.");
  expect(groupTrouble("x".repeat(81), 2)).toBe("Its name has 80 letters at most.");
});

test("its address is made of its name, whatever that is", () => {
  expect(groupName("Müller & Söhne!", "k3x9")).toBe("muller-sohne-k3x9");
  expect(groupName("合唱団", "k3x9")).toBe("group-k3x9");
  expect(groupName("sip:x@y;z=1\r\nVia", "k3x9")).toBe("sip-x-y-z-1-via-k3x9");
  expect(groupName("a".repeat(100), "k3x9")).toHaveLength(29);
});
