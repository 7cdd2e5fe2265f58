import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import {
  answer,
  DomainStage,
  type Place,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";

const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`);

const CONTACTS: Readonly<Record<string, string>> = {};
const contactOf = (place: Place) =>
  CONTACTS[place] ?? (typeof place === "number" ? `page${place}.invalid;transport=ws` : place);

interface Call {
  readonly stage: DomainStage;
  readonly alice: Place;
  readonly bob: Place;
  /** Route headers of a request from either side, by the Record-Route it saw. */
  readonly routes: { readonly alice: string[]; readonly bob: string[] };
  /** A request in the dialog. */
  from(who: "alice" | "bob", method: string, parts?: Partial<RequestLines>, place?: Place): Sent[];
}

const OVER_UDP = { alice: "203.0.113.4:5060", bob: "203.0.113.9:5062" };

/** Sets a call up, or a subscription, as far as the 200. */
function call(
  how: { alice: Place; bob: Place },
  stage = new DomainStage(),
  method = "INVITE",
): Call {
  const { alice, bob } = how;
  stage.register("bob", bob);
  const lines = [
    `Proxy-Authorization: ${stage.token("alice")}`,
    `Contact: <sip:alice@${contactOf(alice)}>`,
  ];
  const [invite] = stage.say(alice, request(method, { lines }));
  if (!invite || invite.to !== bob) throw new Error(`the ${method} did not arrive`);
  const said = answer(invite.octets, 200, "b", [`Contact: <sip:bob@${contactOf(bob)}>`]);
  const [success] = stage.say(bob, said);
  if (!success || success.to !== alice) throw new Error("the 200 did not arrive");
  const seen = ({ message }: Sent) =>
    headerLines(message, "Record-Route").flatMap((line) => line.split(/, */));
  const routes = { alice: seen(success).reverse(), bob: seen(invite) };
  let nth = 0;
  const from: Call["from"] = (who, method, parts = {}, place = how[who]) => {
    const [here, there] = [
      `<sip:${who}@house.example>`,
      who === "alice" ? "bob" : "alice",
    ] as const;
    const tags = who === "alice" ? ["a", "b"] : ["b", "a"];
    return stage.say(
      place,
      request(method, {
        via: `SIP/2.0/UDP 10.0.0.3;rport;branch=${parts.branch ?? `z9hG4bK-${who}-${++nth}`}`,
        uri: `sip:${there}@${contactOf(how[there])}`,
        from: `${here};tag=${tags[0]}`,
        to: `<sip:${there}@house.example>;tag=${tags[1]}`,
        seq: nth + 1,
        ...parts,
        lines: [...routes[who].map((route) => `Route: ${route}`), ...(parts.lines ?? [])],
      }),
    );
  };
  return { stage, alice, bob, routes, from };
}

/** Two of a kind, and mixed. */
function ways(): [string, Call, number][] {
  const [one, two, three] = [new DomainStage(), new DomainStage(), new DomainStage()];
  return [
    ["UDP to UDP", call(OVER_UDP), 1],
    ["WS to UDP", call({ alice: one.connect(), bob: OVER_UDP.bob }, one), 2],
    ["UDP to WS", call({ alice: OVER_UDP.alice, bob: two.connect() }, two), 2],
    ["WS to WS", call({ alice: three.connect(), bob: three.connect() }, three), 1],
  ];
}

describe.each(ways())("a call from %s", (_, { stage, alice, bob, from, routes }, count) => {
  //= RFC 3261 §16.6
  //# The URI placed in the Record-Route header field value MUST be a SIP or SIPS URI. This URI MUST
  //# contain an lr parameter (see Section 19.1.1).
  //= RFC 3261 §16.6
  //# The URI placed in the Record-Route header field MUST resolve to the element inserting it (or a
  //# suitable stand-in) when the server location procedures of [4] are applied to it, so that
  //# subsequent requests reach the same SIP element.
  test("RFC 5658 §3: each side finds first an address of the server that it can use", () => {
    const transport = (place: Place) => (typeof place === "number" ? ";transport=ws" : "");
    expect(routes.alice).toHaveLength(count);
    expect(routes.alice[0]).toMatch(
      new RegExp(`^<sip:n1![^@]*@192.0.2.1:5060${transport(alice)};lr>$`),
    );
    expect(routes.bob[0]).toMatch(
      new RegExp(`^<sip:n1![^@]*@192.0.2.1:5060${transport(bob)};lr>$`),
    );
    expect(routes.bob).toEqual([...routes.alice].reverse());
  });

  //= RFC 3261 §16.1
  //# Requests forwarded between different types of transports where the proxy's TU must take an
  //# active role in ensuring reliable delivery on one of the transports MUST be forwarded
  //# transaction statefully.
  test("RFC 3261 §16.4: requests go each way without anybody asking who it is", () => {
    for (const method of ["ACK", "INVITE", "INFO", "UPDATE", "BYE"]) {
      const there = from("alice", method);
      expect(titles(there)).toEqual([`${method} to ${bob}`]);
      expect(there[0]?.octets).not.toMatch(/^(?:Record-)?Route/im);
      expect(header(there[0]!.message, "Max-Forwards")).toBe("69");
      //= RFC 3261 §22.1
      //# any credentials in the INVITE that were accepted by a server MUST be accepted by that
      //# server for the ACK.
      if (method === "ACK") continue;
      expect(titles(stage.say(bob, answer(there[0]!.octets, 200, "b")))).toEqual([
        `200 ${method} to ${alice}`,
      ]);
      const back = from("bob", method);
      expect(titles(back)).toEqual([`${method} to ${alice}`]);
      expect(titles(stage.say(alice, answer(back[0]!.octets, 200, "a")))).toEqual([
        `200 ${method} to ${bob}`,
      ]);
    }
  });
});

//= RFC 6665 §4.3
//# If a proxy wishes to see all of the SUBSCRIBE and NOTIFY requests for a given dialog, it MUST
//# add a "Record-Route" header field to the initial SUBSCRIBE request and all NOTIFY requests.
//= RFC 6665 §4.3
//# Proxies that did not add a "Record-Route" header field to the initial SUBSCRIBE request MUST NOT
//# add a "Record-Route" header field to any of the associated NOTIFY requests.
describe("RFC 6665 §4.3: a subscription", () => {
  const recorded = ({ message }: Sent) =>
    headerLines(message, "Record-Route").flatMap((line) => line.split(/, */));

  test.each([
    ["UDP", (_: DomainStage): Place => OVER_UDP.alice, OVER_UDP.bob],
    ["WS to UDP", (stage: DomainStage): Place => stage.connect(), OVER_UDP.bob],
  ] as const)("each NOTIFY leads the subscriber back over us: %s", (_, connect, bob) => {
    const stage = new DomainStage();
    const alice = connect(stage);
    const { from, routes } = call({ alice, bob }, stage, "SUBSCRIBE");
    const [first] = from("bob", "NOTIFY");
    if (!first) throw new Error("the NOTIFY did not arrive");
    expect(titleOf(first)).toBe("NOTIFY");
    const again = recorded(first);
    expect(again.map((route) => route.replace(/.*@/, ""))).toEqual(
      routes.alice.map((route) => route.replace(/.*@/, "")),
    );
    stage.say(alice, answer(first.octets, 200, "a"));
    // The subscriber that knows of the dialog by its NOTIFY alone, and goes by its route set.
    routes.alice.splice(0, routes.alice.length, ...again);
    const refresh = from("alice", "SUBSCRIBE");
    expect(titles(refresh)).toEqual([`SUBSCRIBE to ${bob}`]);
    // Its route set stands.
    expect(recorded(refresh[0]!)).toEqual([]);
    expect(recorded(from("bob", "NOTIFY")[0]!)).toHaveLength(again.length);
    expect(recorded(from("alice", "NOTIFY")[0]!)).toHaveLength(again.length);
  });

  //= RFC 6665 §4.4.4
  //# Note that "Allow-Events" header fields MUST NOT be inserted by proxies.
  test("RFC 6665 §4.4.4: no Allow-Events comes in on the way, and one that is there stays", () => {
    const stage = new DomainStage();
    const { from, bob } = call(OVER_UDP, stage, "SUBSCRIBE");
    for (const lines of [[], ["Allow-Events: dialog"]]) {
      const [there] = from("alice", "SUBSCRIBE", { lines });
      const [back] = stage.say(bob, answer(there!.octets, 200, "b", lines));
      for (const sent of [there!, back!]) {
        expect(headerLines(sent.message, "Allow-Events")).toHaveLength(lines.length);
      }
    }
  });

  test("a NOTIFY without our cookie does not go on, and no other request is recorded", () => {
    const { from, routes } = call(OVER_UDP, new DomainStage(), "SUBSCRIBE");
    expect(recorded(from("bob", "INFO")[0]!)).toEqual([]);
    routes.bob.length = 0;
    expect(titles(from("bob", "NOTIFY"))).toEqual([`407 NOTIFY to ${OVER_UDP.bob}`]);
  });
});

//= RFC 3262 §3
//# Of course, unlike a UAS, when the proxy element receives a PRACK that does not match any
//# outstanding reliable provisional response, the PRACK MUST be proxied.
test("RFC 3262 §3: a PRACK goes on, for none is about a response of ours", () => {
  const { from } = call(OVER_UDP);
  const [there] = from("alice", "PRACK", { lines: ["RAck: 776656 1 INVITE"] });
  expect(there?.to).toBe(OVER_UDP.bob);
  expect(header(there!.message, "RAck")).toBe("776656 1 INVITE");
});

describe("in somebody else's call", () => {
  const EVE = "198.51.100.66:5060";

  test("who knows everything but comes from elsewhere is asked, and an ACK is dropped", () => {
    const { from } = call(OVER_UDP);
    for (const method of ["BYE", "INVITE", "INFO", "REFER"]) {
      expect(titles(from("alice", method, {}, EVE))).toEqual([`407 ${method} to ${EVE}`]);
    }
    expect(from("alice", "ACK", {}, EVE)).toEqual([]);
  });

  test("another person of the house does not get in either", () => {
    const { stage, from } = call(OVER_UDP);
    const lines = [`Proxy-Authorization: ${stage.token("carol")}`];
    expect(titles(from("alice", "BYE", { lines }, EVE))).toEqual([`403 BYE to ${EVE}`]);
    expect(titles(from("bob", "BYE", { lines }, EVE))).toEqual([`403 BYE to ${EVE}`]);
  });

  test("who belongs to it may have moved, and says so", () => {
    const { stage, bob, from } = call(OVER_UDP);
    const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
    expect(titles(from("alice", "INVITE", { lines }, "203.0.113.200:1025"))).toEqual([
      `INVITE to ${bob}`,
    ]);
  });

  test("tags, a Call-ID or a name of one's own make it no dialog", () => {
    const { from } = call(OVER_UDP);
    const parts: Partial<RequestLines>[] = [
      { from: "<sip:alice@house.example>;tag=x" },
      { from: "<sip:boss@house.example>;tag=a" },
      { callId: "call-2" },
      { to: "<sip:bob@house.example>" },
      { to: "<sip:carol@house.example>;tag=b" },
    ];
    for (const [i, part] of parts.entries()) {
      expect([i, titles(from("alice", "MESSAGE", part))]).toEqual([
        i,
        [`407 MESSAGE to ${OVER_UDP.alice}`],
      ]);
      expect([i, from("alice", "ACK", part)]).toEqual([i, []]);
    }
  });

  test("a cookie of this call with other flows in it is refused", () => {
    const { stage, alice, routes, from } = call(OVER_UDP);
    const [route = ""] = routes.alice;
    const forged = route.replace("203.0.113.9/5062", "127.0.0.99/5062");
    expect(forged).not.toBe(route);
    const sent = stage.say(
      alice,
      request("BYE", {
        from: "<sip:alice@house.example>;tag=a",
        to: "<sip:bob@house.example>;tag=b",
        lines: [`Route: ${forged}`, `Proxy-Authorization: ${stage.token("alice")}`],
      }),
    );
    expect(titles(sent)).toEqual([`481 BYE to ${alice}`]);
    expect(titles(from("alice", "BYE"))).toEqual([`BYE to ${OVER_UDP.bob}`]);
  });

  test("nobody is sent to a third party by the Request-URI, or to a port of the system", () => {
    const { from } = call(OVER_UDP);
    const to = (uri: string) => from("alice", "INFO", { uri }).map((one) => one.to);
    expect(to("sip:x@127.0.0.99:5062")).toEqual(["203.0.113.9:5062"]);
    expect(to("sip:x@203.0.113.9:53")).toEqual(["203.0.113.9:5062"]);
    expect(to("sip:x@203.0.113.9:7000")).toEqual(["203.0.113.9:7000"]);
    expect(to("sip:x@203.0.113.9")).toEqual(["203.0.113.9:5060"]);
  });
});

//= RFC 3261 §16.11
//# Therefore, the component of the branch parameter that makes it unique MUST be the same each time
//# a retransmitted request is forwarded. Thus for a stateless proxy, the branch parameter MUST be
//# computed as a combinatoric function of message parameters which are invariant on retransmission.
//= RFC 3261 §16.11
//# In particular, a retransmitted request MUST be forwarded to the same destination each time it is
//# processed.
//= RFC 3261 §16.11
//# A stateless proxy MUST validate a request as described in Section 16.3
//= RFC 3261 §16.11
//# Furthermore, when handling a request statelessly, an element MUST NOT generate its own 100
//# (Trying) or any other provisional response.
//= RFC 3261 §16.11
//# A stateless proxy MUST choose one and only one target from the target set.
//= RFC 3261 §16.11
//# All other message transformations specified in Section 16.6 MUST result in the same
//# transformation of a retransmitted request.
//= RFC 3261 §16.11
//# A stateless proxy MUST follow the request processing steps described in Section 16.6 with the
//# following exceptions:
//= RFC 3261 §16.11
//# As for the Via branch parameter, this implies that the transformations MUST be based on
//# time-invariant configuration or retransmission-invariant properties of the request.
describe("RFC 3261 §16.11: an ACK", () => {
  test("that comes again goes out again, octet for octet; another one is another", () => {
    const { from } = call(OVER_UDP);
    const same = { branch: "z9hG4bK-ack", seq: 1 };
    const [[first], [second]] = [from("alice", "ACK", same), from("alice", "ACK", same)];
    expect(first?.octets).toBe(second?.octets);
    expect(titles([first!])).toEqual([`ACK to ${OVER_UDP.bob}`]);
    const [other] = from("alice", "ACK", { ...same, branch: "z9hG4bK-other" });
    const branch = (sent: Sent | undefined) => /branch=([^;\r]*)/.exec(sent?.octets ?? "")?.[1];
    expect(branch(other)).not.toBe(branch(first));
  });

  test("without a hop left, or that cannot be read, goes nowhere", () => {
    const { from } = call(OVER_UDP);
    expect(from("alice", "ACK", { maxForwards: "0" })).toEqual([]);
    expect(from("alice", "ACK", { maxForwards: "x" })).toEqual([]);
    expect(from("alice", "ACK", { lines: ["Max-Forwards: 70"] })).toEqual([]);
    expect(from("alice", "ACK", { uri: "tel:1" })).toEqual([]);
    const [sent] = from("alice", "ACK", { maxForwards: undefined });
    expect(header(sent!.message, "Max-Forwards")).toBe("70");
  });
});

describe("when a connection breaks in a call", () => {
  test("the other side's BYE ends it for good, and another request only itself", () => {
    const stage = new DomainStage();
    const page = stage.connect();
    const { from } = call({ alice: OVER_UDP.alice, bob: page }, stage);
    stage.close(page);
    expect(stage.location.online("bob", stage.wire.now)).toBe(false);
    expect(from("alice", "ACK")).toEqual([]);
    const [info] = from("alice", "INFO");
    expect(titleOf(info!)).toBe("430 INFO");
    expect(header(info!.message, "Warning")).toBe(
      `399 Carillon "the other side's connection is gone"`,
    );
    expect(titles(from("alice", "BYE"))).toEqual([`481 BYE to ${OVER_UDP.alice}`]);
  });

  test("it goes on where the page comes back with the contact it had", () => {
    const stage = new DomainStage();
    const page = stage.connect();
    const { from } = call({ alice: OVER_UDP.alice, bob: page }, stage);
    stage.close(page);
    const again = stage.connect();
    const lines = [`Contact: <sip:bob@page${page}.invalid;transport=ws>`];
    stage.register("bob", again, { lines, seq: 9 });
    expect(titles(from("alice", "INFO"))).toEqual([`INFO to ${again}`]);
    expect(titles(from("alice", "ACK"))).toEqual([`ACK to ${again}`]);
    expect(titles(from("bob", "INFO", {}, again))).toEqual([`407 INFO to ${again}`]);
    const token = [`Proxy-Authorization: ${stage.token("bob")}`];
    expect(titles(from("bob", "BYE", { lines: token }, again))).toEqual([
      `BYE to ${OVER_UDP.alice}`,
    ]);
  });

  test("it goes on where the page came back, though its old connection seems open", () => {
    const stage = new DomainStage();
    const page = stage.connect();
    const { from } = call({ alice: OVER_UDP.alice, bob: page }, stage);
    expect(titles(from("alice", "INFO"))).toEqual([`INFO to ${page}`]);
    const again = stage.connect();
    const lines = [`Contact: <sip:bob@page${page}.invalid;transport=ws>`];
    stage.register("bob", again, { lines, seq: 9 });
    expect(titles(from("alice", "INFO"))).toEqual([`INFO to ${again}`]);
    stage.close(page);
    expect(titles(from("alice", "BYE"))).toEqual([`BYE to ${again}`]);
  });

  test("an ACK from there goes on, since it was there that its sender registered", () => {
    const stage = new DomainStage();
    const page = stage.connect();
    const { from } = call({ alice: OVER_UDP.alice, bob: page }, stage);
    const [again, strange] = [stage.connect(), stage.connect()];
    expect(from("bob", "ACK", {}, again)).toEqual([]);
    stage.register("bob", again, { seq: 9 });
    stage.register("carol", strange);
    expect(titles(from("bob", "ACK", {}, again))).toEqual([`ACK to ${OVER_UDP.alice}`]);
    expect(from("bob", "ACK", {}, strange)).toEqual([]);
  });

  test("a phone over UDP is found at its new address, once it has registered there", () => {
    const stage = new DomainStage();
    const { from } = call(OVER_UDP, stage);
    const moved = "203.0.113.77:5062";
    const to = { uri: `sip:bob@${moved}` };
    expect(titles(from("alice", "INFO", to))).toEqual([`INFO to ${OVER_UDP.bob}`]);
    stage.register("bob", moved, { callId: "moved", lines: [`Contact: <sip:bob@${moved}>`] });
    expect(titles(from("alice", "INFO", to))).toEqual([`INFO to ${moved}`]);
    expect(titles(from("alice", "ACK", to))).toEqual([`ACK to ${moved}`]);
    expect(titles(from("bob", "ACK", {}, moved))).toEqual([`ACK to ${OVER_UDP.alice}`]);
    expect(from("bob", "ACK", {}, "203.0.113.77:5064")).toEqual([]);
  });

  test("nobody else's contact is taken for it", () => {
    const stage = new DomainStage();
    const page = stage.connect();
    const { from } = call({ alice: OVER_UDP.alice, bob: page }, stage);
    stage.close(page);
    const other = stage.connect();
    stage.register("carol", other, {
      lines: [`Contact: <sip:bob@page${page}.invalid;transport=ws>`],
    });
    stage.register("bob", stage.connect(), { callId: "another" });
    expect(titles(from("alice", "BYE"))).toEqual([`481 BYE to ${OVER_UDP.alice}`]);
  });
});

describe("after a restart of the server", () => {
  const key = new Uint8Array(32).fill(9);

  test("a connection with the same number is not the one that was", () => {
    const before = new DomainStage({ key, seed: 5 });
    const page = before.connect();
    const { routes } = call({ alice: OVER_UDP.alice, bob: page }, before);
    const after = new DomainStage({ key, seed: 6 });
    const stranger = after.connect("198.51.100.66:1");
    expect(stranger).toBe(page);
    const lines = routes.alice.map((route) => `Route: ${route}`);
    const parts = {
      to: "<sip:bob@house.example>;tag=b",
      uri: "sip:bob@page1.invalid;transport=ws",
    };
    expect(titles(after.say(OVER_UDP.alice, request("INFO", { ...parts, lines })))).toEqual([
      `430 INFO to ${OVER_UDP.alice}`,
    ]);
    const back = { from: "<sip:bob@house.example>;tag=b", to: "<sip:alice@house.example>;tag=a" };
    const bobs = routes.bob.map((route) => `Route: ${route}`);
    expect(titles(after.say(stranger, request("BYE", { ...back, lines: bobs })))).toEqual([
      `407 BYE to ${stranger}`,
    ]);
  });

  test("calls over UDP go on as if nothing had happened", () => {
    const { routes } = call(OVER_UDP, new DomainStage({ key, seed: 5 }));
    const after = new DomainStage({ key, seed: 6 });
    const lines = routes.alice.map((route) => `Route: ${route}`);
    const parts = { to: "<sip:bob@house.example>;tag=b", uri: "sip:bob@203.0.113.9:5062", lines };
    expect(titles(after.say(OVER_UDP.alice, request("BYE", parts)))).toEqual([
      `BYE to ${OVER_UDP.bob}`,
    ]);
  });
});

//= RFC 3261 §16.4
//# If the Request-URI of the request contains a value this proxy previously placed into a
//# Record-Route header field (see Section 16.6 item 4), the proxy MUST replace the Request-URI in
//# the request with the last value from the Route header field, and remove that value from the
//# Route header field. The proxy MUST then proceed as if it received this modified request.
//= RFC 3261 §16.4
//# The proxy MUST inspect the Request-URI of the request.
describe("RFC 3261 §16.4: after a strict router", () => {
  test.each(ways().slice(0, 3))("over %s, the last Route is where it goes", (_, made) => {
    const { stage, alice, bob, routes } = made;
    const [first = "", ...rest] = routes.alice.map((route) => route.replace(";lr", ""));
    const target = `sip:bob@${contactOf(bob)}`;
    const all = [...rest, "<sip:next.example;lr>", `<${target}>`];
    const parts = {
      uri: first.slice(1, -1),
      from: "<sip:alice@house.example>;tag=a",
      to: "<sip:bob@house.example>;tag=b",
    };
    const joined = [`Route: ${all.join(", ")}`];
    const [sent] = stage.say(alice, request("BYE", { ...parts, lines: joined }));
    expect(sent?.to).toBe(bob);
    expect(sent?.octets.split(" ")[1]).toBe(target);
    expect(headerLines(sent!.message, "Route")).toEqual(["<sip:next.example;lr>"]);
    const apart = { ...parts, branch: "z9hG4bK2", lines: all.map((one) => `Route: ${one}`) };
    const [again] = stage.say(alice, request("BYE", apart));
    expect(again?.octets.split(" ")[1]).toBe(target);
    expect(headerLines(again!.message, "Route")).toEqual(["<sip:next.example;lr>"]);
    const none = stage.say(alice, request("BYE", { ...parts, branch: "z9hG4bK3" }));
    expect(titles(none)).toEqual([`400 BYE to ${alice}`]);
  });
});

test("a datagram leaves from the address that its side of the call knows", () => {
  const stage = new DomainStage();
  const lan = { host: "10.0.0.1", port: 5080 };
  stage.wire.input({ kind: "Listening", transport: "UDP", local: lan });
  const bob = { host: "10.0.0.9", port: 5062 };
  const registered = request("REGISTER", {
    uri: "sip:house.example",
    from: "<sip:bob@house.example>;tag=r",
    lines: [`Authorization: ${stage.token("bob")}`, "Contact: <sip:bob@10.0.0.9:5062>"],
  });
  stage.wire.input({ kind: "Datagram", local: lan, remote: bob, octets: registered });
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
  const [invite] = stage.say("203.0.113.4:5060", request("INVITE", { lines }));
  const recorded = headerLines(invite!.message, "Record-Route");
  expect(recorded.map((one) => /@([^;]*)/.exec(one)?.[1])).toEqual([
    "10.0.0.1:5080",
    "192.0.2.1:5060",
  ]);
  const info = request("INFO", {
    uri: "sip:bob@10.0.0.9:5062",
    to: "<sip:bob@house.example>;tag=b",
    lines: [...recorded].reverse().map((route) => `Route: ${route}`),
  });
  stage.say("203.0.113.4:5060", info);
  expect(stage.wire.outputs.at(-1)).toMatchObject({ local: lan, remote: bob });
});
