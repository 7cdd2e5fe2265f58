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
import { branchAbout, isLoop, recordRoutes, statelessVia, viaOf } from "./path.ts";

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
  //= RFC 5393 §4.2.1
  //# The first part of the branch value MUST satisfy the constraints of Section 8.1.1.7. The second
  //# part is used to perform loop detection and distinguish loops from spirals.
  test("has a part that is new each time, and one that is not", () => {
    const about = branchAbout(from("INVITE"));
    const vias = [viaOf(udp, ids.branch(about)), viaOf(udp, ids.branch(about))];
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
    const via = viaOf(udp, ids.branch(branchAbout(first)));
    const again = (parts: Partial<RequestLines>) =>
      isLoop(ids, from("INVITE", { via: `SIP/2.0/UDP x;branch=z9hG4bKx, ${via}`, ...parts }));
    expect(isLoop(ids, first)).toBe(false);
    expect(again({})).toBe(true);
    expect(again({ via })).toBe(true);
    expect(again({ maxForwards: "3", lines: ["Proxy-Authorization: Digest x"] })).toBe(true);
    expect(again({ uri: "sip:carol@house.example" })).toBe(false);
    // What finds nobody else: credentials, who asks, how far and how widely it may go.
    const carol = "<sip:carol@house.example>;tag=a";
    expect(again({ from: carol, lines: ["Max-Breadth: 1"] })).toBe(true);
    expect(again({ seq: 2 })).toBe(false);
    expect(again({ callId: "call-2" })).toBe(false);
    expect(again({ lines: ["Route: <sip:x;lr>"] })).toBe(false);
    expect(isLoop(new Ids(crypto, key, "n2"), from("INVITE", { via }))).toBe(false);
    const forged = via.replace(/\.\w{16}$/, ".0123456789abcdef");
    expect(again({ via: forged })).toBe(false);
  });

  //= RFC 5393 §4.2.1
  //# This second part MUST vary with any field used by the location service logic in determining
  //# where to retarget or forward this request.
  //= RFC 5393 §4.2.1
  //# Hence, the second part MUST depend at least on the received Request-URI and any Route header
  //# field values used when processing the received request.
  //= RFC 5393 §4.2.1
  //# This second part MUST NOT vary with the request method.
  //= RFC 5393 §4.2.2
  //# Each Via header field value in the request whose sent-by value matches a value placed into
  //# previous requests by this proxy MUST be inspected for the "second part" defined in Section
  //# 4.2.1 of RFC 5393.
  //= RFC 5393 §4.2.2
  //# If the second field is present, the proxy MUST perform the second-part calculation described
  //# in Section 4.2.1 of RFC 5393 on this request and compare the result to the value from the Via
  //# header field.
  test("RFC 5393 §4.2.2: is found below any other Via, and any parameter makes a spiral", () => {
    const uri = "sip:bob@house.example;unknown-param=whack";
    const via = viaOf(udp, ids.branch(branchAbout(from("INVITE", { uri }))));
    const top = "SIP/2.0/UDP x;branch=z9hG4bKx";
    const odd = 'SIP / 2.0 / UDP x;novalue;q="a, b;branch=z";branch=7 (said (they))';
    const again = (method: string, changed: string) =>
      isLoop(ids, from(method, { uri: changed, via: `${top}\r\nv: ${odd},\r\n ${odd}, ${via}` }));
    expect(again("INVITE", uri)).toBe(true);
    expect(again("MESSAGE", uri)).toBe(true);
    for (const other of ["", ";unknown-param=thud", ";unknown-param=WHACK", ";unknown-param"]) {
      expect(again("INVITE", `sip:bob@house.example${other}`)).toBe(false);
    }
    expect(again("INVITE", uri.replace("house", "HOUSE"))).toBe(false);
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

//= RFC 3261 §18.1.1
//# If this causes a change in the transport protocol from the one indicated in the top Via, the
//# value in the top Via MUST be changed.
test("RFC 3261 §18.1.1: our Via names the transport that the copy goes over", () => {
  for (const transport of ["UDP", "TCP", "TLS", "WS", "WSS"] as const) {
    const flow: Flow = { ...udp, transport, connection: transport === "UDP" ? 0 : 4 };
    const start = `SIP/2.0/${transport} 192.0.2.1:5060;branch=z9hG4bK`;
    expect(viaOf(flow, ids.branch("x")).startsWith(start)).toBe(true);
    expect(statelessVia(ids, flow, from("ACK")).startsWith(start)).toBe(true);
  }
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

  //= RFC 3261 §16.6
  //# In a similar fashion, a proxy that receives a request over TLS, but generates a request
  //# without a SIPS URI in the Request-URI or topmost Route header field value (after the post
  //# processing of bullet 6), MUST insert a Record-Route header field that is not a SIPS URI.
  test("RFC 3261 §16.6: is no sips URI where a call for a sip URI came over TLS", () => {
    const secure: Flow = { ...udp, transport: "TLS", connection: 6 };
    for (const target of [udp, secure]) {
      for (const route of hosts(secure, target)) expect(route).toMatch(/^<sip:/);
    }
    expect(hosts(secure, udp)[1]).toBe("<sip:x@192.0.2.1:5060;transport=tls;lr>");
  });

  test("is for what makes a dialog", () => {
    for (const method of ["INVITE", "SUBSCRIBE", "REFER"])
      expect(hosts(udp, udp, method)).toHaveLength(1);
    for (const method of ["MESSAGE", "OPTIONS", "PUBLISH", "BYE"]) {
      expect(hosts(udp, udp, method)).toEqual([]);
    }
  });
});
