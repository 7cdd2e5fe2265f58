import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import {
  answer,
  DomainStage,
  type DomainStageOptions,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import type { EdgePolicy } from "./edge.ts";

const HOME = "198.51.100.50:5060";
const PHONE = "203.0.113.4:5062";
const URN = "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";
const CONTACT = `Contact: <sip:bob@192.168.0.2:5062;ob>;reg-id=1;+sip.instance="${URN}"`;
const SUPPORTED = "Supported: path, outbound";

const policy: EdgePolicy = {
  isServed: (domain) => domain === "home.example",
  registrar: `sip:${HOME}`,
  isHome: ({ remote }) => remote.host === "198.51.100.50",
};
const edgeStage = (more: Partial<EdgePolicy> = {}, options: DomainStageOptions = {}) =>
  new DomainStage({ ...options, policy: () => ({ edge: { ...policy, ...more } }) });

const titles = (sent: readonly Sent[]) => sent.map(titleOf);
const only = (sent: readonly Sent[], title: string): Sent => {
  const found = sent.find((one) => titleOf(one) === title);
  if (!found) throw new Error(`no ${title} in ${titles(sent).join()}`);
  return found;
};

/** A REGISTER of bob's phone to his own registrar, by way of this edge. */
const registering = (lines: readonly string[] = [CONTACT, SUPPORTED], more = {}) =>
  request("REGISTER", {
    uri: "sip:home.example",
    via: `SIP/2.0/UDP 192.168.0.2:5062;rport;branch=z9hG4bKr${lines.length}`,
    from: "<sip:bob@home.example>;tag=r",
    to: "<sip:bob@home.example>",
    callId: "reg",
    lines: ["Route: <sip:192.0.2.1;lr>", ...lines],
    ...more,
  });

/** The Path that the edge has put itself into. */
function pathOf(stage: DomainStage, from: string | number = PHONE, lines?: readonly string[]) {
  const sent = only(stage.say(from, registering(lines)), "REGISTER");
  return { sent, path: headerLines(sent.message, "Path")[0] ?? "" };
}

const inviting = (path: string, more: Parameters<typeof request>[1] = {}) =>
  request("INVITE", {
    uri: "sip:bob@192.168.0.2:5062;ob",
    via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKi`,
    from: "<sip:alice@home.example>;tag=a",
    to: "<sip:bob@home.example>",
    callId: "call",
    lines: [`Route: ${path}`, `Record-Route: <sip:${HOME};lr>`, "Contact: <sip:a@198.51.100.9>"],
    ...more,
  });

describe("RFC 5626 §5.1: a REGISTER", () => {
  //= RFC 5626 §5.1
  //# If the edge proxy is the first hop, as indicated by the Via header field, it MUST insert its
  //# URI in a Path header field value as described in [RFC3327].
  //= RFC 5626 §5.1
  //# In addition, if the edge proxy is the first SIP node after the UAC, the edge proxy either MUST
  //# store a "flow token" (containing information about the flow from the previous hop) in its Path
  //# URI or reject the request.
  //= RFC 5626 §5.1
  //# In addition, the first node MUST include an "ob" URI parameter in its Path header field value.
  test("goes to the registrar with our Path: a token, lr and ob", () => {
    const { sent, path } = pathOf(edgeStage());
    expect(sent.to).toBe(HOME);
    expect(path).toMatch(/^<sip:n1![^@!]+![0-9a-f]{16}@192\.0\.2\.1:5060;lr;ob>$/);
    expect(headerLines(sent.message, "Route")).toEqual([]);
    //= RFC 3327 §5.2
    //# If the UA has indicated support and the proxy requires the registrar to support the Path
    //# extension, then the proxy SHOULD insert a Requires header field value for this extension.
    expect(header(sent.message, "Require")).toBe("path");
  });

  //= RFC 5626 §5.1
  //# If the edge proxy is not the first SIP node after the UAC it MUST NOT place an "ob" URI
  //# parameter in a Path header field value.
  test("that came over another proxy gets no ob, and our Path before that one's", () => {
    const via =
      "SIP/2.0/UDP 203.0.113.4:5062;branch=z9hG4bKp, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKq";
    const other = "Path: <sip:p1.example;lr;ob>";
    const sent = edgeStage().say(PHONE, registering([CONTACT, SUPPORTED, other], { via }));
    const [own, next] = headerLines(only(sent, "REGISTER").message, "Path");
    expect(own).toMatch(/;lr>$/);
    expect(next).toBe("<sip:p1.example;lr;ob>");
  });

  //= RFC 3327 §5.2
  //# If the UA has not indicated support for the extension and the proxy requires support for it in
  //# the registrar, the proxy SHOULD reject the request with a 421 response indicating a
  //# requirement for the extension.
  test("of a phone that does not know Path is refused, unless the operator wants it", () => {
    const refused = edgeStage().say(PHONE, registering([CONTACT]));
    expect(titles(refused)).toEqual(["421 REGISTER"]);
    expect(header(only(refused, "421 REGISTER").message, "Require")).toBe("path");
    const { path, sent } = pathOf(edgeStage({ addsPathForAll: true }), PHONE, [CONTACT]);
    expect(path).toContain(";ob>");
    expect(header(sent.message, "Require")).toBeUndefined();
  });

  test("is answered as the registrar says, with a Flow-Timer where Outbound was taken", () => {
    const stage = edgeStage();
    const { sent } = pathOf(stage);
    const route = "<sip:p2.home.example;lr>, <sip:home.example;lr>";
    const lines = ["Require: outbound", `Service-Route: ${route}`];
    const [said] = stage.say(HOME, answer(sent.octets, 200, "t", lines));
    expect(said?.to).toBe(PHONE);
    //= RFC 3608 §6.2
    //# Consequently, intermediate proxies SHOULD NOT alter the value of Service-Route in REGISTER
    //# responses, and if they do, the UA MUST NOT be required to accept the alteration.
    expect(said && header(said.message, "Service-Route")).toBe(route);
    //= RFC 5626 §5.4
    //# The last proxy to forward a successful registration response to a UA MAY include a
    //# Flow-Timer header field if the response contains the outbound option-tag in a Require header
    //# field value in the response.
    expect(said && header(said.message, "Flow-Timer")).toBe("25");
  });

  test("goes to the next registrar where the first says nothing, with a Path for that way", () => {
    const second = "198.51.100.51:5070";
    const stage = edgeStage({ registrar: [`sip:${HOME}`, `sip:${second}`] });
    const first = only(stage.say(PHONE, registering()), "REGISTER");
    expect(first.to).toBe(HOME);
    const later = stage.wait(5500).filter(({ to }) => to === second);
    const next = only(later, "REGISTER");
    expect(headerLines(next.message, "Path")).toHaveLength(1);
    const [said] = stage.say(second, answer(next.octets, 200, "t"));
    expect([said?.to, said && titleOf(said)]).toEqual([PHONE, "200 REGISTER"]);
  });

  //= RFC 3263 §4.3
  //# For SIP requests, failure occurs if the transaction layer reports a 503 error response or a
  //# transport failure of some sort (generally, due to fatal ICMP errors in UDP or connection
  //# failures in TCP).
  test("that the first registrar has no time for goes to the next one at once", () => {
    const second = "198.51.100.51:5070";
    const stage = edgeStage({ registrar: [`sip:${HOME}`, `sip:${second}`] });
    const first = only(stage.say(PHONE, registering()), "REGISTER");
    const next = only(stage.say(HOME, answer(first.octets, 503, "t")), "REGISTER");
    expect(next.to).toBe(second);
    // A refusal is an answer, whoever gives it.
    const refused = stage.say(second, answer(next.octets, 403, "t"));
    expect(titles(refused)).toEqual(["403 REGISTER"]);
  });

  test("for another domain is none of the edge's", () => {
    const sent = edgeStage().say(
      PHONE,
      registering([CONTACT], {
        uri: "sip:house.example",
        from: "<sip:bob@house.example>;tag=r",
        to: "<sip:bob@house.example>",
      }),
    );
    expect(titles(sent)).toEqual(["401 REGISTER"]);
  });
});

describe("RFC 5626 §5.3.1: what comes from the registrar", () => {
  //= RFC 5626 §5.3.1
  //# Next, whether the Route header field contained an "ob" URI parameter or not, the proxy removes
  //# the Route header field value and forwards the request over the 'logical flow' identified by
  //# the flow token, that is known to deliver data to the specific target UA instance.
  //= RFC 5626 §5.1
  //# The flow token MUST be an identifier that is unique to this network flow.
  test("goes over the flow of its token, whatever the Request-URI says", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const sent = only(stage.say(HOME, inviting(path)), "INVITE");
    expect(sent.to).toBe(PHONE);
    expect(headerLines(sent.message, "Route")).toEqual([]);
    expect(sent.message.kind === "Request" && sent.message.uri).toBe("sip:bob@192.168.0.2:5062;ob");
  });

  //= RFC 5626 §5.3.1
  //# If the Route header value contains an "ob" URI parameter, and the request is a new
  //# dialog-forming request, the proxy needs to adjust the route set to ensure that subsequent
  //# requests in the dialog can be delivered over a valid flow to the UA instance identified by the
  //# flow token.
  test("makes dialogs whose requests come over that flow, both ways", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const called = only(stage.say(HOME, inviting(path)), "INVITE");
    const routes = headerLines(called.message, "Record-Route");
    expect(routes).toHaveLength(2);
    stage.say(PHONE, answer(called.octets, 200, "b", [CONTACT]));
    const [own = "", home = ""] = routes;
    const dialog = { callId: "call", lines: [`Route: ${own}`] };
    const to = "<sip:bob@home.example>;tag=b";
    const fromHome = request("BYE", {
      ...{ ...dialog, uri: "sip:bob@192.168.0.2:5062;ob", to, seq: 2 },
      ...{ from: "<sip:alice@home.example>;tag=a", via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKb` },
    });
    expect(only(stage.say(HOME, fromHome), "BYE").to).toBe(PHONE);
    const fromPhone = request("INFO", {
      ...{ ...dialog, uri: "sip:a@198.51.100.9", from: to, to: "<sip:alice@home.example>;tag=a" },
      lines: [`Route: ${own}, ${home}`],
    });
    // Over a new flow, too: its NAT has forgotten the old one.
    expect(only(stage.say("203.0.113.4:6000", fromPhone), "INFO").to).toBe(HOME);
  });

  //= RFC 5626 §5.3.1
  //# If the flow no longer exists, the proxy SHOULD send a 430 (Flow Failed) response to the
  //# request.
  test("hears 430 where the connection is gone, before or while it is sent", () => {
    const stage = edgeStage();
    const flow = stage.connect("203.0.113.4:40000");
    const { path } = pathOf(stage, flow);
    stage.say(HOME, inviting(path));
    expect(titles(stage.close(flow))).toEqual(["430 INVITE"]);
    const again = { callId: "other", via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKj` };
    expect(titles(stage.say(HOME, inviting(path, again)))).toEqual(["430 INVITE"]);
  });

  test("after a restart, tokens of UDP are good and those of connections are gone", () => {
    const first = edgeStage();
    const overUdp = pathOf(first).path;
    const overWebSocket = pathOf(first, first.connect(), [CONTACT, SUPPORTED, "X: y"]).path;
    const second = edgeStage({}, { seed: 2 });
    second.connect();
    expect(only(second.say(HOME, inviting(overUdp)), "INVITE").to).toBe(PHONE);
    const other = { callId: "other", via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKj` };
    expect(titles(second.say(HOME, inviting(overWebSocket, other)))).toEqual(["430 INVITE"]);
  });
});

