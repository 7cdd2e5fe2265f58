import { expect, test } from "vitest";
import { namesOf, titleOf } from "./names.ts";

const bob = {
  ...{ name: "bob", displayName: "Bob Baker", aor: "sip:bob@house.example" },
  ...{ online: true, you: false },
};
const nameOf = namesOf([bob]);

test("people of the house have their names, strangers the first part of their address", () => {
  expect(nameOf("sip:bob@HOUSE.example")).toBe("Bob Baker");
  expect(nameOf("sip:eve@other.example")).toBe("eve");
  expect(nameOf("sip:\u202e@other.example")).toBe("Somebody");
});

test("a group has its title, and one that cannot be shown has a word instead", () => {
  const group = { uri: "sip:choir@house.example", isGroup: true };
  expect(titleOf({ ...group, title: "Choir" }, nameOf)).toBe("Choir");
  expect(titleOf({ ...group, title: "\u200b" }, nameOf)).toBe("Group");
  expect(titleOf({ ...group, uri: bob.aor, isGroup: false, title: "x" }, nameOf)).toBe("Bob Baker");
});
