import { certificate } from "carillon/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webPush from "web-push";
import type { Push } from "./push-driver.ts";
import { isPushEndpoint } from "./push-hosts.ts";
import { type StandIn, type StandInSubscription, standIn } from "./test-stand-in.ts";
import { webPushDriver } from "./web-push-driver.ts";

const own = certificate({ name: "localhost", dns: ["localhost"], isAuthority: true });
const keys = webPush.generateVAPIDKeys();
const other = webPush.generateVAPIDKeys();
let says: { readonly status: number; readonly retryAfter?: string } | undefined;
let service: StandIn;
let subscription: StandInSubscription;
let driver: ReturnType<typeof webPushDriver>;

beforeAll(async () => {
  service = await standIn({ ...own, answer: () => says });
  subscription = service.subscribe(keys.publicKey);
  driver = driverWith(keys);
});
afterAll(async () => {
  driver.close();
  await service.close();
});

const driverWith = (pair: typeof keys) =>
  webPushDriver({
    ...{ keys: pair, subject: "mailto:postmaster@house.example", ca: [own.cert] },
    hosts: [new URL(service.origin).host],
    keysOf: (account) => (account === "bob" ? subscription.keys : undefined),
  });

const call = (changes: Partial<Push["asked"]> = {}): Push => ({
  asked: {
    ...{ account: "bob", credential: "s", by: "alice" },
    push: { provider: "webpush", param: undefined, prid: subscription.endpoint },
    why: {
      ...{ kind: "Request", method: "INVITE", id: "a1-b2", video: false, heldMs: 30_000 },
      ...{ from: "sip:alice@house.example", fromName: "Alice" },
    },
    ...changes,
  },
  note: { kind: "call", id: "a1-b2", name: "Alicé", video: false },
});

describe("a web push", () => {
  // RFC 8030 §5.2: An application server MUST include the TTL (Time-To-Live) header field in its
  // request for push
  // message delivery.
  test("RFC 8291 §4: is decrypted by its subscriber, and is worth what a call waits", async () => {
    says = undefined;
    expect(await driver.send(call())).toEqual({ kind: "Sent" });
    const push = service.pushes.at(-1);
    expect(JSON.parse(push?.text ?? "")).toEqual(call().note);
    expect(push).toMatchObject({
      ...{ ttlSeconds: 30, urgency: "high", topic: "a1-b2" },
      subject: "mailto:postmaster@house.example",
    });
  });

  // RFC 8292 §4.2: When a push message subscription has been restricted to an application server,
  // the request for
  // push message delivery MUST include a JWT signed by the private key that corresponds to the
  // public key used when creating the subscription.
  test("RFC 8292 §4.2: by another house's key is refused", async () => {
    const foreign = driverWith(other);
    expect(await foreign.send(call())).toMatchObject({ kind: "Refused" });
    expect(service.refused.at(-1)).toContain("another key");
    foreign.close();
  });

  test.each([
    [410, "Gone"],
    [404, "Gone"],
    [429, "Later"],
    [503, "Later"],
    [413, "Refused"],
  ])("that is answered with %i is %s", async (status, kind) => {
    says = { status, retryAfter: "7" };
    const sent = await driver.send(call());
    expect(sent.kind).toBe(kind);
    if (sent.kind === "Later") expect(sent.afterMs).toBe(7000);
    expect(JSON.stringify(sent)).not.toContain("/wake/");
  });

  //= RFC 8599 §12
  //# Web push permits the sending of a push message without a payload without encryption.
  test("RFC 8599 §12: for a phone of an edge has no content, and is signed", async () => {
    says = undefined;
    const sent = await driver.send(call({ account: "5eb1", isForeign: true }));
    expect(sent).toEqual({ kind: "Sent" });
    expect(service.pushes.at(-1)).toMatchObject({ text: "", ttlSeconds: 30, urgency: "high" });
  });

  test("for a subscription that was taken back is not sent", async () => {
    const before = service.pushes.length;
    expect(await driver.send(call({ account: "eve" }))).toMatchObject({ kind: "Gone" });
    expect(service.pushes).toHaveLength(before);
  });
});

describe("where web pushes may go", () => {
  test.each([
    "https://fcm.googleapis.com/fcm/send/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://par02p.notify.windows.com/w/?token=abc",
    "https://web.push.apple.com/abc",
    "https://localhost:8443/x",
  ])("%s is a push service", (endpoint) => {
    expect(isPushEndpoint(endpoint, ["localhost:8443"])).toBe(true);
  });

  test.each([
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:22/",
    "https://evil.example/",
    "https://evilpush.apple.com.evil.example/",
    "https://notify.windows.com.evil.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://user:pass@fcm.googleapis.com/",
    "https://localhost/",
    "file:///etc/passwd",
    "nonsense",
    `https://fcm.googleapis.com/${"a".repeat(1000)}`,
  ])("%s is none", (endpoint) => {
    expect(isPushEndpoint(endpoint, [])).toBe(false);
  });
});
