import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;
const cookies: Record<string, string> = {};

const address = (name: string) => `sip:${name}@house.example`;

beforeEach(async () => {
  stage = await testStage();
  for (const name of ["Anna", "Bob", "Carol", "Dan"]) {
    cookies[name.toLowerCase()] = await stage.sit(name);
  }
});

afterEach(() => stage.close());

const ask = (
  who: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body: object | undefined = undefined,
) =>
  stage.ask(
    method,
    `/@${who}/api/${path}`,
    { cookie: cookies[who] ?? "" },
    body && JSON.stringify(body),
  );
const lunch = { name: "lunch", title: "Lunch", members: ["bob", address("carol")] };
const make = (body: object = lunch) => ask("anna", "POST", "groups", body);
const groups = async (who: string) => (await ask(who, "GET", "groups")).json().groups;
const shown = {
  ...{ name: "lunch", title: "Lunch", owner: address("anna"), uri: address("lunch") },
  members: ["anna", "bob", "carol"].map(address),
};
const told = (who: string) =>
  stage.messages.store
    .page(who, { kind: "After", after: 0, limit: 99 })
    .entries.map(({ what }) => what);

test("a group is made of people here, who all have it and are told", async () => {
  const response = await make();
  expect([response.statusCode, response.json()]).toEqual([201, shown]);
  for (const who of ["anna", "bob", "carol"]) {
    expect(await groups(who)).toEqual([shown]);
    const { title, members } = shown;
    expect(told(who)).toEqual([{ kind: "Group", title, members, by: address("anna") }]);
    expect((await ask(who, "GET", "groups/lunch")).json()).toEqual(shown);
  }
  expect([await groups("dan"), told("dan")]).toEqual([[], []]);
  const { conversations } = (await ask("bob", "GET", "conversations")).json();
  expect(conversations).toMatchObject([
    { uri: address("lunch"), title: "Lunch", isGroup: true, members: shown.members },
  ]);
});

test("its owner changes who is in it, and what it is called", async () => {
  await make();
  const put = (who: string, body: object) => ask(who, "PUT", "groups/lunch", body);
  expect((await put("anna", { title: "Brunch" })).json()).toEqual({ ...shown, title: "Brunch" });
  const members = ["anna", "bob", "carol", "dan"];
  const response = await put("anna", { members });
  expect(response.json()).toEqual({ ...shown, title: "Brunch", members: members.map(address) });
  expect(told("dan")).toHaveLength(1);
  const refused = await put("bob", { title: "Bob's" });
  expect([refused.statusCode, codeOf(refused)]).toEqual([403, "GROUP_FORBIDDEN"]);
  expect(refused.json().error.message).toBe("Only its owner changes a group.");
  expect(codeOf(await put("bob", { members: ["bob", "carol", "dan"] }))).toBe("GROUP_FORBIDDEN");
});

test("whoever wants to leaves it, and writes there no more", async () => {
  await make();
  expect((await ask("bob", "POST", "groups/lunch/leave")).statusCode).toBe(204);
  expect(await groups("bob")).toEqual([]);
  expect(await groups("anna")).toMatchObject([{ members: ["anna", "carol"].map(address) }]);
  expect(told("bob").at(-1)).toMatchObject({ members: ["anna", "carol"].map(address) });
  expect(codeOf(await ask("bob", "POST", "groups/lunch/leave"))).toBe("GROUP_UNKNOWN");
  // When its owner leaves it is the next one's.
  expect((await ask("anna", "POST", "groups/lunch/leave")).statusCode).toBe(204);
  expect(await groups("carol")).toMatchObject([{ owner: address("carol") }]);
});

test("who is not in a group sees nothing of it", async () => {
  await make();
  const body = { title: "x" };
  for (const response of [
    await ask("dan", "GET", "groups/lunch"),
    await ask("dan", "PUT", "groups/lunch", body),
    await ask("dan", "POST", "groups/lunch/leave"),
    await ask("dan", "GET", "groups/dinner"),
  ]) {
    expect([response.statusCode, codeOf(response)]).toEqual([404, "GROUP_UNKNOWN"]);
  }
});

test("people and groups have one set of names", async () => {
  await make();
  expect(codeOf(await make())).toBe("GROUP_TAKEN");
  for (const name of ["dan", "files", "house"]) {
    const response = await make({ ...lunch, name });
    expect([response.statusCode, codeOf(response)]).toEqual([403, "GROUP_FORBIDDEN"]);
  }
  const joining = await stage.joinAs("Lunch");
  expect([joining.statusCode, codeOf(joining)]).toEqual([409, "NAME_TAKEN"]);
});

test.each([
  ["two people", { members: ["bob"] }, 422, "GROUP_INVALID"],
  ["a name that is none", { name: "Lunch break" }, 422, "GROUP_INVALID"],
  ["a stranger", { members: ["bob", "zoe"] }, 404, "PERSON_UNKNOWN"],
  ["somebody from elsewhere", { members: ["bob", "sip:zoe@other.example"] }, 404, "PERSON_UNKNOWN"],
  ["201 people", { members: Array.from({ length: 201 }, (_, i) => `p${i}`) }, 400, "BAD_REQUEST"],
  ["no title", { title: " " }, 400, "BAD_REQUEST"],
  ["a title of 201 characters", { title: "x".repeat(201) }, 400, "BAD_REQUEST"],
  ["something else", { colour: "red" }, 400, "BAD_REQUEST"],
])("no group is made of %s", async (_, what, status, code) => {
  const response = await make({ ...lunch, ...what });
  expect([response.statusCode, codeOf(response)]).toEqual([status, code]);
  expect(await groups("anna")).toEqual([]);
});

test("nobody makes groups in another's name", async () => {
  const response = await stage.ask(
    "POST",
    "/@anna/api/groups",
    { cookie: cookies["bob"] ?? "" },
    JSON.stringify(lunch),
  );
  expect(codeOf(response)).toBe("SIGNED_OUT");
});
