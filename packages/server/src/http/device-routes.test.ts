import { afterEach, beforeEach, expect, test } from "vitest";
import { credentialsFor } from "../store/credentials.ts";
import { codeOf, type Stage, testStage } from "./test-stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await testStage();
});

afterEach(() => stage.close());

const add = (cookie: string, body: object = { label: "Kitchen", deskPhone: true }) =>
  stage.ask("POST", "/@anna/api/devices", { cookie, host: "tower:8080" }, JSON.stringify(body));
const list = async (cookie: string) =>
  (await stage.ask("GET", "/@anna/api/devices", { cookie })).json().devices;

test("a new phone gets everything to type into it, once, and a code with the same", async () => {
  const cookie = await stage.sit("Anna");
  expect(await list(cookie)).toEqual([]);
  const response = await add(cookie);
  expect(response.statusCode).toBe(201);
  expect(response.headers["cache-control"]).toBe("no-store");
  const { password, device, qr, ...rest } = response.json();
  expect(rest).toEqual({
    server: "tower",
    port: 5060,
    user: "anna",
    domain: "house.example",
    aor: "sip:anna@house.example",
  });
  expect(qr).toMatch(/^<svg [^>]*viewBox/);
  const [phone] = stage.house.store.accounts.devices("anna");
  const made = { realm: "house.example", deskPhone: true };
  expect(phone?.ha1).toEqual(credentialsFor("anna", password, made).ha1);
  const shown = { id: phone?.id, label: "Kitchen", deskPhone: true, here: false };
  expect(device).toEqual({ ...shown, createdAt: stage.house.clock.now });
  expect(await list(cookie)).toEqual([device]);
  expect(JSON.stringify(await list(cookie))).not.toContain(password);
  expect(stage.lines.join("")).not.toContain(password);
});

test("on this very machine a phone is told the address in the network", async () => {
  const cookie = await stage.sit("Anna");
  const body = JSON.stringify({ label: "", deskPhone: false });
  const headers = { cookie, host: "localhost:8080" };
  const response = await stage.ask("POST", "/@anna/api/devices", headers, body);
  expect(response.json().server).toBe("192.168.1.5");
});

test("which phones are registered at the moment is said", async () => {
  const cookie = await stage.sit("Anna");
  const { device } = (await add(cookie)).json();
  stage.online.add(device.id);
  expect(await list(cookie)).toMatchObject([{ id: device.id, here: true }]);
});

test("a phone is revoked alone, once, and by its own person only", async () => {
  const cookie = await stage.sit("Anna");
  const bob = await stage.sit("Bob");
  const [one, other] = [(await add(cookie)).json().device, (await add(cookie)).json().device];
  const revoke = (who: string, name: string) =>
    stage.ask("POST", `/@${name}/api/devices/${one.id}/revoke`, { cookie: who });
  expect(codeOf(await revoke(bob, "bob"))).toBe("PHONE_UNKNOWN");
  expect(codeOf(await revoke(bob, "anna"))).toBe("SIGNED_OUT");
  const response = await revoke(cookie, "anna");
  expect([response.statusCode, response.json()]).toEqual([200, { left: 1 }]);
  expect(await list(cookie)).toEqual([other]);
  expect(codeOf(await revoke(cookie, "anna"))).toBe("PHONE_UNKNOWN");
});

test("what is no phone's name, and what is no request, is refused in words", async () => {
  const cookie = await stage.sit("Anna");
  const odd = await add(cookie, { label: "a\u0007", deskPhone: true });
  expect([odd.statusCode, codeOf(odd)]).toEqual([422, "LABEL_INVALID"]);
  for (const body of [{}, { label: "x" }, { label: 3, deskPhone: true }]) {
    expect(codeOf(await add(cookie, body))).toBe("BAD_REQUEST");
  }
  expect(await list(cookie)).toEqual([]);
});

test("nobody's phones are listed, made or revoked without their cookie", async () => {
  await stage.sit("Anna");
  for (const [method, path] of [
    ["GET", "devices"],
    ["POST", "devices"],
    ["POST", "devices/x/revoke"],
  ] as const) {
    const response = await stage.ask(method, `/@anna/api/${path}`, {});
    expect([response.statusCode, codeOf(response)]).toEqual([401, "SIGNED_OUT"]);
  }
});
