// A Path that names its edge by a name, which is looked up. RFC 3263, RFC 3327.
import { describe, expect, test } from "vitest";
import { headerLines } from "../message/headers.ts";
import { DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { LyingDns } from "../testing/network.ts";

const EDGE = "198.51.100.20:5060";
const PATH = "<sip:token@edge.example;lr;ob>";
const BEHIND = { via: "SIP/2.0/UDP 198.51.100.20;branch=z9hG4bKe, SIP/2.0/TCP 192.168.0.2" };

const ZONE = `
  _sip._udp.edge.example SRV 1 0 5066 far.edge.example
  _sip._udp.edge.example SRV 2 0 5070 near.edge.example
  far.edge.example A 203.0.113.99
  near.edge.example A 198.51.100.20
`;

/** bob's phone has registered through an edge of this name, over UDP. */
function registered(zone = ZONE, path = PATH) {
  const stage = new DomainStage();
  const lines = ["Contact: <sip:bob@192.168.0.2:5062>", `Path: ${path}`, "Supported: path"];
  stage.register("bob", EDGE, { ...BEHIND, lines });
  return { stage, dns: new LyingDns().zone(zone) };
}

type Stage = ReturnType<typeof registered>;

const inviting = ({ stage }: Stage) =>
  request("INVITE", {
    lines: [`Proxy-Authorization: ${stage.token("alice")}`, "Contact: <sip:a@192.0.2.9>"],
  });

/** alice calls, and the DNS answers all that it is asked: what comes to phones. */
function called(at: Stage): readonly Sent[] {
  const { stage } = at;
  const sent = [...stage.say("192.0.2.9:5060", inviting(at))];
  for (let nth = 0; nth < stage.wire.outputs.length; nth++) {
    sent.push(...answered(at, nth));
  }
  return sent.filter(({ message }) => message.kind === "Request");
}

function answered({ stage, dns }: Stage, nth: number): readonly Sent[] {
  const output = stage.wire.outputs[nth];
  const told = output?.kind === "Query" ? dns.ask(output.question) : undefined;
  if (output?.kind !== "Query" || !told) return [];
  const before = stage.wire.outputs.length;
  stage.wire.input({ kind: "Answered", question: output.question, answer: told.answer });
  return stage.sentSince(before);
}

const places = (sent: readonly Sent[]) => sent.map(({ to }) => to);

describe("RFC 3263 §4: an edge with a name", () => {
  //= RFC 3261 §16.6
  //# Otherwise, the proxy MUST apply the procedures to the first value in the Route header field,
  //# if present, else the Request-URI.
  test("is found, at the host that the REGISTER came from and at no other", () => {
    const [invite, ...more] = called(registered());
    expect([invite?.to, more]).toEqual(["198.51.100.20:5070", []]);
    expect(invite && headerLines(invite.message, "Route")).toEqual([PATH]);
  });

  test("that leads elsewhere alone, or nowhere, is where the REGISTER came from", () => {
    const elsewhere = "edge.example A 203.0.113.99";
    expect(places(called(registered(elsewhere)))).toEqual([EDGE]);
    expect(places(called(registered("")))).toEqual([EDGE]);
    // Nobody has this machine talk to other services of that host.
    const service = "_sip._udp.edge.example SRV 1 0 25 a.example\n a.example A 198.51.100.20";
    expect(places(called(registered(service)))).toEqual([EDGE]);
  });

  test("whose DNS is silent costs its time, and the call comes all the same", () => {
    const at = registered();
    expect(at.stage.say("192.0.2.9:5060", inviting(at))).toEqual([]);
    const sent = at.stage.wait(6000).filter(({ message }) => message.kind === "Request");
    expect(sent[0]?.to).toBe(EDGE);
  });

  test("a caller who gives up meanwhile is answered, and no phone rings", () => {
    const at = registered();
    at.stage.say("192.0.2.9:5060", inviting(at));
    const cancel = request("CANCEL", { branch: "z9hG4bK-INVITE" });
    const said = at.stage.say("192.0.2.9:5060", cancel).map(titleOf);
    expect(said.toSorted()).toEqual(["200 CANCEL", "487 INVITE"]);
    const sent = at.stage.wait(6000);
    expect(sent.filter(({ message }) => message.kind === "Request")).toEqual([]);
  });
});

describe("over TCP, an edge with a name", () => {
  function overTcp() {
    const stage = new DomainStage();
    const remote = { host: "198.51.100.20", port: 40_000 };
    const edge = stage.wire.open({ transport: "TCP", remote });
    const lines = ["Contact: <sip:bob@192.168.0.2:5062>", `Path: ${PATH}`, "Supported: path"];
    const via = "SIP/2.0/TCP 198.51.100.20;branch=z9hG4bKe, SIP/2.0/TCP 192.168.0.2";
    stage.register("bob", edge, { via, lines });
    const dns = new LyingDns().zone(`
      _sip._tcp.edge.example SRV 1 0 5066 near.edge.example
      near.edge.example A 198.51.100.20
    `);
    return { stage, dns, edge };
  }

  test("is reached over its connection while there is one", () => {
    const { edge, ...at } = overTcp();
    expect(places(called(at))).toEqual([edge]);
  });

  test("is found once that is gone, and its phones stay registered", () => {
    const { edge, ...at } = overTcp();
    at.stage.close(edge);
    const before = at.stage.wire.outputs.length;
    called(at);
    const opens = at.stage.wire.outputs.slice(before).filter(({ kind }) => kind === "Open");
    const to = { transport: "TCP", remote: { host: "198.51.100.20", port: 5066 } };
    expect(opens).toMatchObject([{ kind: "Open", to }]);
  });
});
