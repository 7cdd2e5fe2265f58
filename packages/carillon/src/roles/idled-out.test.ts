// A phone on UDP sends an INVITE over TCP that is too large for a datagram. That connection idles
// out and ends; the call goes on.
import { expect, test } from "vitest";
import { headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, titleOf } from "../testing/domain-stage.ts";

const BOB = "203.0.113.9:5062";
const [ALICE_URI, BOB_URI] = ["<sip:alice@house.example>", "<sip:bob@house.example>"];

/** alice has called bob, and her connection is gone. */
function idledOut() {
  const stage = new DomainStage();
  const remote = { host: "203.0.113.4", port: 40_404 };
  const large = stage.wire.open({ transport: "TCP", remote });
  stage.register("bob", BOB);
  const credentials = `Proxy-Authorization: ${stage.token("alice")}`;
  const lines = [credentials, "Contact: <sip:alice@203.0.113.4>"];
  const [invite] = stage.say(large, request("INVITE", { lines }));
  if (invite?.to !== BOB) throw new Error("the INVITE did not arrive");
  stage.say(BOB, answer(invite.octets, 200, "b", [`Contact: <sip:bob@${BOB}>`]));
  const routes = headerLines(invite.message, "Record-Route").map((route) => `Route: ${route}`);
  stage.close(large);
  /** What becomes of a BYE of bob's to this contact. */
  const bye = (uri: string): string[] => {
    const dialog = { from: `${BOB_URI};tag=b`, to: `${ALICE_URI};tag=a`, lines: routes };
    const via = "SIP/2.0/UDP 10.0.0.3;rport;branch=z9hG4bK-bye";
    const sent = stage.say(BOB, request("BYE", { uri, via, seq: 2, ...dialog }));
    return sent.map((one) => `${titleOf(one)} to ${one.to}`);
  };
  return { stage, bye };
}

test.each([
  ["sip:alice@203.0.113.4:5066", "BYE to 203.0.113.4:5066"],
  ["sip:alice@203.0.113.4", "BYE to 203.0.113.4:5060"],
  ["sip:alice@203.0.113.5:5066", "481 BYE to 203.0.113.9:5062"],
  ["sip:alice@10.0.0.4:5066", "481 BYE to 203.0.113.9:5062"],
  ["sip:alice@203.0.113.4:22", "BYE to 203.0.113.4:5060"],
  ["sip:alice@203.0.113.4:5066;transport=ws", "481 BYE to 203.0.113.9:5062"],
])("%s is on the host it came from, or is not believed: %s", (contact, outcome) => {
  expect(idledOut().bye(contact)).toEqual([outcome]);
});

test("a phone that listens on TCP is connected to", () => {
  const { stage, bye } = idledOut();
  const before = stage.wire.outputs.length;
  expect(bye("sip:alice@203.0.113.4:5066;transport=tcp")).toEqual([]);
  const opened = stage.wire.outputs.slice(before).filter(({ kind }) => kind === "Open");
  expect(opened).toMatchObject([{ to: { remote: { host: "203.0.113.4", port: 5066 } } }]);
});

test("the contact that it has registered comes first, wherever that is", () => {
  const { stage, bye } = idledOut();
  const lines = ["Contact: <sip:alice@203.0.113.4:5066>"];
  stage.register("alice", "203.0.113.77:5062", { lines });
  expect(bye("sip:alice@203.0.113.4:5066")).toEqual(["BYE to 203.0.113.77:5062"]);
});
