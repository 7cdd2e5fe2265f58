import type { ConversationView, Item } from "carillon/chat";
import { expect, test } from "vitest";
import { sameView } from "./same-view.ts";

/** As the library makes them: each time anew. */
const item = (nth: number, rest: Partial<Item> = {}): Item => ({
  ...{ id: `m${nth}`, seq: nth, from: "sip:ann@house.example", isOwn: true, at: new Date(nth) },
  ...{ contentType: "text/plain", text: `Message ${nth}`, state: "Sent", displayedBy: [] },
  ...{ isEdited: false, isRetracted: false },
  ...rest,
});
const view = (items: readonly Item[], rest: Partial<ConversationView> = {}): ConversationView => ({
  ...{ uri: "sip:bob@house.example", title: "bob", isGroup: false, members: [], items },
  ...{ unread: 0, composing: [], hasEarlier: false },
  ...rest,
});

test("of a thousand messages only the one that changed is another object", () => {
  const make = () => Array.from({ length: 1000 }, (_, nth) => item(nth));
  const before = view(make());
  const after = make();
  after[500] = item(500, { state: "Displayed", displayedBy: ["sip:bob@house.example"] });
  const now = sameView(before, view([...after, item(1000)], { composing: ["sip:bob@x"] }));
  const other = now.items.filter((one, nth) => one !== before.items[nth]);
  expect(other.map(({ id, state }) => [id, state])).toEqual([
    ["m500", "Displayed"],
    ["m1000", "Sent"],
  ]);
  expect(now.composing).toEqual(["sip:bob@x"]);
  expect(now.members).toBe(before.members);
});

test.each([
  ["edited", { text: "Other words", isEdited: true }],
  ["moved in the journal", { seq: undefined }],
  ["of another time", { at: new Date(7) }],
  ["read by one more", { displayedBy: ["sip:bob@house.example"] }],
  ["with a reason", { why: "It could not be delivered." }],
] as const)("a message that is %s is drawn again", (_, change) => {
  const before = view([item(1)]);
  const changed = item(1, change as Partial<Item>);
  expect(sameView(before, view([changed])).items[0]).toBe(changed);
});

test("what an item has lost is a change as well", () => {
  const before = view([item(1, { replyTo: "m0" })]);
  const changed = item(1);
  expect(sameView(before, view([changed])).items[0]).toBe(changed);
});

test("members that came or went, and another conversation, are what they are", () => {
  const members = ["sip:ann@house.example"];
  const before = view([item(1)], { members });
  const more = view([item(1)], { members: [...members, "sip:eve@house.example"] });
  expect(sameView(before, more).members).toBe(more.members);
  const other = view([item(1)], { uri: "sip:eve@house.example" });
  expect(sameView(before, other)).toBe(other);
});
