import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { Ids } from "../endpoint/ids.ts";
import { type Incoming, incoming } from "../endpoint/incoming.ts";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import { type RequestLines, request } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Flow } from "../transport/flow.ts";
import { Cookies } from "./cookie.ts";
import { branchAbout, branchVia, isLoop, recordRoutes, statelessVia } from "./path.ts";

const crypto = portableCrypto(seededBytes(seeded(1)));
const key = new Uint8Array(32).fill(7);
const ids = new Ids(crypto, key, "n1");
const udp: Flow = {
  transport: "UDP",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "203.0.113.4", port: 5060 },
  connection: 0,
};
const page: Flow = { ...udp, transport: "WS", connection: 4 };

function from(method: string, parts: Partial<RequestLines> = {}, flow = udp): Incoming {
  const message = parseMessage(request(method, parts));
  if (!message.ok || message.value.kind !== "Request") throw new Error("no request");
  const essentials = readEssentials(message.value);
  if (!essentials.ok) throw new Error(essentials.error.message);
  return incoming(message.value, essentials.value, flow);
}

describe("RFC 3261 §16.6: our branch", () => {
  //= RFC 3261 §16.6
  //# A proxy choosing to detect loops SHOULD create a branch parameter separable into two parts by
  //# the implementation. The first part MUST satisfy the constraints of Section 8.1.1.7 as
  //# described above. The second is used to perform loop detection and distinguish loops from
  //# spirals.
  test("has a part that is new each time, and one that is not", () => {
    const about = branchAbout(from("INVITE"));
    const vias = [branchVia(ids, udp, about), branchVia(ids, udp, about)];
    const parts = vias.map((via) => /branch=z9hG4bKn1(\w+)\.(\w{16})$/.exec(via)?.slice(1) ?? []);
    expect(parts[0]?.[0]).not.toBe(parts[1]?.[0]);
    expect(parts[0]?.[1]).toBe(parts[1]?.[1]);
  });

  //= RFC 3261 §16.6
  //# The request method MUST NOT be included in the calculation of the branch parameter.
  test("says nothing about the method", () => {
    expect(branchAbout(from("INVITE"))).toBe(branchAbout(from("ACK")));
  });

  test("tells a loop from a spiral by all that decides where a request goes", () => {
    const first = from("INVITE");
    const via = branchVia(ids, udp, branchAbout(first));
    const again = (parts: Partial<RequestLines>) =>
      isLoop(ids, from("INVITE", { via: `SIP/2.0/UDP x;branch=z9hG4bKx, ${via}`, ...parts }));
    expect(isLoop(ids, first)).toBe(false);
    expect(again({})).toBe(true);
    expect(again({ via })).toBe(true);
    expect(again({ maxForwards: "3", lines: ["Proxy-Authorization: Digest x"] })).toBe(true);
    expect(again({ uri: "sip:carol@house.example" })).toBe(false);
    expect(again({ seq: 2 })).toBe(false);
    expect(again({ callId: "call-2" })).toBe(false);
    expect(again({ lines: ["Route: <sip:x;lr>"] })).toBe(false);
    expect(isLoop(new Ids(crypto, key, "n2"), from("INVITE", { via }))).toBe(false);
    const forged = via.replace(/\.\w{16}$/, ".0123456789abcdef");
    expect(again({ via: forged })).toBe(false);
  });

  test("RFC 3261 §16.11: without a transaction depends on the sender's branch alone", () => {
    const via = (branch: string) => statelessVia(ids, udp, from("ACK", { branch }));
    expect(via("z9hG4bK1")).toBe(via("z9hG4bK1"));
    expect(via("z9hG4bK1")).not.toBe(via("z9hG4bK2"));
    expect(via("z9hG4bK1")).toMatch(/^SIP\/2.0\/UDP 192.0.2.1:5060;branch=z9hG4bKn1\w+\.\w{16}$/);
    const later = new Ids(crypto, key, "n1");
    expect(statelessVia(later, udp, from("ACK", { branch: "1" }))).toBe(via("1"));
  });
});

describe("RFC 5658 §3: our Record-Route", () => {
  const cookies = new Cookies(ids, "b00t");
  const hosts = (flow: Flow, target: Flow, method = "INVITE") =>
    recordRoutes(cookies, from(method, {}, flow), target).map((one) =>
      one.replace(/n1![^@]*/, "x"),
    );

  test("is one where both sides can use the same", () => {
    expect(hosts(udp, { ...udp, remote: { host: "203.0.113.9", port: 1 } })).toEqual([
      "<sip:x@192.0.2.1:5060;lr>",
    ]);
    expect(hosts(page, { ...page, connection: 5 })).toEqual([
      "<sip:x@192.0.2.1:5060;transport=ws;lr>",
    ]);
  });

  test("is two where transport, family or address differ, the callee's on top", () => {
    const six: Flow = { ...udp, local: { host: "2001:db8::1", port: 5060 } };
    const lan: Flow = { ...udp, local: { host: "10.0.0.1", port: 5060 } };
    const own = "<sip:x@192.0.2.1:5060;lr>";
    expect(hosts(page, udp)).toEqual([own, "<sip:x@192.0.2.1:5060;transport=ws;lr>"]);
    expect(hosts(udp, six)).toEqual(["<sip:x@[2001:db8::1]:5060;lr>", own]);
    expect(hosts(lan, udp)).toEqual([own, "<sip:x@10.0.0.1:5060;lr>"]);
  });

  test("is for what makes a dialog", () => {
    for (const method of ["INVITE", "SUBSCRIBE", "REFER"])
      expect(hosts(udp, udp, method)).toHaveLength(1);
    for (const method of ["MESSAGE", "OPTIONS", "PUBLISH", "BYE"]) {
      expect(hosts(udp, udp, method)).toEqual([]);
    }
  });
});
