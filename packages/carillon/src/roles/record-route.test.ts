/** How often we stand in Record-Route, where a call leaves from another address than it came to. */
import { expect, test } from "vitest";
import { answer, DomainStage, request } from "../testing/domain-stage.ts";
import type { Policy } from "./policy.ts";

const SECOND = { host: "192.0.2.2", port: 5060 };
const ALICE = { host: "192.0.2.9", port: 5060 };
const BOB = "203.0.113.9:5060";

/** Alice asks at the second address; gives back what went out for it. */
function called(policy: Policy, transport: "UDP" | "TCP" = "UDP") {
  const on = new DomainStage({ policy: () => policy, aliases: [SECOND.host] });
  on.register("bob", BOB);
  on.wire.input({ kind: "Listening", transport, local: SECOND });
  const say = (octets: string) => {
    const local = { local: SECOND, remote: ALICE };
    if (transport === "UDP") return on.wire.input({ kind: "Datagram", ...local, octets });
    const connection = on.wire.open({ transport, ...local });
    return on.wire.input({ kind: "Received", connection, octets });
  };
  const lines = [`Proxy-Authorization: ${on.token("alice")}`];
  const via = `SIP/2.0/${transport} 192.0.2.9:5060;branch=z9hG4bK-invite`;
  const sent = say(request("INVITE", { lines, via })).flatMap((one) =>
    one.kind === "Datagram" && one.remote.host === "203.0.113.9" ? [one.octets] : [],
  );
  const invite = sent[0] ?? "";
  return {
    on,
    invite,
    routes: [...invite.matchAll(/^Record-Route: (.*)\r$/gm)].map(([, to]) => to),
  };
}

test("RFC 5658 §3: twice, so that each side sees the address that it came to", () => {
  const { routes } = called({});
  expect(routes.map((route) => /@[^;]*/.exec(route ?? "")?.[0])).toEqual([
    "@192.0.2.1:5060",
    "@192.0.2.2:5060",
  ]);
});

test("once where the operator says that either is reached from everywhere, and it works", () => {
  const { on, invite, routes } = called({ recordRoute: "single" });
  expect(routes).toHaveLength(1);
  on.say(BOB, answer(invite, 200, "b", ["Contact: <sip:bob@203.0.113.9:5060>"]));
  const route = `Route: ${routes[0]}`;
  const alices = request("BYE", {
    ...{ uri: "sip:bob@203.0.113.9:5060", to: "<sip:bob@house.example>;tag=b", seq: 2 },
    ...{ branch: "z9hG4bK-alice", lines: [route] },
  });
  expect(on.say("192.0.2.9:5060", alices).at(-1)?.to).toBe(BOB);
  const bobs = request("BYE", {
    ...{ uri: "sip:alice@192.0.2.9:5060", seq: 7, lines: [route] },
    ...{ from: "<sip:bob@house.example>;tag=b", to: "<sip:alice@house.example>;tag=a" },
    via: "SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK-bob",
  });
  expect(on.say(BOB, bobs).at(-1)?.to).toBe("192.0.2.9:5060");
});

test("twice all the same where the transport changes: one side could not use the other's", () => {
  expect(called({ recordRoute: "single" }, "TCP").routes).toHaveLength(2);
});
