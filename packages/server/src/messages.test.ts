import type { What } from "carillon/documents";
import { afterEach, beforeEach, expect, test } from "vitest";
import { carryOutMessages } from "./messages.ts";
import type { MessagesCommand } from "./messages-command.ts";
import { defaultSettings } from "./settings.ts";
import { settled, type TestMessages, testMessages } from "./store/messages/test-store.ts";

const ANNA = "sip:anna@house.example";
const BOB = "sip:bob@house.example";

let on: TestMessages;

beforeEach(() => {
  on = testMessages(["anna", "bob"]);
});

afterEach(() => on.close());

function post(id: number, at: number): void {
  const text = { contentType: "text/plain", body: `word${id}` };
  const what: What = { kind: "Message", id: `${id}`, from: ANNA, ...text };
  settled(
    on.store.post({
      ...{ key: { from: ANNA, id: `m ${id}` }, at, what },
      journals: [
        { account: "anna", conversation: BOB },
        { account: "bob", conversation: ANNA },
      ],
    }),
  );
}

/** What it prints, beside the server whose house it is. */
async function printed(command: MessagesCommand): Promise<string> {
  const texts: string[] = [];
  const { data, clock } = on.house;
  const print = (text: string) => void texts.push(text);
  const world = { clock, hostname: "tower", print };
  await carryOutMessages(command, { ...defaultSettings, data }, world);
  return texts.join("");
}

test("how much is kept of whom is said, and since when", async () => {
  const [words, json] = [
    { kind: "Usage", json: false },
    { kind: "Usage", json: true },
  ] as const;
  expect(await printed(words)).toBe("Nobody has said anything yet.\n");
  expect(JSON.parse(await printed(json))).toEqual([]);
  post(1, Date.UTC(2026, 0, 2));
  post(2, Date.UTC(2026, 0, 3));
  expect(await printed(words)).toBe(
    "anna  2 entries since 2026-01-02, 0 unread\nbob   2 entries since 2026-01-02, 2 unread\n",
  );
  const row = { entries: 2, oldestAt: Date.UTC(2026, 0, 2) };
  expect(JSON.parse(await printed(json))).toEqual([
    { account: "anna", unread: 0, ...row },
    { account: "bob", unread: 2, ...row },
  ]);
});

test("all of somebody's messages are printed, a line each", async () => {
  for (let i = 1; i <= 300; i++) post(i, i);
  const text = await printed({ kind: "Export", person: "Bob", json: false });
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ kind: "Export", address: BOB, last: 300 });
  expect(lines.slice(1).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(
    Array.from({ length: 300 }, (_, i) => `Entry ${i + 1}`),
  );
  expect(lines[300]).toMatchObject({ conversation: ANNA, what: { body: "word300" } });
  const nobody = printed({ kind: "Export", person: "carol", json: false });
  await expect(nobody).rejects.toThrow("Nobody of this name lives here.");
});

test("what is kept no longer goes at once, and is counted", async () => {
  const sweep = (json: boolean) => printed({ kind: "Sweep", json });
  const now = on.house.clock.now;
  post(1, now - 731 * 24 * 3_600_000);
  post(2, now);
  expect(await sweep(false)).toBe("2 entries are gone.\n");
  expect(await sweep(false)).toBe("Nothing is older than it may be.\n");
  expect(JSON.parse(await sweep(true))).toEqual({ gone: 0 });
  const left = on.store.page("bob", { kind: "After", after: 0, limit: 9 }).entries;
  expect(left).toMatchObject([{ seq: 2 }]);
});
