import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";

const URN = "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";
const EDGE = "198.51.100.20:5060";
const SECOND_EDGE = "198.51.100.21:5060";

const contactOf = (regId: number, uri = "sip:bob@192.168.0.2;transport=tcp") =>
  `Contact: <${uri}>;reg-id=${regId};+sip.instance="${URN}"`;
const SUPPORTED = "Supported: path, outbound";
const titles = (sent: readonly Sent[]) => sent.map(titleOf).join();
const linesOf = ([sent]: readonly Sent[], name: "Path" | "Require" | "Contact" | "Route") =>
  sent ? headerLines(sent.message, name) : [];
const BEHIND = { via: "SIP/2.0/UDP 198.51.100.20;branch=z9hG4bKe, SIP/2.0/TCP 192.168.0.2" };

/** bob's phone, over two connections of its own. */
function twoFlows() {
  const stage = new DomainStage();
  const flows = [stage.connect("203.0.113.4:40001"), stage.connect("203.0.113.4:40002")] as const;
  const answers = flows.map((flow, nth) =>
    stage.register("bob", flow, { lines: [contactOf(nth + 1), SUPPORTED] }),
  );
  return { stage, flows, answers };
}

const invite = (stage: DomainStage, more: readonly string[] = []) =>
  stage.say(
    "192.0.2.9:5060",
    request("INVITE", {
      branch: `z9hG4bK-${more.length}`,
      lines: [
        `Proxy-Authorization: ${stage.token("alice")}`,
        "Contact: <sip:a@192.0.2.9>",
        ...more,
      ],
    }),
  );

const toPhones = (sent: readonly Sent[]) =>
  sent.filter(({ message }) => message.kind === "Request");

