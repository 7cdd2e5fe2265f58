/**
 * A peer that does what no phone of ours would: a few lines of script stand in for it.
 *
 *   node --test examples/tested/strange-gateway.test.ts
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { house, ScriptedPeer } from "carillon/testing";

const GATEWAY = `
  ignore BYE
  expect INVITE within 100 ms
  send 180 Ringing
  wait 3000 ms
  send 200 OK
    Contact: <sip:gateway@192.0.2.7>
    Content-Type: application/sdp
    | v=0
    | o=- 1 1 IN IP4 192.0.2.7
    | s=-
    | c=IN IP4 192.0.2.7
    | t=0 0
    | m=audio 20000 RTP/AVP 0
  expect ACK
`;

test("a gateway that answers no BYE is hung up on all the same, and nothing stays", async () => {
  const { network, phone, hostOf, withLadder } = house();
  const gateway = new ScriptedPeer(GATEWAY);
  network.host("gateway", { host: "192.0.2.7", port: 5060 }, gateway);
  const alice = phone("alice");
  await withLadder(async () => {
    const call = alice.call("sip:100@192.0.2.7", undefined, { direct: true });
    await network.until(call.answered);
    call.hangUp();
    assert.equal((await network.until(call.ended)).by, "local");
    await network.run(33_000);
    assert.equal(gateway.failure, undefined);
    assert.deepEqual(gateway.heard, ["INVITE", "ACK", "BYE"]);
    assert.equal(hostOf(alice).endpoint.census().clients, 0);
  });
});
