import { describe, expect, test } from "vitest";
import { portableCrypto } from "../../auth/portable-crypto.ts";
import { requestText } from "../../testing/request-text.ts";
import { createEndpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import type { Output } from "../input-output.ts";
import type { Role } from "../role.ts";
import { type OverloadOptions, overloadControl } from "./overload-control.ts";

const local = { host: "192.0.2.1", port: 5060 };
const remote = { host: "192.0.2.9", port: 5060 };

/** An element that takes on whatever comes, and says nothing. */
function element(options: OverloadOptions = {}) {
  const taken: string[] = [];
  const role: Role = {
    attach(endpoint) {
      role.request = (from: Incoming) => {
        taken.push(from.request.method);
        endpoint.accept(from, { cancelled() {}, failed() {} });
      };
    },
    request() {},
    ack: () => taken.push("ACK"),
  };
  const control = overloadControl(options);
  const crypto = portableCrypto((count) => new Uint8Array(count).fill(7));
  const endpoint = createEndpoint({ role, crypto, admission: control });
  let now = 1000;
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, now);
  const hear = (octets: string, waitedMs: number, from = remote): readonly Output[] =>
    endpoint.handle({ kind: "Datagram", local, remote: from, octets, waitedMs }, now);
  const pass = (ms: number) => {
    now += ms;
  };
  /** Everybody waits for long: from here on it is overloaded. */
  const overload = () => {
    for (let i = 0; i < 11; i++, pass(10)) hear(response(i), 60);
  };
  return { control, taken, hear, pass, overload, census: () => control.census(now) };
}

const response = (nth: number): string =>
  requestText("INVITE", { branch: `z9hG4bKr${nth}` }).replace(
    "INVITE sip:alice@192.0.2.1 SIP/2.0",
    "SIP/2.0 180 Ringing",
  );

const said = (outputs: readonly Output[]): string =>
  outputs.map((one) => (one.kind === "Datagram" ? one.octets : one.kind)).join("\n");

const invite = (nth: number, parts: object = {}): string =>
  requestText("INVITE", { branch: `z9hG4bKc${nth}`, callId: `c${nth}`, ...parts });