describe("RFC 5626 §6: the registrar", () => {
  test("keeps each flow of a device, and says that it did", () => {
    const { answers } = twoFlows();
    const [, second = []] = answers;
    expect(titles(second)).toBe("200 REGISTER");
    expect(linesOf(second, "Contact")).toEqual([
      `<sip:bob@192.168.0.2;transport=tcp>;+sip.instance="${URN}";reg-id=1;expires=3600`,
      `<sip:bob@192.168.0.2;transport=tcp>;+sip.instance="${URN}";reg-id=2;expires=3600`,
    ]);
    //= RFC 5626 §6
    //# Provided that the UAC had included an outbound option-tag (defined in Section 11.4) in a
    //# Supported header field value in the REGISTER request, the registrar MUST include the
    //# outbound option-tag in a Require header field value in its response to that REGISTER
    //# request.
    expect(linesOf(second, "Require")).toEqual(["outbound"]);
    expect(second[0] && header(second[0].message, "Flow-Timer")).toBe("90");
  });

  //= RFC 5626 §6
  //# If the Contact header did not contain a "reg-id" Contact header field parameter or if that
  //# parameter was ignored (as described above), the registrar MUST NOT include the outbound
  //# option-tag in the Require header field of its response.
  test("does not speak of Outbound where no reg-id counted", () => {
    for (const contact of [
      `Contact: <sip:bob@192.0.2.2>;+sip.instance="${URN}"`,
      "Contact: <sip:bob@192.0.2.2>;reg-id=1",
    ]) {
      const sent = new DomainStage().register("bob", "203.0.113.4:5060", {
        lines: [contact, SUPPORTED],
      });
      expect(titles(sent)).toBe("200 REGISTER");
      expect(linesOf(sent, "Require")).toEqual([]);
    }
  });

  //= RFC 5626 §6
  //# Therefore, if the Contact header field contains more than one header field value with a
  //# non-zero expiration and any of these header field values contain a "reg-id" Contact header
  //# field parameter, the entire registration SHOULD be rejected with a 400 (Bad Request) response.
  test("takes one flow a REGISTER, and the end of others beside it", () => {
    const { stage, flows } = twoFlows();
    const [first] = flows;
    const over = { callId: "again", branch: "z9hG4bKagain" };
    const lines = [contactOf(1), "Contact: <sip:other@192.0.2.2>", SUPPORTED];
    expect(titles(stage.register("bob", first, { ...over, lines }))).toBe("400 REGISTER");
    const ends = [contactOf(1), `${contactOf(2)};expires=0`, SUPPORTED];
    const also = { callId: "more", branch: "z9hG4bKmore" };
    const sent = stage.register("bob", first, { ...also, lines: ends });
    expect(linesOf(sent, "Contact").map((line) => /reg-id=\d/.exec(line)?.[0])).toEqual([
      "reg-id=1",
    ]);
  });

  //= RFC 5626 §6
  //# In this case, the following processing applies: if the REGISTER request contains the reg-id
  //# and the outbound option tag in a Supported header field, then the registrar MUST respond to
  //# the REGISTER request with a 439 (First Hop Lacks Outbound Support) response; otherwise, the
  //# registrar MUST ignore the "reg-id" parameter of the Contact header.
  //= RFC 5626 §6
  //# When receiving a REGISTER request, the registrar MUST check from its Via header field if the
  //# registrar is the first hop or not. If the registrar is not the first hop, it MUST examine the
  //# Path header of the request. If the Path header field is missing or it exists but the first URI
  //# does not have an "ob" URI parameter, then outbound processing MUST NOT be applied to the
  //# registration.
  test("says 439 behind a proxy that does not do it, and ignores what nobody asks for", () => {
    for (const path of [[], ["Path: <sip:198.51.100.20;lr>"]]) {
      const stage = new DomainStage();
      const lines = [contactOf(1), ...path, SUPPORTED];
      expect(titles(stage.register("bob", EDGE, { ...BEHIND, lines }))).toBe("439 REGISTER");
      const plain = { via: BEHIND.via.replace("bKe", "bKp"), callId: "plain" };
      const quiet = [contactOf(1), ...path, "Supported: path"];
      const sent = stage.register("bob", EDGE, { ...plain, lines: quiet });
      expect(titles(sent)).toBe("200 REGISTER");
      expect(linesOf(sent, "Contact")[0]).not.toContain("reg-id");
      expect(linesOf(sent, "Require")).toEqual([]);
    }
  });

  test("takes a reg-id behind an edge that does: the last of the Path, whoever is before", () => {
    const path = ["Path: <sip:p2.example;lr>, <sip:token@198.51.100.20;lr;ob>"];
    const lines = [contactOf(1), ...path, SUPPORTED];
    const sent = new DomainStage().register("bob", EDGE, { ...BEHIND, lines });
    expect(linesOf(sent, "Require")).toEqual(["outbound"]);
  });

  test("is asked for nothing it does not do: path and outbound may be required", () => {
    const lines = [contactOf(1), SUPPORTED, "Require: path, outbound"];
    const sent = new DomainStage().register("bob", "203.0.113.4:5060", { lines });
    expect(titles(sent)).toBe("200 REGISTER");
  });
});

