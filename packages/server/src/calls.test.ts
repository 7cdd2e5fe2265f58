import { afterEach, beforeEach, expect, test } from "vitest";
import { lineOf, listCalls } from "./calls.ts";
import { defaultSettings } from "./settings.ts";
import { type TestHouse, testHouse } from "./test-house.ts";

let house: TestHouse;

beforeEach(() => {
  house = testHouse();
});

afterEach(() => house.close());

const list = (person?: string, json = false, csv = false): string => {
  const { data, clock } = house;
  return listCalls(
    { person, json, csv },
    { ...defaultSettings, data },
    { clock, hostname: "tower" },
  );
};

const call = {
  caller: "sip:alice@house.example",
  callee: "bob",
  callId: "call-1",
  invitedAt: Date.UTC(2026, 10, 28, 10, 31, 7),
  answeredAt: null,
  endedAt: Date.UTC(2026, 10, 28, 10, 31, 9),
  status: 486,
  endedBy: null,
  ...{ mosCaller: null, mosCallee: null },
};
const answeredAt = Date.UTC(2026, 10, 28, 10, 31, 10);

test.each([
  [{}, "busy"],
  [{ status: 487 }, "the caller gave up"],
  [{ status: 500 }, "not answered (500)"],
  [{ status: 200, answeredAt, endedAt: null }, "answered, and no end was seen"],
  [
    { status: 200, answeredAt, endedAt: answeredAt + 64_400, endedBy: "callee" },
    "talked 1 min 4 s, bob hung up",
  ],
  [
    { status: 200, answeredAt, endedAt: answeredAt + 9000, endedBy: "caller" },
    "talked 9 s, the caller hung up",
  ],
  [
    { status: 200, answeredAt, endedAt: answeredAt + 9000, endedBy: null },
    "talked 9 s, and the server ended",
  ],
  [
    {
      status: 200,
      answeredAt,
      endedAt: answeredAt + 9000,
      endedBy: "caller",
      mosCaller: 4.41,
      mosCallee: null,
    },
    "talked 9 s, the caller hung up; sound 4.4 from the caller, none back (of 4.5)",
  ],
] as const)("%j is a line that says %s", (more, words) => {
  const line = `2026-11-28 10:31:07  sip:alice@house.example -> bob  ${words}\n`;
  expect(lineOf({ ...call, ...more })).toBe(line);
});

test("calls are listed for a person, for a program, and for one of the house", () => {
  expect(list()).toBe("No calls yet.\n");
  expect(() => list("Bob")).toThrow("Nobody of this name lives here.");
  house.store.join({ invite: house.invite(), name: "Bob" });
  const { caller, callee, callId, invitedAt, endedAt } = call;
  const row = ["n", caller, callee, callId, invitedAt, null, endedAt, 486, null] as const;
  const insert = "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)";
  house.store.db.run(insert, ...row);
  expect(list("Bob")).toBe(lineOf(call));
  expect(JSON.parse(list(undefined, true))).toEqual([
    {
      ...call,
      invitedAt: "2026-11-28T10:31:07.000Z",
      endedAt: "2026-11-28T10:31:09.000Z",
    },
  ]);
});

test("a table for other programs, of which nothing is a formula, whatever a caller made up", () => {
  const insert = "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  const at = call.invitedAt;
  const row = ["n", "sip:a@b", "bob", '=HYPERLINK("x"),y', at, answeredAt, null, 200, null, 4.4, 3];
  house.store.db.run(insert, ...row);
  expect(list(undefined, false, true)).toBe(
    "invitedAt,answeredAt,endedAt,caller,callee,callId,status,endedBy,mosCaller,mosCallee\r\n" +
      "2026-11-28T10:31:07.000Z,2026-11-28T10:31:10.000Z,,sip:a@b,bob," +
      `"'=HYPERLINK(""x""),y",200,,4.4,3\r\n`,
  );
});
