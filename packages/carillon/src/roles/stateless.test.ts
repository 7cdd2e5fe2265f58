/** Domains that others look after, passed on without keeping anything. RFC 3261 §16.11. */
import { describe, expect, test } from "vitest";
import type { Target } from "../locate/target.ts";
import { answer, DomainStage, request, titleOf } from "../testing/domain-stage.ts";

const target = (host: string): Target => ({
  transport: "UDP",
  address: { host, port: 5060 },
  name: "branch.example",
});
const SERVERS = [target("203.0.113.1"), target("203.0.113.2"), target("203.0.113.3")];
const CALLER = "192.0.2.9:5060";

function stage(servers: readonly Target[] = SERVERS.slice(0, 1)) {
  const stateless = (domain: string) => (domain === "branch.example" ? servers : []);
  return new DomainStage({ policy: () => ({ stateless }) });
}

const to = (method: string, parts: Parameters<typeof request>[1] = {}) =>
  request(method, { uri: "sip:zoe@branch.example", to: "<sip:zoe@branch.example>", ...parts });
const branchOf = (octets = "") => /^Via: [^\r]*;branch=([^;\r]*)/m.exec(octets)?.[1];

test("RFC 3261 §16.11: a request goes on at once, unasked, and nothing is kept of it", () => {
  const on = stage();
  const invite = to("INVITE", { branch: "z9hG4bK-one" });
  const [first, ...more] = on.say(CALLER, invite);
  expect(more).toEqual([]);
  expect([first && titleOf(first), first?.to]).toEqual(["INVITE", "203.0.113.1:5060"]);
  expect(first?.octets).toContain("Max-Forwards: 69\r\n");
  expect(first?.octets).not.toContain("Record-Route");
  //= RFC 3261 §16.11
  //# Furthermore, when handling a request statelessly, an element MUST NOT generate its own 100
  //# (Trying) or any other provisional response.
  expect(on.wait(60_000)).toEqual([]);
  const { servers, clients } = on.wire.endpoint.census();
  expect([servers, clients]).toEqual([0, 0]);
});

test("RFC 3261 §16.11: what is said again is passed on again, the same", () => {
  const on = stage(SERVERS);
  const invite = to("INVITE", { branch: "z9hG4bK-one" });
  const [first] = on.say(CALLER, invite);
  //= RFC 3261 §16.11
  //# In particular, a retransmitted request MUST be forwarded to the same destination each time it
  //# is processed.
  //= RFC 3261 §16.11
  //# Therefore, the component of the branch parameter that makes it unique MUST be the same each
  //# time a retransmitted request is forwarded. Thus for a stateless proxy, the branch parameter
  //# MUST be computed as a combinatoric function of message parameters which are invariant on
  //# retransmission.
  //= RFC 3261 §16.11
  //# This choice MUST only rely on fields in the message and time-invariant properties of the
  //# server.
  //= RFC 3261 §16.11
  //# In particular, if the proxy inserts a Record-Route value or pushes URIs into the Route header
  //# field, it MUST place the same values in retransmissions of the request.
  expect(on.say(CALLER, invite)).toEqual([first]);
  const [other] = on.say(CALLER, to("INVITE", { branch: "z9hG4bK-two", seq: 2 }));
  expect(branchOf(other?.octets)).not.toBe(branchOf(first?.octets));
});

test("RFC 3261 §16.11: CANCEL and the ACK of a refusal go where the INVITE went", () => {
  const on = stage(SERVERS);
  const places = new Set<unknown>();
  for (let nth = 0; nth < 20; nth++) {
    const same = { branch: `z9hG4bK-${nth}`, callId: `call-${nth}` };
    const [invite] = on.say(CALLER, to("INVITE", same));
    //= RFC 3261 §16.11
    //# Stateless proxies MUST NOT perform special processing for CANCEL requests.
    const [cancel, ...more] = on.say(CALLER, to("CANCEL", same));
    const ack = { ...same, to: "<sip:zoe@branch.example>;tag=z" };
    const [acknowledged] = on.say(CALLER, to("ACK", ack));
    //= RFC 3261 §16.11
    //# Furthermore, CANCEL and non-Routed ACK requests MUST generate the same choice as their
    //# associated INVITE.
    for (const one of [cancel, acknowledged]) {
      expect([one?.to, branchOf(one?.octets)]).toEqual([invite?.to, branchOf(invite?.octets)]);
    }
    expect([cancel && titleOf(cancel), more]).toEqual(["CANCEL", []]);
    places.add(invite?.to);
  }
  //= RFC 3261 §16.11
  //# A stateless proxy MUST choose one and only one target from the target set.
  expect(places.size).toBe(3);
});

