import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

test("an invite says where it leads and whether the first person is awaited", async () => {
  const invite = stage.house.invite();
  const before = await stage.ask("GET", `/api/invites/${invite}`);
  expect(before.json()).toEqual({
    domain: "house.example",
    house: "house.example",
    firstPerson: true,
  });
  await stage.sit("Anna", invite);
  expect((await stage.ask("GET", `/api/invites/${invite}`)).json()).toMatchObject({
    firstPerson: false,
  });
});

test("who joins gets a seat, and a cookie for this seat only and for no script", async () => {
  const response = await stage.joinAs("Anna Müller", stage.house.invite());
  expect(response.statusCode).toBe(201);
  expect(response.json()).toEqual({
    seat: "/@anna-muller/",
    name: "anna-muller",
    displayName: "Anna Müller",
    aor: "sip:anna-muller@house.example",
  });
  expect(response.cookies).toHaveLength(1);
  expect(response.cookies[0]).toMatchObject({
    name: "carillon",
    path: "/@anna-muller/",
    httpOnly: true,
    sameSite: "Strict",
  });
  expect(response.cookies[0]?.secure).toBe(undefined);
});

test("over https the cookie is for https only", async () => {
  const response = await stage.joinAs("Anna", stage.house.invite(), {
    "x-forwarded-proto": "https",
  });
  expect(response.cookies[0]?.secure).toBe(true);
});

test("of ten who want one name at once, one gets it, and the invite loses one use", async () => {
  const invite = stage.house.invite(2);
  const responses = await Promise.all(
    Array.from({ length: 10 }, () => stage.joinAs("Bob", invite)),
  );
  const codes = responses.map((response) => response.statusCode).sort();
  expect(codes).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  expect((await stage.joinAs("Carol", invite)).statusCode).toBe(201);
  expect(codeOf(await stage.joinAs("Dora", invite))).toBe("INVITE_USED");
});

test.each([
  ["an unknown invite", "nonsense", "Anna", 404, "INVITE_UNKNOWN"],
  ["a name of nothing", undefined, " ", 422, "NAME_INVALID"],
  ["a name of control characters", undefined, "a\r\nb", 422, "NAME_INVALID"],
  ["a name of the house's", undefined, "echo", 409, "NAME_TAKEN"],
])("%s is refused with what to do", async (_, invite, name, status, code) => {
  const response = await stage.joinAs(name, invite ?? stage.house.invite());
  expect(response.statusCode).toBe(status);
  const { error } = response.json();
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/\w.*\.$/);
  expect(error.hint).toMatch(/\w.*\.$/);
});

test("an old invite is refused by status 410", async () => {
  const invite = stage.house.invite();
  stage.house.clock.now += 3_600_001;
  expect((await stage.ask("GET", `/api/invites/${invite}`)).statusCode).toBe(410);
  expect(codeOf(await stage.joinAs("Anna", invite))).toBe("INVITE_EXPIRED");
});

test("codes cannot be guessed: an address that fails often waits, others do not", async () => {
  const invite = stage.house.invite();
  let refusedAt = 0;
  for (let i = 1; i <= 40 && refusedAt === 0; i++) {
    const response = await stage.ask("GET", `/api/invites/guess${i}`);
    if (response.statusCode === 429) {
      refusedAt = i;
      expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
    }
  }
  expect(refusedAt).toBe(31);
  // Not even the right one: a guesser must not learn that it was.
  expect(codeOf(await stage.ask("GET", `/api/invites/${invite}`))).toBe("TOO_MANY_TRIES");
  expect(codeOf(await stage.joinAs("Anna", invite))).toBe("TOO_MANY_TRIES");
  const elsewhere = { "x-forwarded-for": "192.0.2.7" };
  expect((await stage.joinAs("Anna", invite, elsewhere)).statusCode).toBe(201);
  stage.house.clock.now += 10_000;
  expect((await stage.ask("GET", `/api/invites/${invite}`)).statusCode).toBe(200);
});