describe("a server with too much to do", () => {
  test("turns new calls away with a 503, and keeps nothing of them", () => {
    const { hear, overload, taken, census } = element();
    overload();
    const answer = said(hear(invite(1), 180));
    expect(answer).toMatch(
      /^SIP\/2\.0 503 Service Unavailable\r\nVia: SIP\/2\.0\/UDP 192\.0\.2\.9/,
    );
    expect(answer).toMatch(
      /\r\nTo: <sip:alice@example\.com>;tag=busy-[0-9a-f]{16}-[0-9a-f]{8}\r\n/,
    );
    expect(answer).toMatch(/\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nRetry-After: \d+\r\n/);
    expect(answer.endsWith("Content-Length: 0\r\n\r\n")).toBe(true);
    expect(taken).toEqual([]);
    expect(census()).toMatchObject({ isOverloaded: true, calls: 1, delayMs: 180 });
  });

  test("says between five and fifteen seconds, and not the same to all", () => {
    const { hear, overload } = element();
    overload();
    const seconds = Array.from({ length: 200 }, (_, nth) =>
      Number(/Retry-After: (\d+)/.exec(said(hear(invite(nth), 180)))?.[1]),
    );
    expect(Math.min(...seconds)).toBe(5);
    expect(Math.max(...seconds)).toBe(15);
  });

  test("says the same again to who asks again, also when it has time by then", () => {
    const { hear, overload, pass, taken } = element();
    overload();
    const first = said(hear(invite(1), 180));
    pass(500);
    expect(said(hear(invite(1), 1))).toBe(first);
    expect(taken).toEqual([]);
  });

  test("never turns away what repeats a call that came in", () => {
    const { hear, overload, taken } = element();
    hear(invite(1), 0);
    overload();
    expect(said(hear(invite(1), 180))).toBe("");
    const old = invite(2, { via: "SIP/2.0/UDP 192.0.2.9:5060;branch=1" });
    hear(old, 0);
    expect(said(hear(old, 180))).toBe("");
    expect(taken).toEqual(["INVITE", "INVITE"]);
  });

  test.each([
    ["BYE", { to: "<sip:alice@example.com>;tag=a1" }],
    ["BYE", {}],
    ["PRACK", { to: "<sip:alice@example.com>;tag=a1" }],
    ["UPDATE", { to: "<sip:alice@example.com>;tag=a1" }],
    ["INVITE", { to: '"x>;y" <sip:alice@example.com>;tag=a1' }],
    ["INVITE", { to: "sip:alice@example.com ; Tag = a1" }],
    ["NOTIFY", { to: "<sip:alice@example.com>\r\n ;tag=a1" }],
    ["INVITE", { uri: "urn:service:sos.fire" }],
    ["INVITE", { lines: ["Resource-Priority: ets.0"] }],
    ["INVITE", { lines: ["Priority:  Emergency"] }],
  ])("lets through what is under way or urgent: %s %j", (method, parts) => {
    const { hear, overload, taken } = element();
    overload();
    expect(said(hear(requestText(method, parts), 200))).not.toContain(" 503 ");
    expect(taken).toEqual([method]);
  });

  test("takes a CANCEL, which is answered as ever", () => {
    const { hear, overload } = element();
    overload();
    expect(said(hear(requestText("CANCEL"), 200))).toContain("SIP/2.0 481 ");
  });

  test("takes the ACK of its own 503 for what it is, and any other to those whom it is for", () => {
    const { hear, overload, taken } = element();
    overload();
    const tag = /;tag=(busy-[^\r]+)/.exec(said(hear(invite(1), 180)))?.[1];
    const ack = (to: string) => requestText("ACK", { branch: "z9hG4bKc1", to });
    hear(ack(`<sip:alice@example.com>;tag=${tag}`), 180);
    expect(taken).toEqual([]);
    hear(ack("<sip:alice@example.com>;tag=other"), 180);
    expect(taken).toEqual(["ACK"]);
  });

  test("does not answer what has waited longer than T1: it comes again", () => {
    const { hear, overload, census } = element();
    overload();
    expect(said(hear(invite(1), 501))).toBe("");
    expect(census()).toMatchObject({ late: 1, calls: 0 });
  });

  test.each(["v", "VIA", "Via "])("answers those who write %s", (name) => {
    const { hear, overload } = element();
    overload();
    const compact = invite(1).replace("Via:", `${name}:`).replace("Call-ID", "i");
    const answer = said(hear(compact, 180));
    expect(answer).toContain("SIP/2.0 503 ");
    expect(answer).toContain("\r\ni: c1\r\n");
  });

  test("RFC 3581 §4: writes where it came from, and repeats what is below", () => {
    const { hear, overload } = element();
    overload();
    const via = "SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKx, SIP/2.0/TCP b;branch=z9hG4bKy";
    const text = invite(1, { via }).replace("Max-", "Via: SIP/2.0/UDP c;branch=z9hG4bKz\r\nMax-");
    const answer = said(hear(text, 180));
    expect(answer).toContain(
      "Via: SIP/2.0/UDP 10.0.0.1:5060;rport=5060;branch=z9hG4bKx;received=192.0.2.9, " +
        "SIP/2.0/TCP b;branch=z9hG4bKy\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKz\r\nFrom:",
    );
  });

  test("lets some registrations in each second, those first who have shown who they are", () => {
    const { hear, overload, taken, pass } = element({ registrationsPerSecond: 10 });
    overload();
    const register = (nth: number, lines: readonly string[] = []) =>
      requestText("REGISTER", { branch: `z9hG4bKg${nth}`, callId: `g${nth}`, lines });
    for (let nth = 0; nth < 100; nth++) hear(register(nth), 120);
    expect(taken).toHaveLength(10);
    pass(500);
    for (let nth = 100; nth < 200; nth++) hear(register(nth), 120);
    expect(taken).toHaveLength(15);
    for (let nth = 200; nth < 220; nth++) hear(register(nth, ["Authorization: Digest x"]), 49);
    expect(taken).toHaveLength(35);
  });

  test("turns nobody away whom it knows while it is strangers who are too many", () => {
    const { hear, overload, pass, taken } = element({
      knows: ({ remote }) => remote.port === 5060,
    });
    overload();
    const stranger = (nth: number) => said(hear(invite(nth), 250, { ...remote, port: 5070 }));
    for (let nth = 0; nth < 1000; nth++, pass(1)) expect(stranger(nth)).toContain(" 503 ");
    hear(invite(1001), 400);
    expect(taken).toEqual(["INVITE"]);
  });

  test("turns those away whom it knows when it is their own calls, from twice the wait on", () => {
    const { hear, overload, pass, taken } = element({ knows: () => true });
    overload();
    for (let nth = 0; nth < 20; nth++, pass(10)) hear(invite(nth), 100);
    expect(taken).toHaveLength(20);
    expect(said(hear(invite(100), 200))).toContain(" 503 ");
    taken.length = 0;
    for (let nth = 200; nth < 300; nth++, pass(10)) hear(invite(nth), 99);
    expect(taken).toHaveLength(100);
  });

  test("turns messages and subscriptions away before calls", () => {
    const { hear, overload, taken } = element();
    overload();
    for (let nth = 0; nth < 50; nth++) {
      hear(requestText("SUBSCRIBE", { branch: `z9hG4bKs${nth}` }), 50);
      hear(invite(nth), 50);
    }
    const invites = taken.filter((one) => one === "INVITE");
    expect(invites).toHaveLength(50);
    expect(taken.length - invites.length).toBeLessThan(30);
  });
});

describe("what is no overload", () => {
  test("a single pause, after which everything has waited once", () => {
    const { hear, pass, taken, census } = element();
    for (let waited = 120; waited > 0; waited -= 10, pass(5)) hear(invite(waited), waited);
    expect(taken).toHaveLength(12);
    expect(census()).toMatchObject({ isOverloaded: false, longestDelayMs: 120 });
  });

  test("a machine that stood still for half a second, with a few messages before it", () => {
    const { hear, taken, census } = element();
    for (let nth = 0; nth < 49; nth++) hear(invite(nth), 480);
    expect(taken).toHaveLength(49);
    expect(census().isOverloaded).toBe(false);
    // With more than a few there is a queue, and no time has to pass.
    expect(said(hear(invite(49), 480))).toContain(" 503 ");
    expect(census().isOverloaded).toBe(true);
  });

  test("what has been over for two seconds, with messages or without", () => {
    const { hear, overload, pass, taken, census } = element();
    overload();
    expect(census().isOverloaded).toBe(true);
    pass(2001);
    expect(census().isOverloaded).toBe(false);
    overload();
    pass(1000);
    hear(response(1), 1);
    expect(census().isOverloaded).toBe(true);
    pass(1001);
    hear(invite(1), 1);
    expect(census().isOverloaded).toBe(false);
    expect(taken).toEqual(["INVITE"]);
  });
});

test.each([
  { targetMs: 0 },
  { targetMs: Number.NaN },
  { registrationsPerSecond: -1 },
  { leastSeconds: 9, mostSeconds: 8 },
])("options that make no sense are refused: %j", (options) => {
  expect(() => overloadControl(options)).toThrow(RangeError);
});