describe("A28: forged tokens", () => {
  const spoiled = (path: string) => path.replace(/203/, "204");

  //= RFC 5626 §5.3.1
  //# If the flow token has been tampered with, the proxy SHOULD send a 403 (Forbidden) response.
  test("a token that was changed is refused, and nothing is sent on, not even from home", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const forged = [
      spoiled(path),
      path.replace(/![0-9a-f]{16}@/, "!0000000000000000@"),
      path.replace("UDP/0/", "UDP/1.boot/"),
      "<sip:n1!x!y@192.0.2.1:5060;lr;ob>",
      "<sip:n1!!@192.0.2.1:5060;lr>",
    ];
    for (const [nth, route] of forged.entries()) {
      for (const place of [HOME, "198.51.100.66:5060"]) {
        const via = `SIP/2.0/UDP ${place};branch=z9hG4bKf${nth}`;
        const sent = stage.say(place, inviting(route, { via, callId: `f${nth}${place}` }));
        expect(titles(sent)).toEqual(["403 INVITE"]);
      }
    }
  });

  test("a server that is no edge says the same", () => {
    const stage = new DomainStage();
    const sent = stage.say(HOME, inviting("<sip:n1!x!y@192.0.2.1:5060;lr;ob>"));
    expect(titles(sent)).toEqual(["403 INVITE"]);
  });

  test("a token of another node, or with another key, opens nothing", () => {
    const { path } = pathOf(edgeStage({}, { key: new Uint8Array(32).fill(8) }));
    expect(titles(edgeStage().say(HOME, inviting(path)))).toEqual(["403 INVITE"]);
  });

  test("a good token opens the phone to nobody but its registrar, and registers nothing", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const from = "198.51.100.66:5060";
    const via = `SIP/2.0/UDP ${from};branch=z9hG4bKs`;
    expect(titles(stage.say(from, inviting(path, { via })))).toEqual(["403 INVITE"]);
    const register = registering([`Route: ${path}`], { lines: [`Route: ${path}`] });
    expect(titles(stage.say(HOME, register))).toEqual(["403 REGISTER"]);
  });
});

