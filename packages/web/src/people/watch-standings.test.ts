import type { Presence } from "carillon/documents";
import { expect, test } from "vitest";
import { standingsOf } from "./watch-standings.ts";

const away: Presence = { entity: "sip:bob@h", tuples: [], notes: [], activities: ["away"] };

test("of a list those are known who may be seen, by their addresses", () => {
  const known = { name: "", state: "active", reason: undefined } as const;
  const list = new Map([
    ["sip:bob@H", { ...known, uri: "sip:bob@H", value: away }],
    ["sip:eve@h", { ...known, uri: "sip:eve@h", state: "pending" as const, value: undefined }],
  ]);
  expect([...standingsOf(list)]).toEqual([["bob@h", away]]);
});
