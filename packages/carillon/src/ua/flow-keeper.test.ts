// What goes over a flow to keep it alive, and when it is given up. RFC 5626 §4.4.
import { expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { Flow } from "../transport/flow.ts";
import { bindingResponse, isStun } from "../transport/stun.ts";
import { FlowKeeper } from "./flow-keeper.ts";

const local = { host: "192.0.2.1", port: 5060 };
const remote = { host: "192.0.2.9", port: 5060 };
const UDP: Flow = { transport: "UDP", local, remote, connection: 0 };
const TCP: Flow = { transport: "TCP", local, remote, connection: 3 };

/** Kept for a minute and a half; what it sends, and when it was given up. */
function kept(flow: Flow, isPromised: boolean, answer?: (sent: string, nth: number) => string) {
  const crypto = portableCrypto((count) => new Uint8Array(count).fill(5));
  const role = { attach() {}, request() {}, ack() {} };
  const endpoint: Endpoint = createEndpoint({ role, crypto });
  const sent: string[] = [];
  const lost: number[] = [];
  let keeper: FlowKeeper | undefined;
  const turn = (now: number, run: () => void) => {
    for (const output of endpoint.handle({ kind: "Call", run }, now)) {
      if (output.kind !== "Datagram" && output.kind !== "Send") continue;
      sent.push(output.octets);
      const said = answer?.(output.octets, sent.length);
      if (said !== undefined) turn(now + 10, () => keeper?.heard(said));
    }
  };
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);
  endpoint.handle({ kind: "Opened", transport: "TCP", connection: 3, local, remote }, 0);
  const params = new Map([
    ["received", "203.0.113.4"],
    ["rport", "40001"],
  ]);
  const ends = { branch: "", start: 0, paramsStart: 0, end: 0 };
  const via = { transport: "UDP", host: "10.0.0.1", port: 5060, params, ...ends };
  const how = { isInCall: () => false, flowTimerSeconds: undefined, isPromised, via };
  turn(0, () => {
    keeper = new FlowKeeper(endpoint, flow, how, () => void lost.push(endpoint.now));
  });
  for (let now = 100; now <= 90_000; now += 100) turn(now, () => {});
  return { sent, lost };
}

/** As its server sees this phone, behind a NAT that has it at this port. */
const mapped = (sent: string, port: number): string =>
  bindingResponse(sent, { host: "203.0.113.4", port }) ?? "";

test("RFC 5626 §4.4.2: over UDP a server that promised it is asked by STUN alone", () => {
  //= RFC 5626 §4.4.2
  //# This approach MUST only be used with connection-less transports, such as UDP; it MUST NOT be
  //# used for connection-oriented transports such as TCP and SCTP.
  //= RFC 5626 §4.4.2
  //# Clients MUST support STUN-based keep-alives.
  const { sent, lost } = kept(UDP, true, (one) => mapped(one, 40_001));
  expect(sent.length).toBeGreaterThanOrEqual(3);
  expect(sent.every(isStun)).toBe(true);
  expect(lost).toEqual([]);
});

test("RFC 5626 §8: without its promise nobody is sent STUN, but what a NAT needs", () => {
  //= RFC 5626 §8
  //# A SIP node MUST NOT send STUN requests over a flow unless it has an explicit indication that
  //# the target next-hop SIP server claims to support this specification. UACs MUST NOT use an
  //# ambiguous configuration option such as "Work through NATs?" or "Do keep-alives?" to imply
  //# next-hop STUN support.
  const { sent, lost } = kept(UDP, false);
  expect(sent.length).toBeGreaterThanOrEqual(3);
  expect(new Set(sent)).toEqual(new Set(["\r\n\r\n"]));
  expect(lost, "whose silence says nothing").toEqual([]);
});

test("RFC 5626 §4.4.2: whoever is seen elsewhere all at once has another flow", () => {
  //= RFC 5626 §4.4.2
  //# If the XOR-MAPPED-ADDRESS in the STUN Binding Response changes, the UA MUST treat this event
  //# as a failure on the flow.
  const { sent, lost } = kept(UDP, true, (one, nth) => mapped(one, nth < 3 ? 40_001 : 40_002));
  expect(sent).toHaveLength(3);
  expect(lost).toHaveLength(1);
});

test("RFC 5626 §4.4.1: over a connection it is two CRLFs, and ten seconds", () => {
  //= RFC 5626 §4.4.1
  //# This approach MUST only be used with connection oriented transports such as TCP or SCTP; it
  //# MUST NOT be used with connection-less transports such as UDP.
  const { sent, lost } = kept(TCP, true);
  expect(sent).toEqual(["\r\n\r\n"]);
  expect(lost).toHaveLength(1);
});