describe("RFC 3261 §16.11: a response", () => {
  test("goes back where its request came from, without our Via, again and again", () => {
    const on = stage();
    const [sent] = on.say(CALLER, to("INVITE"));
    const said = answer(sent?.octets ?? "", 180, "z", ["X-Unknown: kept"]);
    const [ringing] = on.say("203.0.113.1:5060", said);
    //= RFC 3261 §16.11
    //# When a response arrives at a stateless proxy, the proxy MUST inspect the sent-by value in
    //# the first (topmost) Via header field value.
    //= RFC 3261 §16.11
    //# If that address matches the proxy, (it equals a value this proxy has inserted into previous
    //# requests) the proxy MUST remove that header field value from the response and forward the
    //# result to the location indicated in the next Via header field value.
    expect([ringing && titleOf(ringing), ringing?.to]).toEqual(["180 INVITE", CALLER]);
    //= RFC 3261 §16.11
    //# The proxy MUST NOT add to, modify, or remove the message body. Unless specified otherwise,
    //# the proxy MUST NOT remove any other header field values.
    const lines = said.split("\r\n").filter((line) => !line.includes("z9hG4bKn1s"));
    expect(ringing?.octets).toBe(lines.join("\r\n"));
    expect(on.say("203.0.113.1:5060", said)).toEqual([ringing]);
  });

  test("goes back over the connection that its request came on, or nowhere", () => {
    const on = stage();
    const connection = on.connect();
    const via = "SIP/2.0/WS page.invalid;branch=z9hG4bK-page";
    const [sent] = on.say(connection, to("MESSAGE", { via }));
    const said = answer(sent?.octets ?? "", 200, "z");
    expect(on.say("203.0.113.1:5060", said).map(({ to }) => to)).toEqual([connection]);
    on.close(connection);
    on.connect();
    expect(on.say("203.0.113.1:5060", said)).toEqual([]);
  });

  test("to a branch that is not ours goes nowhere", () => {
    const on = stage();
    const [sent] = on.say(CALLER, to("INVITE"));
    const said = answer(sent?.octets ?? "", 200, "z");
    const branch = branchOf(said) ?? "";
    //= RFC 3261 §16.11
    //# If the address does not match the proxy, the message MUST be silently discarded.
    for (const forged of [
      branch.replace("192.0.2.9", "192.0.2.66"),
      branch.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      branch.slice(0, 20),
      "z9hG4bK-stranger",
    ]) {
      expect(forged).not.toBe(branch);
      expect(on.say("203.0.113.1:5060", said.replace(branch, forged))).toEqual([]);
    }
  });
});

test("RFC 3261 §16.3: what is not valid is refused, and other domains are as they were", () => {
  const on = stage();
  const tired = to("INVITE", { maxForwards: "0" });
  expect(on.say(CALLER, tired).map(titleOf)).toEqual(["483 INVITE"]);
  const foreign = request("INVITE", { uri: "sip:x@other.example", branch: "z9hG4bK-f" });
  expect(on.say(CALLER, foreign).map(titleOf)).toEqual(["407 INVITE"]);
  // A route that somebody brought along is not followed on this domain's account.
  const led = to("INVITE", { branch: "z9hG4bK-l", lines: ["Route: <sip:198.51.100.66;lr>"] });
  expect(on.say(CALLER, led).map(titleOf)).toEqual(["407 INVITE"]);
});

test("a request of RFC 2543, without a branch, is passed on the same each time, too", () => {
  const on = stage();
  const old = to("OPTIONS", { via: "SIP/2.0/UDP 192.0.2.9:5060" });
  const [first] = on.say(CALLER, old);
  expect(on.say(CALLER, old)).toEqual([first]);
  const [next] = on.say(CALLER, to("OPTIONS", { via: "SIP/2.0/UDP 192.0.2.9:5060", seq: 2 }));
  expect(branchOf(next?.octets)).not.toBe(branchOf(first?.octets));
});
