import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

test.each(["/@anna/api/me", "/@anna/api/people", "/@anna/api/events"])(
  "%s needs the cookie of this very seat",
  async (url) => {
    await stage.sit("Anna");
    const bob = await stage.sit("Bob");
    for (const cookie of ["", bob, "carillon=x"]) {
      const response = await stage.ask("GET", url, { cookie });
      expect(response.statusCode).toBe(401);
      expect(codeOf(response)).toBe("SIGNED_OUT");
    }
  },
);

test("the page learns who it is and where SIP is", async () => {
  const cookie = await stage.sit("Anna Müller");
  const response = await stage.ask("GET", "/@anna-muller/api/me", {
    cookie,
    host: "localhost:8080",
  });
  expect(response.json()).toEqual({
    name: "anna-muller",
    displayName: "Anna Müller",
    aor: "sip:anna-muller@house.example",
    owner: true,
    domain: "house.example",
    sip: "ws://localhost:8080/sip",
  });
  expect(response.headers["cache-control"]).toBe("no-store");
  // The cookie is given anew, so that it lasts as long as the seat is used.
  expect(response.cookies[0]).toMatchObject({ path: "/@anna-muller/", httpOnly: true });
  expect(`carillon=${response.cookies[0]?.value}`).toBe(cookie);
});

test("a token names the account and its session, and lives five minutes", async () => {
  const cookie = await stage.sit("Anna");
  const response = await stage.ask("POST", "/@anna/api/token", { cookie });
  expect(response.json()).toEqual({ token: "token-1", expiresSeconds: 300 });
  const [claims] = stage.minted;
  expect(claims?.account).toBe("anna");
  expect(claims?.expiresAt).toBe(stage.house.clock.now + 300_000);
  expect(stage.house.store.accounts.session(claims?.session ?? "")).toBe(true);
  expect(cookie).not.toContain(claims?.session);
});

test("an invite of a member works, and comes with a QR code of the same link", async () => {
  const cookie = await stage.sit("Anna");
  const headers = { cookie, host: "localhost:8080" };
  const response = await stage.ask("POST", "/@anna/api/invites", headers);
  expect(response.statusCode).toBe(201);
  const { link, qr, expires } = response.json();
  expect(link).toMatch(/^http:\/\/localhost:8080\/join\/[0-9a-z]{26}$/);
  expect(qr).toMatch(/^<svg [^>]*viewBox/);
  expect(expires).toBeGreaterThan(stage.house.clock.now);
  expect((await stage.joinAs("Bob", link.split("/").at(-1))).statusCode).toBe(201);
});

test("who leaves is signed out wherever this cookie is, and its tokens are void", async () => {
  const cookie = await stage.sit("Anna");
  await stage.ask("POST", "/@anna/api/token", { cookie });
  const response = await stage.ask("POST", "/@anna/api/leave", { cookie });
  expect(response.statusCode).toBe(204);
  expect(response.cookies[0]).toMatchObject({ name: "carillon", path: "/@anna/", value: "" });
  expect((await stage.ask("GET", "/@anna/api/me", { cookie })).statusCode).toBe(401);
  expect(stage.house.store.accounts.session(stage.minted[0]?.session ?? "")).toBe(false);
});
