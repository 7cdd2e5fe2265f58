import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

test("people are told who is here at once and as it changes, 200 ms in one", async () => {
  const anna = await stage.sit("Anna");
  const events = await listen(anna);
  await expect.poll(() => events.people.length).toBe(1);
  expect(events.headers["content-type"]).toBe("text/event-stream");
  expect(events.headers["content-security-policy"]).toContain("default-src");
  expect(events.people[0]).toEqual([
    {
      name: "anna",
      displayName: "Anna",
      aor: "sip:anna@house.example",
      online: false,
      you: true,
    },
  ]);
  await stage.sit("Bob");
  for (const name of ["anna", "bob"]) {
    stage.online.add(name);
    stage.feed.changed();
  }
  await expect.poll(() => events.people.length).toBe(2);
  expect(events.people[1]).toMatchObject([
    { name: "anna", online: true, you: true },
    { name: "bob", online: true, you: false },
  ]);
});

test("a person added at the command line appears without anybody reporting it", async () => {
  const events = await listen(await stage.sit("Anna"));
  stage.house.store.accounts.addPhone({
    name: { name: "hall", displayName: "Hall" },
    deskPhone: true,
    realm: "house.example",
    now: stage.house.clock.now,
  });
  await expect.poll(() => events.people.at(-1)?.length, { timeout: 3000 }).toBe(2);
});

test("the events of a session that ended end with it", async () => {
  const cookie = await stage.sit("Anna");
  const events = await listen(cookie);
  await expect.poll(() => events.people.length).toBe(1);
  await stage.ask("POST", "/@anna/api/leave", { cookie });
  await expect.poll(() => events.ended, { timeout: 3000 }).toBe(true);
});

test("the oldest of too many tabs of one person stops being told", async () => {
  const cookie = await stage.sit("Anna");
  const tabs: Events[] = [];
  for (let i = 0; i < 13; i++) tabs.push(await listen(cookie));
  await expect.poll(() => tabs[0]?.ended).toBe(true);
  expect(tabs.filter((tab) => tab.ended)).toHaveLength(1);
});

interface Events {
  readonly headers: IncomingMessage["headers"];
  readonly people: unknown[][];
  ended: boolean;
}

async function listen(cookie: string): Promise<Events> {
  const at = { port: await stage.port(), host: "127.0.0.1", path: "/@anna/api/events" };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ ...at, headers: { cookie }, agent: false }, resolve).on("error", reject);
  });
  const events: Events = { headers: response.headers, people: [], ended: false };
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^event: people\ndata: (.*)$/.exec(block)?.[1];
      if (data !== undefined) events.people.push(JSON.parse(data).people);
    }
  });
  response.on("error", () => {});
  response.on("close", () => {
    events.ended = true;
  });
  return events;
}
