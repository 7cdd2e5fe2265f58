/** Apple's and Google's services, stood in for by a server over TLS and HTTP/2 that takes notes. */
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { certificate } from "carillon/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apnsDriver } from "./apns-driver.ts";
import { fcmDriver } from "./fcm-driver.ts";
import type { Push, PushDriver } from "./push-driver.ts";

interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const own = certificate({ name: "localhost", dns: ["localhost"], isAuthority: true });
const taken: Taken[] = [];
let answers: (path: string) => { readonly status: number; readonly body: string } = () => OK;
const OK = { status: 200, body: "{}" };
let server: Http2SecureServer;
let origin = "";
let now = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  server = createSecureServer(own);
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    let body = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    stream.on("end", () => {
      taken.push({ headers, body });
      const { status, body: said } = answers(String(headers[":path"]));
      stream.respond({ ":status": status });
      stream.end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const push = (provider: string, param: string, prid: string): Push => ({
  asked: {
    ...{ account: "bob", credential: "d", by: "alice", push: { provider, param, prid } },
    why: {
      ...{ kind: "Request", method: "INVITE", id: "c1", video: true, heldMs: 30_000 },
      ...{ from: "sip:alice@house.example", fromName: "Alice" },
    },
  },
  note: { kind: "call", id: "c1", name: "Alice", from: "sip:alice@house.example", video: true },
});

/** What a token says, once its signature has been found to be this key's. */
function claimsOf(token: string, key: Parameters<typeof createPublicKey>[0], alg: string) {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  const publicKey = createPublicKey(key);
  const how =
    alg === "ES256" ? ({ key: publicKey, dsaEncoding: "ieee-p1363" } as const) : publicKey;
  const signed = Buffer.from(`${header}.${claims}`);
  expect(verify("sha256", signed, how, Buffer.from(signature, "base64url"))).toBe(true);
  expect(read(header)).toMatchObject({ alg });
  return { ...read(header), ...read(claims) };
}

describe("Apple's push service", () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const device = "00fc13adff785122";
  const param = "DEF123GHIJ.com.example.phone.voip";
  let driver: PushDriver;
  beforeAll(() => {
    const names = { keyId: "ABC123DEFG", teamId: "DEF123GHIJ", bundles: ["com.example.phone"] };
    driver = apnsDriver({ ...names, key, server: origin, ca: [own.cert], wall: () => now });
  });
  afterAll(() => driver.close());

  test("RFC 8599 §10: a call is a VoIP push for now or never, in its name", async () => {
    answers = () => OK;
    expect(await driver.send(push("apns", param, device))).toEqual({ kind: "Sent" });
    const { headers, body } = taken.at(-1) ?? { headers: {}, body: "" };
    expect(headers).toMatchObject({
      ":method": "POST",
      ":path": `/3/device/${device}`,
      "apns-topic": "com.example.phone.voip",
      "apns-push-type": "voip",
      "apns-expiration": "0",
      "apns-priority": "10",
    });
    expect(JSON.parse(body)).toMatchObject({ carillon: { kind: "call", name: "Alice" } });
    const token = String(headers.authorization).replace(/^bearer /, "");
    const claims = claimsOf(token, pair.publicKey.export({ type: "spki", format: "pem" }), "ES256");
    expect(claims).toMatchObject({ kid: "ABC123DEFG", iss: "DEF123GHIJ", iat: now / 1000 });
    await driver.send(push("apns", param, device));
    expect(taken.at(-1)?.headers.authorization).toBe(headers.authorization);
    now += 45 * 60_000;
    await driver.send(push("apns", param, device));
    expect(taken.at(-1)?.headers.authorization).not.toBe(headers.authorization);
  });

  test.each([
    [410, "Unregistered", "Gone"],
    [400, "BadDeviceToken", "Gone"],
    [403, "ExpiredProviderToken", "Later"],
    [429, "TooManyRequests", "Later"],
    [503, "Shutdown", "Later"],
    [413, "PayloadTooLarge", "Refused"],
  ])("%i %s is %s", async (status, reason, kind) => {
    answers = () => ({ status, body: JSON.stringify({ reason }) });
    expect(await driver.send(push("apns", param, device))).toMatchObject({ kind });
  });

  test("RFC 8599 §10: phones of other teams and apps, and what is no token, are not woken", () => {
    const accepts = (of: string | undefined, prid: string) =>
      driver.accepts({ provider: "apns", param: of, prid });
    expect(accepts(param, device)).toBe(true);
    expect(accepts("DEF123GHIJ.com.example.other.voip", device)).toBe(false);
    expect(accepts("XXXXXXXXXX.com.example.phone.voip", device)).toBe(false);
    expect(accepts(undefined, device)).toBe(false);
    expect(accepts(param, "../../admin")).toBe(false);
  });
});

describe("Firebase Cloud Messaging", () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  let driver: PushDriver;
  beforeAll(() => {
    const account = {
      ...{ project_id: "house", client_email: "push@house.example", private_key: privateKey },
      ...{ private_key_id: "k1", token_uri: `${origin}/token` },
    };
    driver = fcmDriver({ account, server: origin, ca: [own.cert], wall: () => now });
  });
  afterAll(() => driver.close());

  const granting = (status: number, body: string) => (path: string) =>
    path === "/token"
      ? { status: 200, body: JSON.stringify({ access_token: "granted", expires_in: 3600 }) }
      : { status, body };

  test("RFC 7523 §2.1: a signed assertion gets a token, by which messages are sent", async () => {
    answers = granting(200, "{}");
    const before = taken.length;
    const sent = await Promise.all([
      driver.send(push("fcm", "house", "registration:token-1")),
      driver.send(push("fcm", "house", "registration:token-2")),
    ]);
    expect(sent).toEqual([{ kind: "Sent" }, { kind: "Sent" }]);
    const [asked, ...messages] = taken.slice(before);
    const form = new URLSearchParams(asked?.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const pem = pair.publicKey.export({ type: "spki", format: "pem" });
    expect(claimsOf(form.get("assertion") ?? "", pem, "RS256")).toMatchObject({
      ...{ kid: "k1", iss: "push@house.example", aud: `${origin}/token` },
      ...{ iat: now / 1000, exp: now / 1000 + 3600 },
      scope: "https://www.googleapis.com/auth/firebase.messaging",
    });
    expect(messages).toHaveLength(2);
    expect(messages[0]?.headers).toMatchObject({
      ":path": "/v1/projects/house/messages:send",
      authorization: "Bearer granted",
    });
    expect(JSON.parse(messages[0]?.body ?? "").message).toMatchObject({
      token: "registration:token-1",
      data: { kind: "call", name: "Alice", sender: "sip:alice@house.example", video: "true" },
      android: { priority: "HIGH", ttl: "30s", collapse_key: "c1" },
    });
  });

  test.each([
    [404, '{"error":{"details":[{"errorCode":"UNREGISTERED"}]}}', "Gone"],
    [401, "{}", "Later"],
    [429, "{}", "Later"],
    [400, '{"error":{"status":"INVALID_ARGUMENT"}}', "Refused"],
  ])("%i %s is %s", async (status, body, kind) => {
    answers = granting(status, body);
    expect(await driver.send(push("fcm", "house", "registration:token-1"))).toMatchObject({ kind });
  });

  test("RFC 8599 §11: phones of other projects are not woken", () => {
    const accepts = (param: string) => driver.accepts({ provider: "fcm", param, prid: "abcdefgh" });
    expect([accepts("house"), accepts("other")]).toEqual([true, false]);
  });
});
