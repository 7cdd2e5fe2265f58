/**
 * What a call costs in the proxy: CPU from bytes to bytes, without sockets. INVITE, 180, 200, ACK,
 * BYE and 200 through an endpoint with a domain that has 10,000 bindings, its callers trusted. Six
 * messages go in and six come out. A thousand calls a second by the clock of the endpoint, so that
 * timers run and tables are as full as they would be.
 */
import assert from "node:assert/strict";
import { createEndpoint, type Output } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { type Binding, domain, MemoryLocation } from "carillon/roles";
import { answerTo, inDialog, inviteTo } from "./call-phones.ts";

const USERS = 10_000;
const BATCH = 100;
const BATCH_MS = 100;
/** Transactions stay for 32 s: until then the tables grow. */
const WARM_BATCHES = 400;
const BATCHES = 200;

const local = { host: "192.0.2.1", port: 5060 };
const caller = { host: "198.51.100.7", port: 5062 };
const callee = { host: "198.51.100.9", port: 5064 };
const out = Buffer.alloc(65_536);

function startProxy(trusts: () => boolean) {
  const location = new MemoryLocation();
  for (let n = 0; n < USERS; n++) location.replace(`user${n}`, [bindingOf(n)]);
  const crypto = nodeCrypto();
  const key = crypto.randomBytes(32);
  const role = domain({
    domain: "house.example",
    aliases: [local.host],
    realm: "house.example",
    accounts: {
      has: () => true,
      devices: () => [],
      session: () => false,
    },
    location,
    crypto,
    key,
    tokenKey: key,
    node: "n1",
    trusts,
  });
  return createEndpoint({ role, crypto, key, node: "n1", product: "Carillon/bench" });
}

const bindingOf = (n: number): Binding => ({
  contact: `sip:user${n}@198.51.100.9:5064`,
  q: 1000,
  callId: `register-${n}@198.51.100.9`,
  cseq: 1,
  expiresAt: Number.POSITIVE_INFINITY,
  flow: { transport: "UDP", local, remote: callee, connection: 0 },
});

const proxy = startProxy(() => true);
let now = 1_000_000;
let spent = 0;
proxy.handle({ kind: "Listening", transport: "UDP", local }, now);

/** All of these through the proxy, measured; what it sends to each side, in order. */
function through(from: typeof caller, texts: readonly string[]): readonly (readonly string[])[] {
  const datagrams = texts.map((text) => Buffer.from(text, "latin1"));
  const sent: (readonly Output[])[] = [];
  const before = process.cpuUsage();
  for (const datagram of datagrams) {
    const octets = datagram.toString("latin1");
    const outputs = proxy.handle({ kind: "Datagram", local, remote: from, octets }, now);
    for (const output of outputs)
      if (output.kind === "Datagram") out.write(output.octets, "latin1");
    sent.push(outputs);
  }
  const { user, system } = process.cpuUsage(before);
  spent += user + system;
  return sent.map((outputs) =>
    outputs.map((output) => (output.kind === "Datagram" ? output.octets : "")),
  );
}

const lastOf = (sent: readonly (readonly string[])[], start: string): readonly string[] =>
  sent.map((texts) => {
    const text = texts.at(-1) ?? "";
    assert(text.startsWith(start), `expected ${start}, got ${text}`);
    return text;
  });

function runBatch(batch: number): void {
  const calls = Array.from({ length: BATCH }, (_, n) => batch * BATCH + n);
  const users = calls.map((call) => `user${(call * 7919) % USERS}`);
  const invites = through(
    caller,
    calls.map((call, n) => inviteTo(users[n] ?? "", call)),
  );
  const received = lastOf(invites, "INVITE sip:user");
  lastOf(
    through(
      callee,
      received.map((text) => answerTo(text, 180, "Ringing")),
    ),
    "SIP/2.0 180",
  );
  const answers = lastOf(
    through(
      callee,
      received.map((text) => answerTo(text, 200, "OK")),
    ),
    "SIP/2.0 200",
  );
  const inCalls = (method: "ACK" | "BYE") =>
    lastOf(
      through(
        caller,
        answers.map((text, n) => inDialog(text, method, calls[n] ?? 0)),
      ),
      `${method} sip:callee`,
    );
  inCalls("ACK");
  const byes = inCalls("BYE");
  lastOf(
    through(
      callee,
      byes.map((text) => answerTo(text, 200, "OK")),
    ),
    "SIP/2.0 200",
  );
  now += BATCH_MS;
  const before = process.cpuUsage();
  proxy.handle({ kind: "Tick" }, now);
  const { user, system } = process.cpuUsage(before);
  spent += user + system;
}

for (let batch = 0; batch < WARM_BATCHES; batch++) runBatch(batch);
const rounds: number[] = [];
for (let batch = WARM_BATCHES; batch < WARM_BATCHES + BATCHES; batch++) {
  spent = 0;
  runBatch(batch);
  rounds.push(spent / BATCH);
}
rounds.sort((a, b) => a - b);
const { servers, clients } = proxy.census();
const mean = rounds.reduce((sum, one) => sum + one, 0) / rounds.length;
const [low = 0, middle = 0] = [rounds[rounds.length >> 2], rounds[rounds.length >> 1]];
console.log(
  `call     CPU ${middle.toFixed(1)} µs (a quarter of the time under ${low.toFixed(1)}, ` +
    `mean ${mean.toFixed(1)}), ${servers} server and ${clients} client transactions kept\n`,
);
