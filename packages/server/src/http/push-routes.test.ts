import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

const ENDPOINT = "https://fcm.googleapis.com/fcm/send/secret-of-anna";
const KEYS = { p256dh: "B".repeat(87), auth: "a".repeat(22) };
const WISH = { endpoint: ENDPOINT, ...KEYS, showsWords: false };

const put = (cookie: string, body: object = WISH, name = "anna") =>
  stage.ask("POST", `/@${name}/api/push`, { cookie }, JSON.stringify(body));
const read = async (cookie: string, name = "anna") =>
  (await stage.ask("GET", `/@${name}/api/push`, { cookie })).json();

test("a page is told of calls while it is closed once it asks, until it says no", async () => {
  const cookie = await stage.sit("Anna");
  expect(await read(cookie)).toEqual({ key: "Key", endpoint: null, showsWords: false, pages: [] });
  expect((await put(cookie)).statusCode).toBe(200);
  const told = await read(cookie);
  expect(told).toMatchObject({ endpoint: ENDPOINT, showsWords: false, pages: [{ isThis: true }] });
  expect((await put(cookie, { ...WISH, showsWords: true })).statusCode).toBe(200);
  expect(await read(cookie)).toMatchObject({ showsWords: true, pages: [{ isThis: true }] });
  await stage.ask("POST", "/@anna/api/push/this/revoke", { cookie }, "{}");
  expect(await read(cookie)).toMatchObject({ endpoint: null, pages: [] });
});

test("another page of the same person sees it, and ends it; nobody else sees any", async () => {
  const cookie = await stage.sit("Anna");
  await put(cookie);
  const bob = await stage.sit("Bob");
  expect(await read(bob, "bob")).toMatchObject({ pages: [] });
  expect((await stage.ask("GET", "/@anna/api/push", { cookie: bob })).statusCode).toBe(401);
  expect((await put(bob)).statusCode).toBe(401);
  const { pages } = await read(cookie);
  expect(JSON.stringify(pages)).not.toContain("secret");
  await stage.ask("POST", `/@bob/api/push/${pages[0].id}/revoke`, { cookie: bob }, "{}");
  expect((await read(cookie)).pages).toHaveLength(1);
  await stage.ask("POST", `/@anna/api/push/${pages[0].id}/revoke`, { cookie }, "{}");
  expect((await read(cookie)).pages).toEqual([]);
});

test("signing out ends it, and what the browser gave for it is gone", async () => {
  const cookie = await stage.sit("Anna");
  await put(cookie);
  await stage.ask("POST", "/@anna/api/leave", { cookie }, "{}");
  expect(stage.house.store.db.all("SELECT * FROM push_subscription")).toEqual([]);
});

test.each([
  [{ ...WISH, endpoint: "http://127.0.0.1:25/" }, "PUSH_UNKNOWN"],
  [{ ...WISH, endpoint: "https://evil.example/" }, "PUSH_UNKNOWN"],
  [{ ...WISH, endpoint: "x".repeat(801) }, "BAD_REQUEST"],
  [{ ...WISH, p256dh: "short" }, "BAD_REQUEST"],
  [{ endpoint: ENDPOINT }, "BAD_REQUEST"],
])("this house writes to push services alone: %j is %s", async (body, code) => {
  const cookie = await stage.sit("Anna");
  const response = await put(cookie, body);
  expect([response.statusCode, codeOf(response)]).toEqual([400, code]);
  expect(stage.lines.join("")).not.toContain("secret");
});

test("a notification's button declines what is held for its own person", async () => {
  const cookie = await stage.sit("Anna");
  const decline = async (id: string) =>
    (await stage.ask("POST", "/@anna/api/push/decline", { cookie }, JSON.stringify({ id }))).json();
  expect(await decline("call of anna")).toEqual({ isDeclined: true });
  expect(await decline("call of bob")).toEqual({ isDeclined: false });
});
