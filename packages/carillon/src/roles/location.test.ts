import { describe, expect, test } from "vitest";
import type { Flow } from "../transport/flow.ts";
import { type Binding, MemoryLocation } from "./location.ts";

const flow = (connection: number): Flow => ({
  transport: connection === 0 ? "UDP" : "WS",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "203.0.113.4", port: 5060 },
  connection,
});
const binding = (contact: string, connection = 0, expiresAt = 1000): Binding => ({
  contact,
  q: 1000,
  callId: "c",
  cseq: 1,
  expiresAt,
  flow: flow(connection),
});
const contacts = (location: MemoryLocation, user: string, now = 0) =>
  location.bindings(user, now).map(({ contact }) => contact);

//= RFC 3261 §10.1
//# The only requirement is that a registrar for some domain MUST be able to read and write data to
//# the location service, and a proxy or a redirect server for that domain MUST be capable of
//# reading that same data.
describe("RFC 3261 §10.1: bindings in memory", () => {
  test("are those last put there", () => {
    const location = new MemoryLocation();
    expect(contacts(location, "alice")).toEqual([]);
    location.replace("alice", [binding("sip:a"), binding("sip:b")]);
    location.replace("alice", [binding("sip:b")]);
    expect(contacts(location, "alice")).toEqual(["sip:b"]);
    location.replace("alice", []);
    expect(location.online("alice", 0)).toBe(false);
  });

  test("are not all looked at again for each of many that end one after the other", () => {
    const location = new MemoryLocation();
    for (let n = 0; n < 10_000; n++) {
      location.replace(`user${n}`, [binding("sip:a@192.0.2.9", 0, 1000 + n)]);
    }
    let looks = 0;
    for (let at = 1000; at < 12_000; at = location.expire(at)) looks++;
    expect(looks).toBeGreaterThan(50);
    expect(looks).toBeLessThan(1000);
    expect(location.expire(12_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test("end when their time is over, whether or not anybody looks", () => {
    const changed: string[] = [];
    const location = new MemoryLocation({ onChange: (user) => changed.push(user) });
    location.replace("alice", [binding("sip:a", 0, 1000), binding("sip:b", 0, 2000)]);
    expect(contacts(location, "alice", 999)).toEqual(["sip:a", "sip:b"]);
    expect(contacts(location, "alice", 1000)).toEqual(["sip:b"]);
    expect(location.expire(999)).toBe(1000);
    expect(location.expire(1000)).toBe(2000);
    expect(location.expire(2000)).toBe(Number.POSITIVE_INFINITY);
    expect(changed).toEqual(["alice", "alice", "alice"]);
  });

  test("end with the connection that they were made over, and no others do", () => {
    const location = new MemoryLocation();
    location.replace("alice", [
      binding("sip:page", 7),
      binding("sip:desk", 0),
      binding("sip:tab", 8),
    ]);
    location.replace("bob", [binding("sip:bob", 7)]);
    location.drop(7);
    location.drop(9);
    expect(contacts(location, "alice")).toEqual(["sip:desk", "sip:tab"]);
    expect(contacts(location, "bob")).toEqual([]);
  });

  test("can belong to somebody who is called after what every object has", () => {
    const location = new MemoryLocation();
    for (const user of ["__proto__", "constructor", "toString"]) {
      expect(location.bindings(user, 0)).toEqual([]);
      location.replace(user, [binding(`sip:${user}`)]);
      expect(contacts(location, user)).toEqual([`sip:${user}`]);
    }
  });
});