describe("RFC 5626 §7: a device with two flows", () => {
  //= RFC 5626 §7
  //# The proxy MUST NOT populate the target set with more than one contact with the same AOR and
  //# instance-id at a time.
  //= RFC 5626 §6
  //# If the UAC has a direct flow with the registrar, the registrar MUST store enough information
  //# to uniquely identify the network flow over which the request arrived.
  //= RFC 5626 §7
  //# If the proxy is co-located with the registrar and stored information about the flow to the UA
  //# that created the binding, then the proxy MUST send the request over the same 'logical flow'
  //# saved with the binding, since that flow is known to deliver data to the specific target UA
  //# instance's network flow that was saved with the binding.
  test("rings once, over the flow that was registered last", () => {
    const { stage, flows } = twoFlows();
    const sent = toPhones(invite(stage));
    expect(sent.map(({ to }) => to)).toEqual([flows[1]]);
  });

  //= RFC 5626 §7
  //# If a proxy or registrar receives information from the network that indicates that no future
  //# messages will be delivered on a specific flow, then the proxy MUST invalidate all the bindings
  //# in the target set that use that flow (regardless of AOR).
  //= RFC 5626 §7
  //# Similarly, if a proxy closes a file descriptor, it MUST invalidate all the bindings in the
  //# target set with flows that use that file descriptor.
  test("rings over the other flow when that connection is cut", () => {
    const { stage, flows } = twoFlows();
    stage.close(flows[1]);
    expect(toPhones(invite(stage)).map(({ to }) => to)).toEqual([flows[0]]);
  });

  test("that registers one of them over a new connection rings there", () => {
    //= RFC 5626 §6
    //# If the registrar receives a re-registration for a specific combination of AOR, and
    //# instance-id and reg-id values, the registrar MUST update any information that uniquely
    //# identifies the network flow over which the request arrived if that information has changed,
    //# and SHOULD update the time the binding was last updated.
    const { stage } = twoFlows();
    const third = stage.connect("203.0.113.4:40003");
    const again = { callId: "again", branch: "z9hG4bKagain" };
    const sent = stage.register("bob", third, { ...again, lines: [contactOf(1), SUPPORTED] });
    expect(linesOf(sent, "Contact")).toHaveLength(2);
    expect(toPhones(invite(stage)).map(({ to }) => to)).toEqual([third]);
  });

  test("rings over the other flow when the connection goes while it is called", () => {
    const { stage, flows } = twoFlows();
    invite(stage);
    const sent = toPhones(stage.close(flows[1]));
    expect(sent.map(({ to, message }) => [to, message.kind])).toEqual([[flows[0], "Request"]]);
  });

  //= RFC 5626 §7
  //# If a request for a particular AOR and instance-id fails with a 430 (Flow Failed) response, the
  //# proxy SHOULD replace the failed branch with another target (if one is available) with the same
  //# AOR and instance-id, but a different reg-id.
  //= RFC 5626 §7
  //# If the proxy receives a final response from a branch other than a 408 (Request Timeout) or a
  //# 430 (Flow Failed) response, the proxy MUST NOT forward the same request to another target
  //# representing the same AOR and instance-id.
  test.each([
    [430, ["ACK", "INVITE"]],
    [486, ["ACK", "486 INVITE"]],
  ] as const)("a %i of the first is followed by %s", (status, expected) => {
    const stage = new DomainStage();
    for (const [nth, edge] of [EDGE, SECOND_EDGE].entries()) {
      const host = edge.split(":")[0];
      const path = `Path: <sip:token${nth}@${host};lr;ob>`;
      const lines = [contactOf(nth + 1), path, SUPPORTED];
      stage.register("bob", edge, { ...BEHIND, branch: `z9hG4bKe${nth}`, lines });
    }
    const [first] = toPhones(invite(stage));
    if (!first) throw new Error("nobody was called");
    expect(first.to).toBe(SECOND_EDGE);
    expect(linesOf([first], "Route")).toEqual(["<sip:token1@198.51.100.21;lr;ob>"]);
    const after = stage.say(SECOND_EDGE, answer(first.octets, status, "b"));
    expect(after.map(titleOf)).toEqual(expected);
    const [, next] = after;
    if (status === 430)
      expect(linesOf([next as Sent], "Route")).toEqual(["<sip:token0@198.51.100.20;lr;ob>"]);
  });
});

