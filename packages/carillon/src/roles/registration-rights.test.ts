import { describe, expect, test } from "vitest";
import { DomainStage, request, titleOf } from "../testing/domain-stage.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { type ContactKind, contactKinds } from "./contact-kinds.ts";

const flow = (host: string, transport: "UDP" | "TCP" = "UDP"): Flow => ({
  transport,
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host, port: 5060 },
  connection: 0,
});

function kinds(uri: string, from = flow("203.0.113.4")): readonly string[] {
  const parsed = parseSipUri(uri);
  if (!parsed.ok) throw new Error(uri);
  return contactKinds(parsed.value, from);
}

test.each([
  ["sip:a@203.0.113.4:5070", []],
  ["sip:a@127.0.0.1", ["loopback", "other-address"]],
  ["sip:a@127.9.9.9:5060", ["loopback", "other-address"]],
  ["sip:a@[::1]", ["loopback", "other-address"]],
  ["sip:a@[::ffff:127.0.0.1]", ["loopback", "other-address"]],
  ["sip:a@localhost", ["loopback", "name"]],
  ["sip:a@224.0.1.75", ["multicast", "other-address"]],
  ["sip:a@239.255.255.255", ["multicast", "other-address"]],
  ["sip:a@[ff02::1]", ["multicast", "other-address"]],
  ["sip:a@255.255.255.255", ["broadcast", "other-address"]],
  ["sip:a@0.0.0.0:5060", ["unspecified", "other-address"]],
  ["sip:a@[::]", ["unspecified", "other-address"]],
  ["sip:a@203.0.113.4:53", ["privileged-port"]],
  ["sip:a@192.168.1.7:5060", ["other-address"]],
  ["sip:a@page.invalid;transport=ws", ["name"]],
  ["sip:a@203.0.113.4;maddr=224.0.1.75", ["multicast", "other-address"]],
] as const)("%s is %j", (uri, expected) => {
  expect(kinds(uri)).toEqual(expected);
});

test("a phone on this very machine may say so, and a port of its own is nobody else's", () => {
  expect(kinds("sip:a@127.0.0.1:5070", flow("127.0.0.1"))).toEqual([]);
  expect(kinds("sip:a@[::1]:5070", flow("::1"))).toEqual([]);
  const low = { ...flow("203.0.113.4"), remote: { host: "203.0.113.4", port: 443 } };
  expect(kinds("sip:a@203.0.113.4:443", low)).toEqual([]);
  expect(kinds("sip:a@203.0.113.4:443", flow("203.0.113.4", "TCP"))).toEqual([]);
});

describe("at REGISTER", () => {
  const register = (contact: string, refused?: readonly ContactKind[]) => {
    const policy = () => (refused ? { refusedContacts: refused } : {});
    const stage = new DomainStage({ policy });
    const answers = stage.register("bob", "203.0.113.9:5060", {
      lines: [`Contact: <sip:bob@${contact}>`],
    });
    return [answers.map(titleOf).join(), stage.location.online("bob", stage.wire.now)];
  };

  test.each(["127.0.0.1", "224.0.1.75", "255.255.255.255", "0.0.0.0", "203.0.113.9:25"])(
    "%s is refused",
    (contact) => {
      expect(register(contact)).toEqual(["403 REGISTER", false]);
    },
  );

  test("what phones behind a NAT and pages say is not, unless the operator has it so", () => {
    expect(register("192.168.1.7:5060")).toEqual(["200 REGISTER", true]);
    expect(register("page.invalid")).toEqual(["200 REGISTER", true]);
    expect(register("192.168.1.7:5060", ["other-address"])).toEqual(["403 REGISTER", false]);
    expect(register("page.invalid", ["name"])).toEqual(["403 REGISTER", false]);
    expect(register("127.0.0.1", [])).toEqual(["200 REGISTER", true]);
  });

  test("one wrong contact among others refuses them all", () => {
    const stage = new DomainStage();
    const lines = ["Contact: <sip:bob@203.0.113.9:5060>, <sip:bob@224.0.1.75>"];
    expect(stage.register("bob", "203.0.113.9:5060", { lines }).map(titleOf)).toEqual([
      "403 REGISTER",
    ]);
    expect(stage.location.online("bob", stage.wire.now)).toBe(false);
  });
});