describe("what phones of an edge send", () => {
  const calling = (lines: readonly string[]) =>
    request("INVITE", {
      ...{ uri: "sip:carol@elsewhere.example", from: "<sip:bob@home.example>;tag=b", lines },
      ...{ to: "<sip:carol@elsewhere.example>", via: `SIP/2.0/UDP ${PHONE};branch=z9hG4bKo` },
    });

  test("goes to their registrar's proxy and nowhere else, whatever it names", () => {
    const routes = "Route: <sip:192.0.2.1;lr>, <sip:evil.example;lr>";
    const sent = only(edgeStage().say(PHONE, calling([routes, CONTACT])), "INVITE");
    expect(sent.to).toBe(HOME);
    expect(headerLines(sent.message, "Record-Route")).toHaveLength(1);
  });

  //= RFC 5626 §5.3
  //# The proxy decodes the flow token and compares the flow in the flow token with the source of
  //# the request to determine if this is an "incoming" or "outgoing" request.
  test("by the token of its own flow, as well", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const sent = only(stage.say(PHONE, calling([`Route: ${path}`, CONTACT])), "INVITE");
    expect(sent.to).toBe(HOME);
  });

  test("a stranger's request for the house is asked who they are, as ever", () => {
    const sent = edgeStage().say(PHONE, request("INVITE"));
    expect(titles(sent)).toEqual(["407 INVITE"]);
  });
});