describe("RFC 3327: Path", () => {
  const PATH = ["<sip:token@198.51.100.20:5066;lr;ob>", "<sip:p1@10.0.0.1;lr>;of=us"];
  const registered = (lines: readonly string[] = [], options = {}) => {
    const stage = new DomainStage(options);
    const contact = "Contact: <sip:bob@192.168.0.2:5070>";
    const own = [contact, ...PATH.map((value) => `Path: ${value}`), ...lines];
    return { stage, sent: stage.register("bob", EDGE, { ...BEHIND, lines: own }) };
  };

  //= RFC 3327 §5.3
  //# The registrar copies the Path header field values into a Path header field in the successful
  //# (200 class) REGISTER response.
  //= RFC 3327 §5.4
  //# With the addition of Path, the home proxy also copies the stored path vector associated with
  //# the specific contact in the registrar database into the Route header field of the outgoing
  //# request as a preloaded route.
  //= RFC 5626 §6
  //# Registrars that implement this specification MUST support the Path header mechanism [RFC3327].
  test("is in the answer, and the Route of what goes to the phone, whose URI stays its own", () => {
    const { stage, sent } = registered(["Supported: path"]);
    expect(titles(sent)).toBe("200 REGISTER");
    expect(linesOf(sent, "Path")).toEqual(PATH);
    const [called] = toPhones(invite(stage));
    expect(called?.to).toBe("198.51.100.20:5066");
    expect(called?.message.kind === "Request" && called.message.uri).toBe(
      "sip:bob@192.168.0.2:5070",
    );
    expect(called && headerLines(called.message, "Route")).toEqual(PATH);
  });

  //= RFC 3327 §5.3
  //# The recommended policy is for the registrar to reject the request with a 420 "Bad Extension"
  //# response indicating the Path extension.
  test("of which the phone knows nothing is refused, but from an edge of the house", () => {
    const { sent } = registered();
    expect(titles(sent)).toBe("420 REGISTER");
    expect(sent[0] && header(sent[0].message, "Unsupported")).toBe("path");
    const trusted = registered([], { trusts: () => true });
    expect(titles(trusted.sent)).toBe("200 REGISTER");
  });

  test("never leads to another host than the one that it came from", () => {
    const stage = new DomainStage();
    const lines = ["Contact: <sip:bob@192.168.0.2>", "Path: <sip:203.0.113.99;lr>", SUPPORTED];
    stage.register("bob", EDGE, { ...BEHIND, lines });
    expect(toPhones(invite(stage)).map(({ to }) => to)).toEqual([EDGE]);
  });

  test("over TCP outlives its connection where its proxy can be connected to", () => {
    const stage = new DomainStage();
    const remote = { host: "198.51.100.20", port: 40_000 };
    const edge = stage.wire.open({ transport: "TCP", remote });
    const path = "Path: <sip:token@198.51.100.20:5066;transport=tcp;lr;ob>";
    const lines = [contactOf(1), path, SUPPORTED];
    const via = "SIP/2.0/TCP 198.51.100.20;branch=z9hG4bKe, SIP/2.0/TCP 192.168.0.2";
    stage.register("bob", edge, { via, lines });
    stage.close(edge);
    const before = stage.wire.outputs.length;
    invite(stage);
    const dials = stage.wire.outputs.slice(before).filter(({ kind }) => kind === "Open");
    const to = { transport: "TCP", remote: { host: "198.51.100.20", port: 5066 } };
    expect(dials).toMatchObject([{ kind: "Open", to }]);
  });
});

//= RFC 3608 §5
//# Note that the Service-Route header field values MUST conform to the syntax of a Route element as
//# defined in [3]. As suggested therein, such values MUST include the loose-routing indicator
//# parameter ";lr" for full compliance with [3].
//= RFC 3608 §6.3
//# Note that the inserted Service-Route element(s) MUST conform to the syntax of a Route element as
//# defined in [3]. As suggested therein, such route elements MUST include the loose-routing
//# indicator parameter ";lr" for full compliance with [3].
test("RFC 3608 §6.3: a phone is told the way of its requests, where the operator has one", () => {
  const serviceRoute = ["sip:p2.example;lr", "sip:house.example;lr"];
  const lines = ["Contact: <sip:bob@192.0.2.2>"];
  const [sent] = new DomainStage({ policy: () => ({ serviceRoute }) }).register("bob", EDGE, {
    lines,
  });
  expect(sent && headerLines(sent.message, "Service-Route")).toEqual([
    "<sip:p2.example;lr>",
    "<sip:house.example;lr>",
  ]);
});

