import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import type { ClientTransaction } from "./client-transaction.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Output } from "./input-output.ts";

const LOCAL = { host: "192.0.2.1", port: 5060 };
const PEER = { host: "192.0.2.50", port: 5062 };
const OPEN = { kind: "Open", to: { transport: "TCP", remote: PEER } };

function stage(listens = true) {
  const role = { attach() {}, request() {}, ack() {} };
  const crypto = portableCrypto((count) => new Uint8Array(count).fill(7));
  const endpoint = createEndpoint({ role, crypto });
  const wire = new Wire(endpoint);
  if (listens) wire.input({ kind: "Listening", transport: "TCP", local: LOCAL });
  /** A request of this many octets in all; what comes of it, and what is put out at once. */
  const send = (bytes: number, method = "INVITE") => {
    const outcome: string[] = [];
    const before = wire.outputs.length;
    let client: ClientTransaction | undefined;
    wire.call(() => {
      const via = `SIP/2.0/UDP 192.0.2.1:5060;branch=${endpoint.ids.branch("x")}`;
      const bare = requestText(method, { via, body: "x".repeat(1000) }).length - 1000;
      const text = requestText(method, { via, body: "x".repeat(bytes - bare) });
      const flow = { transport: "UDP", local: LOCAL, remote: PEER, connection: 0 } as const;
      client = endpoint.sendText(text, flow, {
        response: (_, response) => outcome.push(`${response.status}`),
        failed: (_, reason) => outcome.push(reason),
      });
    });
    return { outcome, client, outputs: wire.outputs.slice(before) };
  };
  return { wire, endpoint, send };
}

const kinds = (outputs: readonly Output[]) => outputs.map(({ kind }) => kind);
const viaOf = (output: Output | undefined) =>
  output && "octets" in output ? /^Via: (\S+)/m.exec(output.octets)?.[1] : undefined;

//= RFC 3261 §18
//# It has arisen out of the need to handle larger messages, which MUST use TCP, as discussed below.
describe("a request over 1300 octets", () => {
  test("RFC 3261 §18.1.1: goes over TCP, and says so in its Via", () => {
    const { wire, send } = stage();
    const { outputs, outcome, client } = send(1301);
    expect(outputs).toMatchObject([OPEN]);
    const before = wire.outputs.length;
    const connection = wire.open({ transport: "TCP", dial: 1, remote: PEER });
    const [sent] = wire.outputs.slice(before);
    //= RFC 3261 §18.1.1
    //# If this causes a change in the transport protocol from the one indicated in the top Via, the
    //# value in the top Via MUST be changed.
    expect([sent?.kind, viaOf(sent)]).toEqual(["Send", "SIP/2.0/TCP"]);
    const via = /^Via: .*$/m.exec(client?.request.text ?? "")?.[0];
    wire.received(
      connection,
      `SIP/2.0 486 Busy\r\n${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n` +
        "Call-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    );
    expect(outcome).toEqual(["486"]);
    expect(wire.outputs.at(-1), "its ACK goes the same way").toMatchObject({
      kind: "Send",
      connection,
    });
  });

  test("RFC 3261 §18.1.1: goes over UDP after all where TCP is refused", () => {
    const { wire, send, endpoint } = stage();
    const { outcome } = send(1301);
    //= RFC 3261 §18.1.1
    //# If an element sends a request over TCP because of these message size constraints, and that
    //# request would have otherwise been sent over UDP, if the attempt to establish the connection
    //# generates either an ICMP Protocol Not Supported, or results in a TCP reset, the element
    //# SHOULD retry the request, using UDP.
    const outputs = wire.input({ kind: "NotOpened", dial: 1, cause: "refused" });
    expect([kinds(outputs), viaOf(outputs[0])]).toEqual([["Datagram"], "SIP/2.0/UDP"]);
    expect(wire.wait(600), "and is sent again, as over UDP").toHaveLength(1);
    expect(outcome).toEqual([]);
    expect(kinds(send(1301).outputs), "which is remembered").toEqual(["Datagram"]);
    wire.wait(700_000);
    expect(send(1301).outputs, "for a time").toMatchObject([OPEN]);
    expect(outcome).toEqual(["timeout"]);
    expect(endpoint.census().clients).toBe(1);
  });

  test("does not wait for who says nothing, and is not sent twice", () => {
    const { wire, send } = stage();
    send(1301, "MESSAGE");
    expect(wire.wait(990)).toEqual([]);
    expect(wire.wait(20)).toHaveLength(1);
    const before = wire.outputs.length;
    wire.open({ transport: "TCP", dial: 1, remote: PEER });
    expect(wire.outputs.slice(before)).toEqual([]);
  });

  test("has failed if the connection was there and is lost", () => {
    const { wire, send } = stage();
    const { outcome } = send(1301);
    const connection = wire.open({ transport: "TCP", dial: 1, remote: PEER });
    expect(wire.input({ kind: "Closed", connection })).toEqual([]);
    expect(outcome).toEqual(["transport"]);
  });

  test("stays with UDP where nobody could come back to us over TCP", () => {
    expect(kinds(stage(false).send(1301).outputs)).toEqual(["Datagram"]);
  });
});

test("RFC 3261 §18.1.1: 1300 octets are not over 1300", () => {
  expect(kinds(stage().send(1300).outputs)).toEqual(["Datagram"]);
});
