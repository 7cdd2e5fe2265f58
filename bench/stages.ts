/** Where Carillon's time goes between the bytes of an INVITE and the bytes that go on. */
import { incoming } from "carillon/endpoint";
import { parseMessage, type Request, readEssentials } from "carillon/message";
import { forwardRequest } from "carillon/roles";
import { parseSipUri } from "carillon/uri";
import { flow, forwardingOf, routesOf } from "./carillon.ts";
import { datagrams } from "./contender.ts";
import { cpuMicroseconds } from "./measure.ts";

const out = Buffer.alloc(65_536);
const textOf = (datagram: Buffer): string => datagram.toString("latin1");

function requestOf(datagram: Buffer): Request {
  const message = parseMessage(textOf(datagram));
  if (!message.ok || message.value.kind !== "Request") throw new Error("not read");
  return message.value;
}

function incomingOf(datagram: Buffer) {
  const request = requestOf(datagram);
  const essentials = readEssentials(request);
  if (!essentials.ok) throw new Error("not read");
  return incoming(request, essentials.value, flow);
}

const withUri = (datagram: Buffer) => {
  const from = incomingOf(datagram);
  return [from, parseSipUri(from.request.uri)] as const;
};
const withRoutes = (datagram: Buffer) => {
  const [from, uri] = withUri(datagram);
  return [from, uri, routesOf(from.request)] as const;
};
const forwarded = (datagram: Buffer): string => {
  const [from, , routes] = withRoutes(datagram);
  return forwardRequest(from, forwardingOf(routes));
};

/** Each does all that the one before it does, and one thing more. */
const STAGES: readonly (readonly [what: string, run: (datagram: Buffer) => unknown])[] = [
  ["bytes to a string", textOf],
  ["start line, index of headers, body", requestOf],
  ["Via, From, To, Call-ID, CSeq; what goes into Via", incomingOf],
  ["Request-URI", withUri],
  ["Route and its URI", withRoutes],
  ["edits", forwarded],
  ["string to bytes", (datagram) => out.write(forwarded(datagram), "latin1")],
];

let next = 0;
const best = STAGES.map(() => Number.POSITIVE_INFINITY);
for (let round = 0; round < 30; round++) {
  for (const [n, [, run]] of STAGES.entries()) {
    const us = cpuMicroseconds(() => run(datagrams[next++ & 7] ?? out), 20);
    // The first rounds are the compiler's.
    if (round > 5) best[n] = Math.min(best[n] ?? 0, us);
  }
}
console.log("Nanoseconds of CPU, each stage alone:");
for (const [n, [what]] of STAGES.entries()) {
  const ns = 1000 * ((best[n] ?? 0) - (best[n - 1] ?? 0));
  console.log(`${what.padEnd(52)}${ns.toFixed(0).padStart(6)}`);
}
console.log("");
