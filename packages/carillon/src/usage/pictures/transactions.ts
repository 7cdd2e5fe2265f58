/** Specimens of the states and inputs of the four transactions. */
import { composeRequest, composeResponse } from "../../message/compose.ts";
import * as inviteClientMachine from "../../transaction/invite-client.ts";
import * as inviteServerMachine from "../../transaction/invite-server.ts";
import * as nonInviteClientMachine from "../../transaction/non-invite-client.ts";
import * as nonInviteServerMachine from "../../transaction/non-invite-server.ts";
import { DEFAULT_TIMERS as timers } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";

const headers = (method: string) =>
  [
    ["Via", "SIP/2.0/UDP a.example.com;branch=z9hG4bK1"],
    ["From", "<sip:alice@example.com>;tag=1"],
    ["To", "<sip:bob@example.com>;tag=2"],
    ["Call-ID", "c1"],
    ["CSeq", `7 ${method}`],
  ] as const;
const request = (method: string) => composeRequest(method, "sip:bob@example.com", headers(method));
const response = (status: number) => composeResponse(status, headers("INVITE"));
const text = (status: number) => response(status).text;
const ack = () => request("ACK").text;

const TICK = { kind: "Tick" } as const;
const LOST = { kind: "TransportError", cause: undefined } as const;
const ABANDON = { kind: "Abandon" } as const;
const responses = () =>
  [100, 180, 200, 302, 486, 600].map(
    (status) => [{ kind: "Response", response: response(status) } as const, 7] as const,
  );
const responds = () =>
  [100, 180, 200, 486].map(
    (status) => [{ kind: "Respond", status, text: text(status) } as const, 7] as const,
  );
const ticks = [7, 500, 32_000].map((now) => [TICK, now] as const);
const client = () => [...responses(), ...ticks, [LOST, 7], [ABANDON, 7]] as const;
const again = [{ kind: "Retransmission" } as const, 7] as const;

export const inviteClient = (): Picture =>
  drawn({
    title: "INVITE client transaction",
    file: "transaction/invite-client.ts",
    source: "RFC 3261 §17.1.1, RFC 6026 §8.4",
    machine: inviteClientMachine,
    params: { request: request("INVITE"), reliable: false, timers },
    states: [
      { name: "Calling", timerA: 500, intervalA: 500, timerB: 32_000 },
      { name: "Proceeding" },
      { name: "Completed", timerD: 32_000, ack: ack() },
      { name: "Accepted", timerM: 32_000 },
      { name: "Terminated" },
    ],
    inputs: client(),
  });

export const inviteServer = (): Picture =>
  drawn({
    title: "INVITE server transaction",
    file: "transaction/invite-server.ts",
    source: "RFC 3261 §17.2.1, RFC 6026 §8.5 to §8.8",
    machine: inviteServerMachine,
    params: { reliable: false, timers, trying: () => text(100) },
    states: [
      { name: "Proceeding", timerTrying: 200, provisional: undefined },
      { name: "Proceeding", timerTrying: Number.POSITIVE_INFINITY, provisional: text(180) },
      { name: "Completed", timerG: 500, intervalG: 500, timerH: 32_000, final: text(486) },
      { name: "Confirmed", timerI: 5000 },
      { name: "Accepted", timerL: 32_000 },
      { name: "Terminated" },
    ],
    inputs: [again, [{ kind: "Ack" }, 7], ...responds(), ...ticks, [LOST, 7], [ABANDON, 7]],
  });

export const nonInviteClient = (): Picture =>
  drawn({
    title: "Non-INVITE client transaction",
    file: "transaction/non-invite-client.ts",
    source: "RFC 3261 §17.1.2",
    machine: nonInviteClientMachine,
    params: { request: request("OPTIONS"), reliable: false, timers },
    states: [
      { name: "Trying", timerE: 500, intervalE: 500, timerF: 32_000 },
      { name: "Proceeding", timerE: 500, timerF: 32_000 },
      { name: "Completed", timerK: 5000 },
      { name: "Terminated" },
    ],
    inputs: client(),
  });

export const nonInviteServer = (): Picture =>
  drawn({
    title: "Non-INVITE server transaction",
    file: "transaction/non-invite-server.ts",
    source: "RFC 3261 §17.2.2, RFC 4320 §4.1",
    machine: nonInviteServerMachine,
    params: { reliable: false, timers, trying: () => text(100) },
    states: [
      { name: "Trying", timerTrying: 3500 },
      { name: "Proceeding", provisional: text(100) },
      { name: "Completed", timerJ: 32_000, final: text(200) },
      { name: "Terminated" },
    ],
    inputs: [again, ...responds(), [TICK, 3500], ...ticks, [LOST, 7], [ABANDON, 7]],
  });
