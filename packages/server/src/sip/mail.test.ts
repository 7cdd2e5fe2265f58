import { mintToken } from "carillon/auth";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { domain, MemoryLocation } from "carillon/roles";
import { requestText, Wire } from "carillon/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TestMessages, testMessages } from "../store/messages/test-store.ts";
import { mailboxesOf, mailFor, mailServices } from "./mail.ts";

const BOB = "sip:bob@house.example";
const FOREVER = 2 ** 47;

let on: TestMessages;
let wire: Wire;
let token: string;
let count = 0;

beforeEach(() => {
  on = testMessages(["anna", "bob"]);
  const { store, clock } = on.house;
  const crypto = nodeCrypto();
  const parts = { ...store.house, aliases: [], accounts: store.accounts, crypto };
  const services = mailServices(mailFor(on.store, clock));
  const role = domain({ ...parts, location: new MemoryLocation(), services });
  wire = new Wire(createEndpoint({ role, crypto }), clock.now);
  const session = store.sessions.find(store.sessions.begin("anna"))?.id ?? "";
  const claims = { account: "anna", session, expiresAt: FOREVER };
  token = mintToken(crypto, store.house.tokenKey, claims);
});

afterEach(() => on.close());

/** Anna writes to Bob; what she is answered at once. */
function write(body: string, callId = `c${++count}`): readonly string[] {
  const lines = ["Content-Type: text/plain", `Proxy-Authorization: Bearer ${token}`];
  const from = "<sip:anna@house.example>;tag=1";
  const branch = `z9hG4bK${++count}`;
  const parts = { uri: BOB, from, to: `<${BOB}>`, callId, branch, lines, body };
  return wire.datagram(requestText("MESSAGE", parts)).map((text) => text.slice(8, 11));
}

test("a message is acknowledged when it is on the disk, and no sooner", () => {
  on.hold();
  expect(write("hello")).toEqual([]);
  expect(on.store.last("bob")).toBe(0);
  const answers = wire.call(() => on.settle());
  expect(answers.map((text) => text.slice(8, 11))).toEqual(["202"]);
  expect(on.store.page("bob", { kind: "After", after: 0, limit: 9 }).entries).toMatchObject([
    {
      ...{ seq: 1, at: on.house.clock.now, conversation: "sip:anna@house.example" },
      what: { kind: "Message", body: "hello", from: "sip:anna@house.example" },
    },
  ]);
});

test("the same message again is acknowledged again, and kept once", () => {
  expect([write("hello", "again"), write("hello", "again")]).toEqual([["202"], ["202"]]);
  expect([on.store.last("anna"), on.store.last("bob")]).toEqual([1, 1]);
});

test("RFC 3842 what is new to somebody is counted", () => {
  const boxes = mailboxesOf(on.store);
  expect(boxes.of("bob")).toEqual({ isWaiting: false, account: undefined, counts: new Map() });
  write("one");
  write("two");
  const counts = { new: 2, old: 0, urgentNew: undefined, urgentOld: undefined };
  expect(boxes.of("bob")).toEqual({
    ...{ isWaiting: true, account: undefined },
    counts: new Map([["text-message", counts]]),
  });
  expect(boxes.of("anna")).toMatchObject({ isWaiting: false });
});
