import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { Ids } from "../endpoint/ids.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import { type RequestLines, request } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Cookies, GONE } from "./cookie.ts";

const crypto = portableCrypto(seededBytes(seeded(1)));
const key = new Uint8Array(32).fill(7);
const cookies = new Cookies(new Ids(crypto, key, "n1"), "b00t");

const local = { host: "192.0.2.1", port: 5060 };
const udp: Flow = {
  transport: "UDP",
  local,
  remote: { host: "203.0.113.4", port: 5062 },
  connection: 0,
};
const page: Flow = {
  transport: "WS",
  local,
  remote: { host: "2001:db8::7", port: 40_000 },
  connection: 3,
};

function essentials(parts: Partial<RequestLines> = {}): Essentials {
  const message = parseMessage(request("INVITE", parts));
  const read = message.ok ? readEssentials(message.value) : message;
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

const ALICE = "<sip:alice@house.example>;tag=a";
const BOB = "<sip:bob@house.example>;tag=b";
const first = essentials();
const cookie = cookies.make(first, udp, page);
const fromAlice = { from: ALICE, to: BOB };
const fromBob = { from: BOB, to: ALICE };
const read = (parts: Partial<RequestLines>) => cookies.read(cookie, essentials(parts));

describe("a cookie", () => {
  test("tells each side of its dialog, and where the other one is", () => {
    const alice = { transport: "UDP", connection: 0, host: "203.0.113.4", port: 5062 };
    const bob = { transport: "WS", connection: 3, host: "2001:db8::7", port: 40_000 };
    expect(read(fromAlice)).toEqual({ from: "caller", source: alice, target: bob });
    expect(read(fromBob)).toEqual({ from: "callee", source: bob, target: alice });
  });

  test("stands in a URI's user part as it is, whatever the addresses", () => {
    const zoned = { ...udp, remote: { host: "fe80::1%eth0", port: 5060 } };
    const text = cookies.make(first, zoned, page);
    const uri = parseSipUri(`sip:${text}@192.0.2.1:5060;lr`);
    expect(uri.ok && uri.value.user).toBe(text);
    expect(cookies.read(text, essentials(fromAlice))?.source.host).toBe("fe80::1%eth0");
  });

  //= RFC 3261 §16.6
  //# Endpoints MUST NOT use a URI obtained from a Record-Route header field outside the dialog in
  //# which it was provided.
  test("is worth nothing in another call, or for another caller", () => {
    expect(read({ ...fromAlice, callId: "call-2" })).toBeUndefined();
    expect(read({ ...fromAlice, from: "<sip:alice@house.example>;tag=x" })).toBeUndefined();
    expect(read({ ...fromBob, to: "<sip:alice@house.example>;tag=x" })).toBeUndefined();
  });

  test("does not start a dialog: without a To tag it is none", () => {
    expect(read({ from: ALICE, to: "<sip:bob@house.example>" })).toBeUndefined();
  });

  test("does not let either side go on in another name", () => {
    expect(read({ from: "<sip:boss@house.example>;tag=a", to: BOB })).toBeUndefined();
    expect(read({ from: ALICE, to: "<sip:boss@house.example>;tag=b" })).toBeUndefined();
    expect(read({ from: "<sip:boss@house.example>;tag=b", to: ALICE })).toBeUndefined();
  });

  test("does not mind what phones change about an address: its parameters, its name", () => {
    const from = '"Alice" <sip:alice@HOUSE.example:5060;transport=udp>;tag=a';
    expect(read({ from, to: "<sip:%62ob@house.example>;tag=b" })?.from).toBe("caller");
  });

  test("cannot be changed in any place", () => {
    for (let i = 0; i < cookie.length; i++) {
      const other = cookie[i] === "1" ? "2" : "1";
      const forged = cookie.slice(0, i) + other + cookie.slice(i + 1);
      expect([i, cookies.read(forged, essentials(fromAlice))]).toEqual([i, undefined]);
    }
    for (const text of ["", "n1", "n1!!!", `${cookie}!x`, cookie.slice(0, -1), `${cookie}0`]) {
      expect(cookies.read(text, essentials(fromAlice))).toBeUndefined();
    }
  });

  test("is none of ours with another key or another node's name", () => {
    const otherKey = new Cookies(new Ids(crypto, new Uint8Array(32).fill(8), "n1"), "b00t");
    const otherNode = new Cookies(new Ids(crypto, key, "n2"), "b00t");
    expect(otherKey.read(cookie, essentials(fromAlice))).toBeUndefined();
    expect(otherNode.read(cookie, essentials(fromAlice))).toBeUndefined();
  });

  test("survives a restart, but not for a connection that has the same number by chance", () => {
    const restarted = new Cookies(new Ids(crypto, key, "n1"), "b002");
    const found = restarted.read(cookie, essentials(fromAlice));
    expect(found?.source.connection).toBe(0);
    expect(found?.target.connection).toBe(GONE);
  });

  test("does not run into a tag that contains what looks like more of it", () => {
    const tag = `"a","x@y","z@w`;
    const odd = { from: `<sip:alice@house.example>;tag="${tag.replaceAll('"', '\\"')}"`, to: BOB };
    expect(read(odd)).toBeUndefined();
  });
});