describe("other names of people", () => {
  const alias = (user: string) => ({ "100": "bob", boss: "alice", bob: "carol" })[user];
  const stage = () => new DomainStage({ policy: () => ({ alias }) });

  test("lead to their devices", () => {
    const on = stage();
    on.register("bob", "203.0.113.9:5060");
    const invite = request("INVITE", {
      uri: "sip:100@house.example",
      lines: [`Proxy-Authorization: ${on.token("alice")}`],
    });
    const sent = on.say("192.0.2.9:5060", invite);
    expect(sent.map(titleOf)).toContain("INVITE");
    expect(sent.at(-1)?.to).toBe("203.0.113.9:5060");
  });

  test("may stand in From and To of whom they name, and never in the way of a real name", () => {
    const on = stage();
    const as = (user: string) =>
      on
        .say(
          "192.0.2.9:5060",
          request("INVITE", {
            from: `<sip:${user}@house.example>;tag=a`,
            branch: `z9hG4bK-${user}`,
            lines: [`Proxy-Authorization: ${on.token("alice")}`],
          }),
        )
        .map(titleOf);
    // Bob is not online: that he is asked for shows that From was accepted.
    expect(as("boss").at(-1)).toBe("480 INVITE");
    expect(as("100")).toEqual(["403 INVITE"]);
    const registered = on.register("alice", "203.0.113.9:5060", {
      from: "<sip:boss@house.example>;tag=r",
      to: "<sip:boss@house.example>",
    });
    expect(registered.map(titleOf)).toEqual(["200 REGISTER"]);
    expect(on.location.online("alice", on.wire.now)).toBe(true);
  });
});

test("RFC 3261 §10.3: one registers devices of another by right only", () => {
  const registersFor = (who: string, whose: string) => who === "alice" && whose === "bob";
  const on = new DomainStage({ policy: () => ({ registersFor }) });
  const forOther = (who: string, whose: string) =>
    on
      .register(who, "203.0.113.9:5060", {
        to: `<sip:${whose}@house.example>`,
        callId: `for-${whose}`,
        branch: `z9hG4bK-${who}-${whose}`,
      })
      .map(titleOf);
  expect(forOther("alice", "bob")).toEqual(["200 REGISTER"]);
  expect(on.location.online("bob", on.wire.now)).toBe(true);
  //= RFC 3261 §10.3
  //# If the authenticated user is not authorized to modify bindings, the registrar MUST return a
  //# 403 (Forbidden) and skip the remaining steps.
  expect(forOther("alice", "carol")).toEqual(["403 REGISTER"]);
  expect(forOther("bob", "alice")).toEqual(["403 REGISTER"]);
});

test("a device that always comes with another port pushes its own oldest contact out", () => {
  const on = new DomainStage({ policy: () => ({ contactsPerDevice: 3 }) });
  const other = on.register("bob", "203.0.113.1:5060", { lines: ["Contact: <sip:x@203.0.113.1>"] });
  expect(other.map(titleOf)).toEqual(["200 REGISTER"]);
  for (let port = 6001; port <= 6004; port++) {
    on.register("bob", `203.0.113.9:${port}`);
  }
  const bindings = on.location.bindings("bob", on.wire.now);
  if (!Array.isArray(bindings)) throw new Error("they are at hand");
  // The page that registers here is one credential, whatever it says.
  expect(bindings.map(({ contact }) => contact)).toEqual([
    "sip:bob@203.0.113.9:6002",
    "sip:bob@203.0.113.9:6003",
    "sip:bob@203.0.113.9:6004",
  ]);
});
