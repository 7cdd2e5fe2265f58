/** Other domains' servers, which show who they are by their certificate. RFC 5922. */
import { expect, test } from "vitest";
import { answer, DomainStage, request, titleOf } from "../testing/domain-stage.ts";

const zoe = "<sip:zoe@Partner.example>;tag=z";
const partners = (domain: string) => ["partner.example", "house.example"].includes(domain);
const stage = () => new DomainStage({ policy: () => ({ partners }) });
const REMOTE = { host: "198.51.100.20", port: 40_000 };

/** A server that has proved these names over TLS. */
const from = (on: DomainStage, ...identities: string[]): number =>
  on.wire.open({ transport: "TLS", remote: REMOTE, identities });
const call = (caller = zoe) =>
  request("INVITE", {
    via: "SIP/2.0/TLS sip.partner.example;branch=z9hG4bK-partner",
    from: caller,
    lines: ["Contact: <sip:zoe@sip.partner.example;transport=tls>"],
  });

test("RFC 5922 §7.4: a partner reaches people here, in the name of somebody there", () => {
  const on = stage();
  on.register("bob", "203.0.113.9:5060");
  //= RFC 5922 §7.4
  //# When authenticating the client, the server MUST obtain the set of SIP domain identities from
  //# the client certificate as described in Section 7.1.
  expect(on.say(from(on, "partner.example"), call()).map(titleOf)).toEqual(["INVITE"]);
});

test.each([
  ["without a certificate", [], zoe],
  ["with another's", ["other.example"], zoe],
  ["in the name of a third domain", ["partner.example"], "<sip:zoe@other.example>;tag=z"],
  ["that is no partner", ["other.example"], "<sip:zoe@other.example>;tag=z"],
  ["in the name of somebody here", ["house.example"], "<sip:alice@house.example>;tag=z"],
])("a server %s is asked who it is", (_, identities, caller) => {
  const on = stage();
  on.register("bob", "203.0.113.9:5060");
  expect(on.say(from(on, ...identities), call(caller)).map(titleOf)).toEqual(["407 INVITE"]);
});

test("over UDP nobody is a partner, and without configuration nobody at all", () => {
  const on = stage();
  const datagram = call().replace("SIP/2.0/TLS", "SIP/2.0/UDP");
  expect(on.say("198.51.100.20:5060", datagram).map(titleOf)).toEqual(["407 INVITE"]);
  const closed = new DomainStage();
  expect(closed.say(from(closed, "partner.example"), call()).map(titleOf)).toEqual(["407 INVITE"]);
});

test("a partner registers nobody, and is led to no third domain", () => {
  const relay = (account: string | undefined) => account !== undefined;
  const on = new DomainStage({ policy: () => ({ partners, relay }) });
  const server = from(on, "partner.example");
  const register = request("REGISTER", {
    ...{ uri: "sip:house.example", from: zoe, to: "<sip:bob@house.example>" },
    lines: ["Contact: <sip:zoe@198.51.100.20>"],
  });
  expect(on.say(server, register).map(titleOf)).toEqual(["403 REGISTER"]);
  const away = request("INVITE", { uri: "sip:x@third.example", from: zoe, branch: "z9hG4bK-2" });
  expect(on.say(server, away).map(titleOf)).toEqual(["403 INVITE"]);
});

test("its connection may close in a call: it is found again by name", () => {
  const on = stage();
  on.register("bob", "203.0.113.9:5060");
  const server = from(on, "partner.example");
  const [invite] = on.say(server, call());
  const octets = invite?.octets ?? "";
  const contact = "Contact: <sip:bob@203.0.113.9:5060>";
  const [accepted] = on.say("203.0.113.9:5060", answer(octets, 200, "b", [contact]));
  expect(accepted && titleOf(accepted)).toBe("200 INVITE");
  const routes = [...octets.matchAll(/^Record-Route: (.*)\r$/gm)].map(([, route]) => route);
  expect(routes).toHaveLength(2);
  const bye = (connection: number | undefined) =>
    request("BYE", {
      uri: "sip:zoe@sip.partner.example;transport=tls",
      ...{ from: "<sip:bob@house.example>;tag=b", to: zoe, seq: 7 },
      via: `SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK-bye-${connection}`,
      lines: routes.map((route) => `Route: ${route}`),
    });
  on.close(server);
  const before = on.wire.outputs.length;
  on.say("203.0.113.9:5060", bye(1));
  const asked = on.wire.outputs.slice(before).filter(({ kind }) => kind === "Query");
  expect(JSON.stringify(asked)).toContain("sip.partner.example");
});