describe("RFC 3261 §16.6: edges that stand in for each other", () => {
  const named = { name: "edges.example" };
  const calling = (lines: readonly string[], more: Parameters<typeof request>[1] = {}) =>
    request("INVITE", {
      uri: "sip:alice@home.example",
      via: "SIP/2.0/UDP 192.168.0.2:5062;rport;branch=z9hG4bKn",
      from: "<sip:bob@home.example>;tag=b",
      to: "<sip:alice@home.example>",
      callId: "named",
      lines,
      ...more,
    });
  const inDialog = (method: string, lines: readonly string[]) =>
    request(method, {
      uri: `sip:alice@${HOME}`,
      via: `SIP/2.0/UDP 192.168.0.2:5062;rport;branch=z9hG4bK${method}`,
      from: "<sip:bob@home.example>;tag=b",
      to: "<sip:alice@home.example>;tag=a",
      callId: "named",
      lines,
    });
  const OTHER = "e9!UDP/0/203.0.113.4/5062!UDP/0/elsewhere.invalid/0!mac";
  const TWINS = [`<sip:${OTHER}@edges.example;lr>`, `<sip:${OTHER}@192.0.2.77:5060;lr>`];

  //= RFC 3261 §16.6
  //# The URI placed in the Record-Route header field MUST resolve to the element inserting it (or a
  //# suitable stand-in) when the server location procedures of [4] are applied to it, so that
  //# subsequent requests reach the same SIP element.
  test("a phone has their name in the route of its dialogs, the house this one's address", () => {
    const outgoing = only(edgeStage(named).say(PHONE, calling([CONTACT])), "INVITE");
    const stage = edgeStage(named);
    const incoming = only(stage.say(HOME, inviting(pathOf(stage).path)), "INVITE");
    const shape = (sent: Sent) =>
      headerLines(sent.message, "Record-Route").map((one) => one.replace(/sip:.*@/, ""));
    expect(shape(outgoing)).toEqual(["<192.0.2.1:5060;lr>", "<edges.example;lr>"]);
    expect(shape(incoming)).toEqual([
      "<edges.example;lr>",
      "<192.0.2.1:5060;lr>",
      `<sip:${HOME};lr>`,
    ]);
    const users = headerLines(outgoing.message, "Record-Route").map((one) => one.split("@")[0]);
    expect(users[0]).toBe(users[1]);
  });

  test("its Path stays an address: a token opens nothing at another edge", () => {
    expect(pathOf(edgeStage(named)).path).toMatch(/@192\.0\.2\.1:5060;lr;ob>$/);
  });

  //= RFC 3261 §16.4
  //# If the first value in the Route header field indicates this proxy, the proxy MUST remove that
  //# value from the request.
  test("what was another one's in a dialog goes home without it, both of its values", () => {
    const lines = [`Route: ${TWINS.join(", ")}, <sip:${HOME};lr>`];
    const sent = only(edgeStage(named).say(PHONE, inDialog("BYE", lines)), "BYE");
    expect(sent.to).toBe(HOME);
    expect(headerLines(sent.message, "Route")).toEqual([`<sip:${HOME};lr>`]);
  });

  test("a route of somebody else stays, and so does a twin of what is not a name of ours", () => {
    for (const [stage, routes] of [
      [edgeStage(named), [TWINS[0], "<sip:e8!x!y!z@192.0.2.77:5060;lr>"]],
      [edgeStage(), TWINS],
    ] as const) {
      const sent = only(stage.say(PHONE, inDialog("BYE", [`Route: ${routes.join(", ")}`])), "BYE");
      expect(headerLines(sent.message, "Route").join()).toContain("192.0.2.77");
    }
  });

  test("an ACK that comes so goes home, too: along its route, or to the registrar", () => {
    for (const routes of [[...TWINS, `<sip:${HOME};lr>`], TWINS]) {
      const sent = edgeStage(named).say(PHONE, inDialog("ACK", [`Route: ${routes.join(", ")}`]));
      expect(sent.map(({ to, message }) => [to, titleOf({ to, message, octets: "" })])).toEqual([
        [HOME, "ACK"],
      ]);
      expect(headerLines(only(sent, "ACK").message, "Route").join()).not.toContain(OTHER);
    }
  });
});

describe("RFC 5626 §5.3.1: an ACK with a token", () => {
  const acking = (path: string) =>
    request("ACK", {
      uri: "sip:bob@192.168.0.2:5062;ob",
      via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKack`,
      from: "<sip:alice@home.example>;tag=a",
      to: "<sip:bob@home.example>;tag=b",
      callId: "call",
      lines: [`Route: ${path}`],
    });

  test("goes over the flow of its token, without that Route", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    const sent = stage.say(HOME, acking(path));
    expect([titles(sent), sent[0]?.to]).toEqual([["ACK"], PHONE]);
    expect(sent[0] && headerLines(sent[0].message, "Route")).toEqual([]);
  });

  test("goes nowhere where the token was changed, or its flow is gone", () => {
    const stage = edgeStage();
    const { path } = pathOf(stage);
    expect(stage.say(HOME, acking(path.replace("/5062", "/5063")))).toEqual([]);
    const connection = stage.connect();
    const over = pathOf(stage, connection).path;
    stage.close(connection);
    expect(stage.say(HOME, acking(over))).toEqual([]);
  });
});
