import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent } from "../testing/domain-stage.ts";

const LOCAL = { host: "192.0.2.1", port: 5061 };
const statuses = (sent: readonly Sent[]) =>
  sent.flatMap(({ message }) => (message.kind === "Response" ? [message.status] : []));
const requests = (sent: readonly Sent[]) =>
  sent.flatMap((one) => (one.message.kind === "Request" ? [{ ...one, ...one.message }] : []));

/** A house with bob's device behind it: how it came, and the scheme of its contact. */
function house(transport: "TLS" | "TCP" = "TLS", scheme: "sip" | "sips" = "sips") {
  const stage = new DomainStage();
  stage.wire.input({ kind: "Listening", transport: "TLS", local: LOCAL });
  const open = (how: "TLS" | "TCP", host: string) => {
    return stage.wire.open({ transport: how, local: LOCAL, remote: { host, port: 40_000 } });
  };
  const alice = open("TLS", "192.0.2.9");
  const bob = open(transport, "192.0.2.77");
  const registered = stage.register("bob", bob, {
    uri: "sips:house.example",
    lines: [`Contact: <${scheme}:bob@192.0.2.77:40000>`],
  });
  let nth = 0;
  const say = (method: string, uri: string, from: number | string = alice) =>
    stage.say(
      from,
      request(method, {
        uri,
        branch: `z9hG4bK${++nth}`,
        callId: `call-${nth}`,
        lines: [`Proxy-Authorization: ${stage.token("alice")}`],
      }),
    );
  return { stage, alice, bob, registered, say };
}

describe("a sips address", () => {
  test("RFC 5630 §5.3: leads to who registered as sips, over TLS on the whole way", () => {
    const { say, stage, bob } = house();
    const sent = say("INVITE", "sips:bob@house.example");
    const [there] = requests(sent);
    expect(there).toMatchObject({ to: bob, uri: "sips:bob@192.0.2.77:40000" });
    expect(there && header(there.message, "Via")).toMatch(/^SIP\/2\.0\/TLS 192\.0\.2\.1:5061;/);
    //= RFC 3261 §16.6
    //# If the Request-URI contains a SIPS URI, or the topmost Route header field value (after the
    //# post processing of bullet 6) contains a SIPS URI, the URI placed into the Record-Route
    //# header field MUST be a SIPS URI.
    const routes = there ? headerLines(there.message, "Record-Route") : [];
    expect(routes).toHaveLength(1);
    expect(routes[0]).toMatch(/^<sips:[^;]*@192\.0\.2\.1:5061;lr>$/);
    expect(statuses(stage.say(bob, answer(there?.octets ?? "", 486, "b")))).toEqual([486]);
  });

  test("is not believed of what came without TLS", () => {
    const { say, stage } = house();
    const tcp = stage.wire.open({ transport: "TCP", remote: { host: "192.0.2.9", port: 1 } });
    for (const place of ["192.0.2.9:5060", tcp]) {
      const sent = say("INVITE", "sips:bob@house.example", place);
      expect([statuses(sent), requests(sent)]).toEqual([[416], []]);
    }
  });

  test("RFC 5630 §5.3: never leads to a contact that is sip, not over TLS either", () => {
    const { say } = house("TLS", "sip");
    //= RFC 5630 §5.3
    //# If the target UAS had registered previously using a SIP Contact header field instead of a
    //# SIPS Contact header field, the proxy MUST NOT forward the request to the URI indicated in
    //# the Contact header field. If the proxy needs to reject the request for that reason, the
    //# proxy MUST reject it with a 480 (Temporarily Unavailable) response. In this case, the proxy
    //# SHOULD include a Warning header with warn-code 380 "SIPS Not Allowed".
    const sent = say("INVITE", "sips:bob@house.example");
    expect(requests(sent)).toEqual([]);
    const last = sent.at(-1)?.message;
    expect(statuses(sent).at(-1)).toBe(480);
    expect(last && headerLines(last, "Warning")[0]).toBe('380 carillon "SIPS Not Allowed"');
  });

  test("RFC 5630 §5.3: a sip request to a sips contact goes on as sip, over its TLS", () => {
    const { say, bob } = house();
    //= RFC 5630 §5.3
    //# If the target UAS had registered previously using a SIPS Contact header field, and the proxy
    //# decides to forward the request, the proxy MUST replace that SIPS scheme with a SIP scheme
    //# while leaving the rest of the URI as is, and use the resulting URI as the Request-URI of the
    //# forwarded request. The proxy MUST use TLS to forward the request to the UAS.
    const [there] = requests(say("INVITE", "sip:bob@house.example"));
    expect(there).toMatchObject({ to: bob, uri: "sip:bob@192.0.2.77:40000" });
    //= RFC 3261 §16.6
    //# In a similar fashion, a proxy that receives a request over TLS, but generates a request
    //# without a SIPS URI in the Request-URI or topmost Route header field value (after the post
    //# processing of bullet 6), MUST insert a Record-Route header field that is not a SIPS URI.
    const routes = there ? headerLines(there.message, "Record-Route") : [];
    expect(routes.every((route) => route.startsWith("<sip:"))).toBe(true);
    expect(routes).toHaveLength(1);
  });
});

describe("a sips contact", () => {
  test("RFC 5630 §5.2: is registered at a sips address, and at no other", () => {
    expect(statuses(house().registered)).toEqual([200]);
    const { stage, bob } = house("TLS", "sip");
    //= RFC 5630 §5.2
    //# A registrar MUST accept a binding to a SIPS Contact header field only if all the appropriate
    //# URIs are of the SIPS scheme; otherwise, there could be an inadvertent binding of a secure
    //# resource (SIPS) to an unsecured one (SIP).
    //= RFC 5630 §5.2
    //# If the URIs are not of the proper SIPS scheme, the registrar MUST reject the REGISTER with a
    //# 400 (Bad Request).
    const contact = { lines: ["Contact: <sips:bob@192.0.2.77:40000>"], branch: "z9hG4bKother" };
    expect(statuses(stage.register("bob", bob, contact))).toEqual([400]);
  });

  test("is not registered over TCP, whatever is said", () => {
    expect(statuses(house("TCP").registered)).toEqual([416]);
  });
});

test("in a dialog, too, sips never goes where there is no TLS", () => {
  const { stage, say, alice } = house("TCP", "sip");
  const tcp = stage.wire.open({ transport: "TCP", remote: { host: "192.0.2.77", port: 40_001 } });
  stage.register("bob", tcp, { lines: ["Contact: <sip:bob@192.0.2.77:40001>"] });
  const [invite] = requests(say("INVITE", "sip:bob@house.example"));
  const back = stage.say(tcp, answer(invite?.octets ?? "", 200, "b"));
  const routes = back[0] ? headerLines(back[0].message, "Record-Route") : [];
  const bye = request("BYE", {
    uri: "sips:bob@192.0.2.77:40001",
    to: "<sip:bob@house.example>;tag=b",
    callId: "call-1",
    seq: 2,
    branch: "z9hG4bKbye",
    lines: [...routes].reverse().map((route) => `Route: ${route}`),
  });
  //= RFC 3261 §16.6
  //# Independently of which URI is being used as input to the procedures of [4], if the Request-URI
  //# specifies a SIPS resource, the proxy MUST follow the procedures of [4] as if the input URI
  //# were a SIPS URI.
  const sent = stage.say(alice, bye);
  expect(requests(sent)).toEqual([]);
  expect(statuses(sent).at(-1)).toBe(480);
});
