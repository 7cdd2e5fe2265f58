import { expect, test } from "vitest";
import { RemoteCandidates } from "./remote-candidates.ts";

const section = (ufrag: string, ...ports: readonly number[]): string =>
  [
    ...["m=audio 9 RTP/AVP 0", `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${ufrag} password`, "a=mid:0"],
    ...ports.map((port) => `a=candidate:1 1 UDP 1 192.0.2.1 ${port} typ host`),
    "",
  ].join("\r\n");

function candidates(described = `v=0\r\n${section("u", 1)}`) {
  const given: string[] = [];
  const connection = {
    remoteDescription: described === "" ? null : { sdp: described },
    async addIceCandidate({ candidate, sdpMid, usernameFragment }: RTCIceCandidateInit) {
      if (candidate?.includes(" 13 ")) throw new DOMException("unusable", "OperationError");
      given.push(
        candidate === "" ? "end" : `${candidate?.split(" ")[5]} ${sdpMid} ${usernameFragment}`,
      );
    },
  };
  const it = new RemoteCandidates(connection as unknown as RTCPeerConnection);
  return { it, given, connection };
}

//= RFC 8840 §4.4
//# When receiving INFO requests carrying any candidates, agents MUST first identify and discard the
//# attribute lines containing candidates they have already received in previous INFO requests or in
//# the Offer/ Answer exchange preceding them.
//= RFC 8840 §4.4
//# After identifying and discarding the known candidates, the agents MUST forward the actual new
//# candidates to the ICE Agents in the same order as they were received in the INFO request body.
test("RFC 8840 §4.4: each candidate is given once, and none that was described", async () => {
  const { it, given } = candidates();
  await it.add(section("u", 1, 3, 2));
  await it.add(section("u", 1, 3, 2, 4));
  expect(given).toEqual(["3 0 u", "2 0 u", "4 0 u"]);
});

//= RFC 8840 §4.4
//# An agent MUST discard any received INFO requests containing "ice-pwd" and "ice-ufrag" attributes
//# that do not match those of the current ICE Negotiation Session.
test("RFC 8840 §4.4: those of another generation than the current one are discarded", async () => {
  const { it, given, connection } = candidates();
  await it.add(section("v", 5));
  await it.add(section("u", 5).replace("u password", "another"));
  expect(given).toEqual([]);
  connection.remoteDescription = { sdp: `v=0\r\n${section("v")}` };
  await it.add(section("v", 5));
  expect(given).toEqual(["5 0 v"]);
});

test("a later description of the same generation gives nothing again", async () => {
  const { it, given, connection } = candidates();
  await it.add(section("u", 2));
  connection.remoteDescription = { sdp: `v=0\r\n${section("u", 1)}a=sendonly\r\n` };
  await it.add(section("u", 1, 2, 3));
  expect(given).toEqual(["2 0 u", "3 0 u"]);
});

test("the end is told, and what the browser cannot use is passed over", async () => {
  const { it, given } = candidates();
  await it.add(`a=end-of-candidates\r\n${section("u", 13, 14)}`);
  expect(given).toEqual(["14 0 u", "end"]);
});

test("what is no fragment, and what comes before any description, does nothing", async () => {
  for (const { it, given } of [candidates(), candidates("")]) {
    await it.add("");
    await it.add("a=candidate:1 1 UDP 1 192.0.2.1 9 typ host");
    if (given.length > 0) throw new Error(given.join());
  }
  const early = candidates("");
  await early.it.add(section("u", 2));
  expect(early.given).toEqual([]);
});

test("nobody makes this side keep more than 256 of them", async () => {
  const { it, given } = candidates();
  for (let i = 0; i < 4; i++) {
    await it.add(section("u", ...Array.from({ length: 100 }, (_, n) => 100 * (i + 1) + n)));
  }
  expect(given).toHaveLength(255);
});