describe("in a dialog of a device with two flows", () => {
  const contactAt = (port: number, regId: number) =>
    contactOf(regId, `sip:bob@192.168.0.2:${port}`);

  /** Registered over two connections, from ports of its own: no Contact is like the other. */
  function registered() {
    const stage = new DomainStage();
    const flows = [stage.connect("203.0.113.4:40001"), stage.connect("203.0.113.4:40002")] as const;
    for (const [nth, flow] of flows.entries()) {
      stage.register("bob", flow, { lines: [contactAt(1111 * (nth + 1), nth + 1), SUPPORTED] });
    }
    return { stage, flows };
  }

  const aliceSays = (method: string, uri: string, routes: readonly string[], tag = "b") =>
    request(method, {
      ...{ uri, to: `<sip:bob@house.example>;tag=${tag}`, seq: 2, branch: `z9hG4bK${method}2` },
      lines: routes.map((route) => `Route: ${route}`),
    });

  test("what is for the callee comes over its other flow when the first is cut", () => {
    const { stage, flows } = registered();
    const [called] = toPhones(invite(stage));
    if (!called) throw new Error("nobody was called");
    expect(called.to).toBe(flows[1]);
    stage.say(flows[1], answer(called.octets, 200, "b", [contactAt(2222, 2)]));
    const routes = headerLines(called.message, "Record-Route").toReversed();
    stage.close(flows[1]);
    const sent = toPhones(
      stage.say("192.0.2.9:5060", aliceSays("BYE", "sip:bob@192.168.0.2:2222", routes)),
    );
    expect(sent.map(({ to }) => to)).toEqual([flows[0]]);
  });

  test("what is for the caller comes over its other flow when the first is cut", () => {
    const { stage, flows } = registered();
    stage.register("alice", "192.0.2.9:5060");
    const from = "<sip:bob@house.example>;tag=b";
    const lines = [`Proxy-Authorization: ${stage.token("bob")}`, contactAt(2222, 2)];
    const uri = "sip:alice@house.example";
    const [called] = toPhones(
      stage.say(flows[1], request("INVITE", { from, lines, uri, to: `<${uri}>` })),
    );
    if (!called) throw new Error("nobody was called");
    stage.say("192.0.2.9:5060", answer(called.octets, 200, "a", ["Contact: <sip:a@192.0.2.9>"]));
    const routes = headerLines(called.message, "Record-Route");
    stage.close(flows[1]);
    const bye = request("BYE", {
      ...{ uri: "sip:bob@192.168.0.2:2222", from: `<${uri}>;tag=a`, to: from, seq: 2 },
      lines: routes.map((route) => `Route: ${route}`),
    });
    const sent = toPhones(stage.say("192.0.2.9:5060", bye));
    expect(sent.map(({ to }) => to)).toEqual([flows[0]]);
  });

  test("the edge whose flow is lost is left for the other one", () => {
    const stage = new DomainStage();
    const paths = [EDGE, SECOND_EDGE].map(
      (edge, nth) => `<sip:token${nth}@${edge.split(":")[0]};lr;ob>`,
    );
    for (const [nth, edge] of [EDGE, SECOND_EDGE].entries()) {
      const via = BEHIND.via.replace("bKe", `bKe${nth}`);
      const lines = [contactAt(1111 * (nth + 1), nth + 1), `Path: ${paths[nth]}`, SUPPORTED];
      stage.register("bob", edge, { via, lines });
    }
    const [called] = toPhones(invite(stage));
    if (!called) throw new Error("nobody was called");
    const own = headerLines(called.message, "Record-Route");
    stage.say(SECOND_EDGE, answer(called.octets, 200, "b", [contactAt(2222, 2)]));
    const routes = [...own, "<sip:dialog@198.51.100.21;lr>"];
    const bye = aliceSays("BYE", "sip:bob@192.168.0.2:2222", routes);
    const [first] = toPhones(stage.say("192.0.2.9:5060", bye));
    expect(first?.to).toBe(SECOND_EDGE);
    expect(linesOf([first as Sent], "Route")).toEqual(["<sip:dialog@198.51.100.21;lr>"]);
    const next = toPhones(stage.say(SECOND_EDGE, answer(first?.octets ?? "", 430, "b")));
    expect(next.map(({ to }) => to)).toEqual([EDGE]);
    expect(linesOf(next, "Route")).toEqual([paths[0]]);
  });
});
