/**
 * CPU of turning a call away: from the bytes of its INVITE to those of its 503, and of the ACK to
 * that, in the endpoint alone. Beside it what a call costs that is let in: `bench/call.ts`.
 *
 *   node bench/refusal.ts
 */
import { createEndpoint, overloadControl } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { invite } from "./invite.ts";

const [ROUNDS, WARM_UP, EACH] = [7, 3, 100_000];
/** Everybody has waited for so long: all are turned away. */
const WAITED_MS = 120;
/** Between two rounds: nothing is remembered for longer. */
const REST_MS = 40_000;

const role = { attach() {}, request() {}, ack() {} };
const endpoint = createEndpoint({ role, crypto: nodeCrypto(), admission: overloadControl() });
const local = { host: "198.51.100.1", port: 5060 };
const remote = { host: "192.0.2.1", port: 5062 };
endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);

const BRANCH = "branch=z9hG4bK";
const wire = Buffer.alloc(65_536);
let now = 1000;

/** What is heard to these bytes, whose branch is made another one. */
function heard(bytes: Buffer, at: number, nth: number): string {
  bytes.write((nth + now).toString(36).padStart(6, "0").slice(-6), at, "latin1");
  const octets = bytes.toString("latin1");
  const input = { kind: "Datagram", local, remote, octets, waitedMs: WAITED_MS } as const;
  const [first] = endpoint.handle(input, now);
  if (first?.kind !== "Datagram") return "";
  wire.write(first.octets, "latin1");
  return first.octets;
}

/** Microseconds of CPU for each of so many, and how many of them were answered with a 503. */
function round(bytes: Buffer, count: number): readonly [us: number, refused: number] {
  const at = bytes.indexOf(BRANCH) + BRANCH.length;
  let refused = 0;
  const before = process.cpuUsage();
  for (let nth = 0; nth < count; nth++) {
    if (heard(bytes, at, nth).startsWith("SIP/2.0 503 ")) refused++;
  }
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / count, refused];
}

const asked = Buffer.from(invite, "latin1");
/** It is overloaded from here on. */
for (let nth = 0; nth < 20; nth++, now += 10) round(asked, 1);
const tag = /\r\nTo: [^\r]*;tag=([^\r]+)/.exec(heard(asked, invite.indexOf(BRANCH) + 14, 1))?.[1];
const ack = invite
  .slice(0, invite.indexOf("Allow: "))
  .replace("INVITE ", "ACK ")
  .replace("314159 INVITE", "314159 ACK")
  .replace("To: <sip:bob@example.com>", `To: <sip:bob@example.com>;tag=${tag}`);
const acknowledged = Buffer.from(`${ack}Content-Length: 0\r\n\r\n`, "latin1");

for (let nth = -WARM_UP; nth < ROUNDS; nth++) {
  now += REST_MS;
  for (let before = 0; before < 20; before++, now += 10) round(asked, 1);
  const [refusal, refused] = round(asked, EACH);
  const [end, answered] = round(acknowledged, EACH);
  if (refused < EACH || answered > 0) throw new Error(`${refused} refused, ${answered} ACKs were`);
  const words = `${refusal.toFixed(2)} µs a refusal, ${end.toFixed(2)} µs its ACK`;
  if (nth >= 0) console.log(words);
}
