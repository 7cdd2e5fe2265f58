import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import {
  answer,
  DomainStage,
  type Place,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";

const ALICE = "203.0.113.4:5060";
const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`).sort();
const sentTo = (sent: readonly Sent[], place: Place) => sent.filter(({ to }) => to === place);

interface Fork {
  readonly stage: DomainStage;
  readonly devices: readonly Place[];
  /** What each of them got. */
  readonly invites: readonly Sent[];
  /** What a device says to the request it got. */
  says(device: number, status: number, lines?: readonly string[]): Sent[];
}

/** Alice calls bob, who has three devices: two phones over UDP and a page. */
function fork(method = "INVITE", caller: (stage: DomainStage) => Place = () => ALICE): Fork {
  const stage = new DomainStage();
  const from = caller(stage);
  const devices: Place[] = ["203.0.113.9:5062", "203.0.113.10:5060", stage.connect()];
  for (const device of devices) stage.register("bob", device);
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
  const sent = stage.say(from, request(method, { lines }));
  expect(titles(sent)).toEqual(devices.map((device) => `${method} to ${device}`).sort());
  const invites = devices.flatMap((device) => sentTo(sent, device));
  const says: Fork["says"] = (i, status, more = []) =>
    stage.say(devices[i] ?? "", answer(invites[i]?.octets ?? "", status, `b${i}`, more));
  return { stage, devices, invites, says };
}

const isFor = (place: Place) => (one: Sent) => one.to === place;
const viaOf = (sent: Sent | undefined) => sent && header(sent.message, "Via");
const reasonOf = (sent: Sent | undefined) => sent && header(sent.message, "Reason");
const cancel = (lines: readonly string[] = []) =>
  request("CANCEL", { branch: "z9hG4bK-INVITE", lines });
const ack = () => request("ACK", { branch: "z9hG4bK-INVITE" });

describe("RFC 3261 §16.7: a call to three devices", () => {
  //= RFC 3261 §16.1
  //# Any request that is forwarded to more than one location MUST be handled statefully.
  //= RFC 3261 §16.6
  //# A stateful proxy MUST create a new client transaction for this request as described in Section
  //# 17.1 and instructs the transaction to send the request using the address, port and transport
  //# determined in step 7.
  //= RFC 3261 §16.6
  //# Thus, the branch parameter provided with the Via header field inserted in step 8 MUST be
  //# different for each attempt.
  //= RFC 3261 §16.7
  //# As client transactions pass responses to the proxy layer, the following processing MUST take
  //# place:
  //= RFC 3261 §16.7
  //# The following processing MUST be performed on each response that is forwarded.
  //= RFC 3261 §16.7
  //# The proxy MUST pass the response to the server transaction associated with the response
  //# context.
  test("rings them all, each on a branch of its own", () => {
    const { stage, says } = fork();
    const vias = stage.wire.outputs.flatMap((one) =>
      "octets" in one && one.octets.startsWith("INVITE")
        ? [/branch=([^;\r]*)/.exec(one.octets)?.[1]]
        : [],
    );
    expect(new Set(vias).size).toBe(3);
    expect(titles(says(0, 180))).toEqual([`180 INVITE to ${ALICE}`]);
    expect(titles(says(2, 180))).toEqual([`180 INVITE to ${ALICE}`]);
    expect(says(1, 100)).toEqual([]);
  });

  //= RFC 3261 §16.7
  //# If the forwarded response was a final response, the proxy MUST generate a CANCEL request for
  //# all pending client transactions associated with this response context.
  //= RFC 3261 §16.6
  //# In particular, CANCEL and ACK requests (for non-2xx responses) MUST have the same branch value
  //# as the corresponding request they cancel or acknowledge.
  //= RFC 5393 §4.2.1
  //# CANCEL and non-200 ACK requests MUST have the same branch parameter value as the corresponding
  //# request they cancel or acknowledge.
  test("RFC 3326: stops where nobody answered, and says there that somebody did", () => {
    const { stage, devices, invites, says } = fork();
    for (const i of [0, 1, 2]) says(i, 180);
    const sent = says(1, 200, ["Contact: <sip:bob@203.0.113.10>"]);
    expect(titles(sent)).toEqual(
      [`200 INVITE to ${ALICE}`, `CANCEL to ${devices[0]}`, `CANCEL to ${devices[2]}`].sort(),
    );
    const cancels = sent.filter((one) => titleOf(one) === "CANCEL");
    for (const one of cancels) expect(viaOf(one)).toBe(viaOf(invites.find(isFor(one.to))));
    expect(cancels.map(reasonOf)).toEqual(
      Array(2).fill('SIP;cause=200;text="Call completed elsewhere"'),
    );
    for (const one of cancels) stage.say(one.to, answer(one.octets, 200, "x"));
    for (const i of [0, 2]) {
      const [sentAck] = says(i, 487);
      expect([titleOf(sentAck!), sentAck?.to]).toEqual(["ACK", devices[i]]);
      expect(viaOf(sentAck)).toBe(viaOf(invites[i]));
    }
    expect(stage.wait(40_000)).toEqual([]);
    expect(stage.wire.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  test("does not cancel a device before that has said anything", () => {
    const { devices, says } = fork();
    says(1, 180);
    expect(titles(says(1, 200))).toEqual([`200 INVITE to ${ALICE}`]);
    const [late] = says(0, 180);
    expect([titleOf(late!), late?.to]).toEqual(["CANCEL", devices[0]]);
    expect(reasonOf(late)).toContain("cause=200");
  });

  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  //= RFC 3261 §16.7
  //# The proxy MUST maintain the response context until all of its associated transactions have
  //# been terminated, even after forwarding a final response.
  test("lets two answers through when both come at once, and again when they come again", () => {
    const { says } = fork();
    expect(titles(says(0, 200))).toEqual([`200 INVITE to ${ALICE}`]);
    expect(titles(says(1, 200))).toEqual([`200 INVITE to ${ALICE}`]);
    expect(titles(says(1, 200))).toEqual([`200 INVITE to ${ALICE}`]);
  });

  //= RFC 6026 §7.3
  //# When receiving any SIP response, a transaction-stateful proxy MUST compare the transaction
  //# identifier in that response against its existing transaction state machines. The proxy MUST
  //# NOT forward the response if there is no matching transaction state machine.
  //= RFC 6026 §8.2
  //# If none is found, the element MUST NOT forward the response.
  //= RFC 6026 §8.3
  //# If the server transaction is no longer available to handle the transmission, the response is
  //# simply discarded.
  test("RFC 6026 §7.3: forwards no answer of a call that it has forgotten", () => {
    const { stage, says } = fork();
    says(0, 200);
    for (const i of [1, 2]) says(i, 487);
    stage.wait(40_000);
    expect(stage.wire.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
    for (const status of [180, 200, 486]) expect(says(0, status)).toEqual([]);
  });

  test("that one declines is declined: the others stop, and the caller hears 603", () => {
    const { stage, devices, says } = fork();
    for (const i of [0, 1, 2]) says(i, 180);
    const sent = says(2, 603);
    expect(titles(sent)).toEqual(
      [`ACK to ${devices[2]}`, `CANCEL to ${devices[0]}`, `CANCEL to ${devices[1]}`].sort(),
    );
    expect(reasonOf(sent.find((one) => titleOf(one) === "CANCEL"))).toBe(
      'SIP;cause=603;text="Declined elsewhere"',
    );
    says(0, 487);
    expect(titles(sentTo(says(1, 487), ALICE))).toEqual([`603 INVITE to ${ALICE}`]);
    expect(titles(stage.say(ALICE, ack()))).toEqual([]);
  });

  test("that one declines is soon declined, though another is switched off", () => {
    const { stage, says } = fork();
    says(0, 180);
    says(0, 603);
    expect(sentTo(stage.wait(1900), ALICE)).toEqual([]);
    expect(titles(sentTo(stage.wait(200), ALICE))).toEqual([`603 INVITE to ${ALICE}`]);
  });

  //= RFC 3261 §16.7
  //# Otherwise, the proxy MUST forward a response from the responses stored in the response
  //# context.
  test("that all but one refuse goes on, and then the best of all is heard", () => {
    const { says } = fork();
    expect(sentTo(says(0, 486), ALICE)).toEqual([]);
    expect(sentTo(says(1, 404), ALICE)).toEqual([]);
    expect(titles(sentTo(says(2, 480), ALICE))).toEqual([`486 INVITE to ${ALICE}`]);
  });

  //= RFC 3261 §16.7
  //# If the selected response is a 401 (Unauthorized) or 407 (Proxy Authentication Required), the
  //# proxy MUST collect any WWW-Authenticate and Proxy-Authenticate header field values from all
  //# other 401 (Unauthorized) and 407 (Proxy Authentication Required) responses received so far in
  //# this response context and add them to this response without modification before forwarding.
  //= RFC 3261 §16.7
  //# Any response chosen for immediate forwarding MUST be processed as described in steps
  //# "Aggregate Authorization Header Field Values" through "Record-Route".
  //= RFC 3261 §16.7
  //# The forwarded response MUST be processed as described in steps "Aggregate Authorization Header
  //# Field Values" through "Record-Route".
  test("brings the challenges of all who ask", () => {
    const { says } = fork();
    const ask = (realm: string) => `Digest realm="${realm}",\r\n nonce="n"`;
    says(0, 401, [`www-authenticate: ${ask("one")}`]);
    says(1, 486);
    const sent = sentTo(says(2, 407, [`Proxy-Authenticate: ${ask("two")}`]), ALICE);
    expect(titles(sent)).toEqual([`401 INVITE to ${ALICE}`]);
    const { message } = sent[0]!;
    //= RFC 3261 §22.3
    //# Each WWW-Authenticate and Proxy-Authenticate value received in responses to the forked
    //# request MUST be placed into the single response that is sent by the forking proxy to the UA;
    //# the ordering of these header field values is not significant.
    //= RFC 3261 §22.3
    //# All 407 (Proxy Authentication Required) responses MUST be forwarded upstream toward the UAC
    //# following the procedures for any other response.
    expect(headerLines(message, "WWW-Authenticate")).toEqual(['Digest realm="one", nonce="n"']);
    expect(headerLines(message, "Proxy-Authenticate")).toEqual(['Digest realm="two", nonce="n"']);
  });

  //= RFC 8760 §2.5
  //# Each WWW-Authenticate and Proxy-Authenticate value received in response to the forked request
  //# MUST be placed into the single response that is sent by the forking proxy to the UAC.
  //= RFC 8760 §2.5
  //# When the forking proxy places multiple WWW-Authenticate and Proxy-Authenticate header fields
  //# received from one downstream proxy into a single response, it MUST maintain the order of these
  //# header fields.
  test("RFC 8760 §2.5: brings those of one who asks several times in the order they came", () => {
    const { says } = fork();
    const asks = (realm: string) =>
      ["SHA-512-256", "SHA-256", "MD5"].map((one) => `Digest realm="${realm}", algorithm=${one}`);
    const lines = (realm: string) => asks(realm).map((one) => `Proxy-Authenticate: ${one}`);
    says(0, 407, lines("one"));
    says(1, 486);
    const [sent] = sentTo(says(2, 407, lines("two")), ALICE);
    const values = headerLines(sent!.message, "Proxy-Authenticate");
    for (const realm of ["one", "two"]) {
      expect(values.filter((one) => one.includes(`"${realm}"`))).toEqual(asks(realm));
    }
  });

  //= RFC 3261 §16.9
  //# If the transport layer notifies a proxy of an error when it tries to forward a request (see
  //# Section 18.4), the proxy MUST behave as if the forwarded request received a 503 (Service
  //# Unavailable) response.
  test("RFC 3261 §16.9: loses the device whose connection breaks, and no other", () => {
    const { stage, devices, says } = fork();
    expect(stage.close(Number(devices[2]))).toEqual([]);
    says(0, 503);
    const sent = stage.wire.input({
      kind: "Unreachable",
      remote: { host: "203.0.113.10", port: 5060 },
      cause: "refused",
    });
    expect(sent.map((one) => "octets" in one && one.octets.slice(0, 11))).toEqual(["SIP/2.0 480"]);
    expect(sent[0] && "octets" in sent[0] && sent[0].octets).toContain(
      '"none of their devices can be reached"',
    );
  });

  //= RFC 3261 §16.7
  //# If there are no final responses in the context, the proxy MUST send a 408 (Request Timeout)
  //# response to the server transaction.
  //= RFC 3261 §16.2
  //# The proxy core MUST behave as a UAS with respect to sending an immediate provisional on that
  //# server transaction (such as 100 Trying) as described in Section 8.2.6.
  test("RFC 3261 §16.7: that nobody answers ends", () => {
    const { stage } = fork();
    const sent = sentTo(stage.wait(33_000), ALICE);
    expect(titles(sent.slice(0, 2))).toEqual([`100 INVITE to ${ALICE}`, `408 INVITE to ${ALICE}`]);
    expect(sent[1]?.octets).toContain('"none of their devices answered"');
    stage.say(ALICE, ack());
    stage.wait(40_000);
    expect(stage.wire.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  //= RFC 3261 §16.8
  //# If the client transaction has received a provisional response, the proxy MUST generate a
  //# CANCEL request matching that transaction. If the client transaction has not received a
  //# provisional response, the proxy MUST behave as if the transaction received a 408 (Request
  //# Timeout) response.
  test("RFC 3261 §16.8: that rings for ever is ended by timer C", () => {
    const { stage, devices, says } = fork();
    says(0, 180);
    stage.wait(180_000);
    const sent = stage.wait(1200);
    expect(titles(sent)).toEqual([`CANCEL to ${devices[0]}`]);
    expect(titles(sentTo(says(0, 487), ALICE))).toEqual([`408 INVITE to ${ALICE}`]);
  });

  //= RFC 3261 §16.7
  //# If no Via header field values remain in the response, the response was meant for this element
  //# and MUST NOT be forwarded.
  test("RFC 3261 §16.7: hears nothing that says it is for the server alone", () => {
    const { stage, devices } = fork();
    const got = stage.wire.outputs.find(
      (one) => "octets" in one && one.octets.startsWith("INVITE"),
    );
    const text = got && "octets" in got ? got.octets : "";
    for (const status of [180, 200, 200]) {
      const said = answer(text, status, "b").replace(/\r\nVia: SIP\/2.0\/UDP 192.0.2.9.*/, "");
      expect(said.match(/^Via/gm)).toHaveLength(1);
      expect(sentTo(stage.say(devices[0] ?? "", said), ALICE)).toEqual([]);
    }
  });
});

describe("RFC 3261 §16.10: a call that is taken back", () => {
  //= RFC 3261 §16.10
  //# A proxy MUST cancel any pending client transactions associated with a response context when it
  //# receives a matching CANCEL request.
  //= RFC 3261 §16.10
  //# If a matching response context is found, the element MUST immediately return a 200 (OK)
  //# response to the CANCEL request. In this case, the element is acting as a user agent server as
  //# defined in Section 8.2. Furthermore, the element MUST generate CANCEL requests for all pending
  //# client transactions in the context as described in Section 16.7 step 10.
  test("stops on every device, with the caller's own reason", () => {
    const { stage, devices, says } = fork();
    for (const i of [0, 1, 2]) says(i, 180);
    const reason = ['Reason: SIP;cause=600;text="Busy, \xc3\xa4h"', "Reason: Q.850 ;cause=16"];
    const sent = stage.say(ALICE, cancel(reason));
    expect(titles(sent)).toEqual(
      [`200 CANCEL to ${ALICE}`, ...devices.map((one) => `CANCEL to ${one}`)].sort(),
    );
    expect(reasonOf(sent.find((one) => titleOf(one) === "CANCEL"))).toBe(
      'SIP;cause=600;text="Busy, \xc3\xa4h", Q.850 ;cause=16',
    );
    says(0, 487);
    says(1, 487);
    expect(titles(sentTo(says(2, 487), ALICE))).toEqual([`487 INVITE to ${ALICE}`]);
  });

  test.each([
    ["is long", `Reason: SIP;text="${"x".repeat(16_000)}"`],
    ["holds a NUL", 'Reason: SIP;text="\\\0"'],
    ["is broken", 'Reason: SIP;text="'],
    ["is empty", "Reason:"],
  ])("is taken back without a reason that %s", (_, line) => {
    const { stage, says } = fork();
    says(0, 180);
    const sent = stage.say(ALICE, cancel([line]));
    expect(sent.map(titleOf).sort()).toEqual(["200 CANCEL", "CANCEL"]);
    expect(reasonOf(sent.find((one) => titleOf(one) === "CANCEL"))).toBeUndefined();
  });

  test("cannot be taken back by anybody else, or once it was answered", () => {
    const { stage, says } = fork();
    says(0, 180);
    expect(titles(stage.say("198.51.100.66:5060", cancel()))).toEqual([
      "481 CANCEL to 198.51.100.66:5060",
    ]);
    says(0, 200);
    expect(titles(stage.say(ALICE, cancel()))).toEqual([`200 CANCEL to ${ALICE}`]);
  });

  test("was taken back too late where somebody answers at the same time", () => {
    const { stage, says } = fork();
    says(0, 180);
    stage.say(ALICE, cancel());
    expect(titles(sentTo(says(0, 200), ALICE))).toEqual([`200 INVITE to ${ALICE}`]);
  });

  test("is taken back when the page that calls is closed", () => {
    const { stage, devices, says } = fork("INVITE", (one) => one.connect());
    for (const i of [0, 1, 2]) says(i, 180);
    expect(titles(stage.close(1))).toEqual(devices.map((one) => `CANCEL to ${one}`).sort());
    const other = fork("INVITE", (one) => one.connect());
    for (const i of [0, 1, 2]) other.says(i, 180);
    other.says(0, 200);
    expect(other.stage.close(1)).toEqual([]);
  });
});

describe("a message to three devices", () => {
  test("is delivered where it is taken first, and none is cancelled", () => {
    const { stage, says } = fork("MESSAGE");
    expect(titles(says(1, 200))).toEqual([`200 MESSAGE to ${ALICE}`]);
    expect(says(0, 200)).toEqual([]);
    expect(stage.wait(40_000).filter((one) => titleOf(one) !== "MESSAGE")).toEqual([]);
  });

  //= RFC 4320 §4.2
  //# A transaction-stateful SIP element MUST NOT send a response with Status-Code of 408 to a
  //# non-INVITE request.
  test("RFC 4320 §4.2: that nobody answers is not answered, and nothing is left of it", () => {
    const { stage } = fork("MESSAGE");
    expect(titles(sentTo(stage.wait(40_000), ALICE))).toEqual([`100 MESSAGE to ${ALICE}`]);
    expect(stage.wire.endpoint.census()).toMatchObject({ clients: 0, servers: 0 });
  });

  //= RFC 4320 §4.1
  //# An SIP element MUST NOT send any provisional response with a Status-Code other than 100 to a
  //# non-INVITE request.
  //= RFC 4320 §4.1
  //# Without regard to transport, an SIP element MUST respond to a non-INVITE request with a
  //# Status-Code of 100 if it has not otherwise responded after the amount of time it takes a
  //# client transaction's Timer E to be reset to T2.
  test("RFC 4320 §4.1: its sender hears 100 after 3.5 s, and no other provisional", () => {
    const { stage, says } = fork("MESSAGE");
    for (const status of [100, 180, 183, 199]) expect(says(0, status)).toEqual([]);
    expect(sentTo(stage.wait(3400), ALICE)).toEqual([]);
    expect(titles(sentTo(stage.wait(200), ALICE))).toEqual([`100 MESSAGE to ${ALICE}`]);
    expect(says(1, 180)).toEqual([]);
    expect(titles(sentTo(says(1, 200), ALICE))).toEqual([`200 MESSAGE to ${ALICE}`]);
  });

  //= RFC 4320 §4.2
  //# A transaction-stateful SIP proxy MUST NOT send any response to a non-INVITE request unless it
  //# has a matching server transaction that is not in the Terminated state.
  test("RFC 4320 §4.2: an answer after its transaction's end goes nowhere", () => {
    const { stage, says } = fork("MESSAGE");
    stage.wait(40_000);
    for (const i of [0, 1, 2]) expect(says(i, 200)).toEqual([]);
  });

  test("that is refused for all is refused, and none is cancelled", () => {
    const { stage, says } = fork("MESSAGE");
    expect(says(1, 603)).toEqual([]);
    const sent = stage.wait(2100);
    expect(titles(sentTo(sent, ALICE))).toEqual([`603 MESSAGE to ${ALICE}`]);
    expect(sent.some((one) => titleOf(one) === "CANCEL")).toBe(false);
  });
});
