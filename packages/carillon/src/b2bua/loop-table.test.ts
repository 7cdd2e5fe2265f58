// Row A22: what comes back to a bridge, from a device that is another back-to-back agent.
import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Policy } from "../roles/policy.ts";
import { DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { PlainEngine } from "../testing/plain-engine.ts";
import { bridging } from "./bridging.ts";
import { LoopTable } from "./loop-table.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.5:5060";
const SDP = "v=0\r\no=- 7 7 IN IP4 203.0.113.4\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";

function stage(policy: Policy = {}) {
  const bridge = bridging({ engine: new PlainEngine(), mode: () => "always" });
  const domain = new DomainStage({ services: [bridge], bridge, policy: () => policy });
  domain.register("bob", BOB);
  domain.register("carol", "203.0.113.6:5060");
  const invite = (parts: Parameters<typeof request>[1]) =>
    request("INVITE", {
      ...{ body: SDP, ...parts },
      lines: [
        `Proxy-Authorization: ${domain.token("alice")}`,
        "Contact: <sip:alice@203.0.113.4:5060>",
        "Content-Type: application/sdp",
      ],
    });
  return { domain, bridge, invite };
}

/** The INVITE that bob's device got, as another agent sends it on: with a Via of its own alone. */
function sentBack({ invite }: ReturnType<typeof stage>, got: Sent, nth: number, uri: string) {
  return invite({
    ...{ uri, branch: `z9hG4bK-back-${nth}` },
    from: header(got.message, "From") ?? "",
    callId: header(got.message, "Call-ID") ?? "",
    maxForwards: header(got.message, "Max-Forwards"),
    seq: Number.parseInt(header(got.message, "CSeq") ?? "1", 10),
  });
}

const invitesTo = (all: readonly Sent[], place: string): Sent[] =>
  all.filter((one) => titleOf(one) === "INVITE" && one.to === place);

describe("RFC 7332 §4: an INVITE that has been bridged, and comes back", () => {
  //= RFC 7332 §4
  //# It is RECOMMENDED that B2BUAs implement the loop-detection mechanism for the Via header field,
  //# as defined for a proxy in [RFC5393].
  test.each([
    ["by the name that both sides know", {}],
    ["by the name that it got", { route: () => ({ kind: "Bridge", hide: true }) } as Policy],
  ])("%s, for the same address, is a loop", (_, policy) => {
    const at = stage(policy);
    const [there] = invitesTo(at.domain.say(ALICE, at.invite({})), BOB);
    if (!there) throw new Error("bob was not called");
    const answers = at.domain.say(BOB, sentBack(at, there, 1, "sip:bob@house.example"));
    expect(answers.map(titleOf)).toContain("482 INVITE");
    expect(invitesTo(answers, BOB)).toEqual([]);
  });

  test("for another address, it is a spiral, and goes on", () => {
    const at = stage();
    const [there] = invitesTo(at.domain.say(ALICE, at.invite({})), BOB);
    if (!there) throw new Error("bob was not called");
    const answers = at.domain.say(BOB, sentBack(at, there, 1, "sip:carol@house.example"));
    expect(invitesTo(answers, "203.0.113.6:5060")).toHaveLength(1);
  });

  //= RFC 7332 §5
  //# All B2BUA types MUST copy the received Max-Forwards header field from the received SIP request
  //# on their UAS side, to any request(s) they generate on their UAC side, and decrement the value,
  //# as if they were a proxy following the requirements described in [RFC3261].
  test("under new names each time, it has 70 hops and no more", () => {
    const at = stage();
    let [next] = invitesTo(at.domain.say(ALICE, at.invite({ maxForwards: "255" })), BOB);
    let rounds = 0;
    let last: readonly string[] = [];
    while (next && rounds < 100) {
      rounds++;
      const renamed = at.invite({
        ...{ branch: `z9hG4bK-round-${rounds}`, callId: `round-${rounds}` },
        maxForwards: header(next.message, "Max-Forwards"),
      });
      const answers = at.domain.say(BOB, renamed);
      last = answers.map(titleOf);
      [next] = invitesTo(answers, BOB);
    }
    expect([rounds, last]).toEqual([70, ["483 INVITE"]]);
  });
});

test("what is over is forgotten", () => {
  const at = stage();
  const from = at.domain.say(ALICE, at.invite({}))[0];
  expect(from).toBeDefined();
  const table = new LoopTable();
  const incoming = { request: { uri: "u" }, essentials: { callId: "c", fromTag: "f" } } as never;
  const unmark = table.mark(incoming, { callId: "c", fromTag: "f" });
  expect([table.size, table.isLoop(incoming)]).toEqual([1, false]);
  unmark();
  expect(table.size).toBe(0);
});
