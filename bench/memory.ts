/**
 * Heap that each thing takes while it is kept, at 10,000 and 100,000 of them: run with --expose-gc.
 * Every message is a string of its own, as a socket gives it.
 */
import assert from "node:assert/strict";
import { uacDialog } from "carillon/dialog";
import { createEndpoint, type Endpoint, type Incoming, type Role } from "carillon/endpoint";
import { parseMessage, type Request, type Response, readEssentials } from "carillon/message";
import { nodeCrypto } from "carillon/node";
import { domain, MemoryLocation } from "carillon/roles";
import { answerTo, inviteTo, registerFor } from "./call-phones.ts";

const local = { host: "192.0.2.1", port: 5060 };
const phone = { host: "198.51.100.7", port: 5062 };
const crypto = nodeCrypto();
const key = crypto.randomBytes(32);
const COUNTS = [10_000, 100_000];

/** Makes one more, and the whole that holds all of them. */
interface Kept {
  readonly what: string;
  start(): { add(n: number): void; readonly all: object };
}

const flatCopy = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

function endpointWith(role: Role): Endpoint {
  const endpoint = createEndpoint({ role, crypto, key, node: "n1", maxTransactions: 1_000_000 });
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);
  return endpoint;
}
const receive = (endpoint: Endpoint, text: string) =>
  endpoint.handle({ kind: "Datagram", local, remote: phone, octets: flatCopy(text) }, 0);

/** Takes every request on, and says at once what is to be said. */
const taking = (status: number): Role => {
  let endpoint: Endpoint | undefined;
  return {
    attach: (to) => {
      endpoint = to;
    },
    request: (from: Incoming) => {
      endpoint?.accept(from, { cancelled() {}, failed() {} })?.reply({ status });
    },
    ack() {},
  };
};

function proxy() {
  const location = new MemoryLocation();
  const role = domain({
    domain: "house.example",
    aliases: [local.host],
    realm: "house.example",
    accounts: { has: () => true, devices: () => [], session: () => false },
    location,
    crypto,
    key,
    tokenKey: key,
    node: "n1",
    trusts: () => true,
  });
  return { endpoint: endpointWith(role), location };
}

const servers = (what: string, status: number): Kept => ({
  what,
  start: () => {
    const endpoint = endpointWith(taking(status));
    return { add: (n) => void receive(endpoint, inviteTo("bob", n)), all: endpoint };
  },
});

const clients: Kept = {
  what: "client transaction, INVITE, ringing",
  start: () => {
    const endpoint = endpointWith(taking(200));
    const flow = { transport: "UDP", local, remote: phone, connection: 0 } as const;
    const user = { response() {}, failed() {} };
    const add = (n: number) => {
      const text = flatCopy(inviteTo("bob", n));
      const run = () => void endpoint.sendText(text, flow, user);
      endpoint.handle({ kind: "Call", run }, 0);
      receive(endpoint, answerTo(text, 180, "Ringing"));
    };
    return { add, all: endpoint };
  },
};

const calls = (what: string, status: number, phrase: string): Kept => ({
  what,
  start: () => {
    const { endpoint } = proxy();
    receive(endpoint, registerFor("bob", 0));
    const add = (n: number) => {
      const [sent] = receive(endpoint, inviteTo("bob", n));
      assert(sent?.kind === "Datagram" && sent.octets.startsWith("INVITE sip:bob"));
      receive(endpoint, answerTo(sent.octets, status, phrase));
    };
    return { add, all: endpoint };
  },
});

const bindings: Kept = {
  what: "binding in memory, as registered",
  start: () => {
    const { endpoint, location } = proxy();
    const add = (n: number) => {
      receive(endpoint, registerFor(`user${n}`, n));
      // Their transactions are not what is counted.
      if (n % 1000 === 999) endpoint.handle({ kind: "Tick" }, 40 * n);
    };
    return { add, all: { endpoint, location } };
  },
};

const dialogs: Kept = {
  what: "dialog",
  start: () => {
    const all: object[] = [];
    const read = <T extends Request | Response>(text: string) => {
      const message = parseMessage(flatCopy(text));
      assert(message.ok);
      const essentials = readEssentials(message.value);
      assert(essentials.ok);
      return [message.value as T, essentials.value] as const;
    };
    const add = (n: number) => {
      const invite = inviteTo("bob", n);
      const dialog = uacDialog(
        ...read<Request>(invite),
        ...read<Response>(answerTo(invite, 200, "OK")),
      );
      assert(dialog);
      all.push(dialog);
    };
    return { add, all };
  },
};

/** What is left once nothing more can be collected. */
function heap(): number {
  let used = Number.POSITIVE_INFINITY;
  for (;;) {
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    if (heapUsed > used - 10_000) return heapUsed;
    used = heapUsed;
  }
}

/** Bytes for each of `count`. */
function bytesOf({ start }: Kept, count: number): number {
  const { add, all } = start();
  add(count);
  const before = heap();
  for (let n = 0; n < count; n++) add(n);
  const grown = heap() - before;
  assert(all);
  return grown / count;
}

assert(globalThis.gc, "run with --expose-gc");
console.log(`Bytes of heap for each, at ${COUNTS.join(" and ")} of them:`);
const kinds: readonly Kept[] = [
  servers("server transaction, INVITE, ringing", 180),
  servers("server transaction, INVITE, answered", 200),
  servers("server transaction, INVITE, refused", 486),
  clients,
  calls("proxied call, both transactions, ringing", 180, "Ringing"),
  calls("proxied call, both transactions, answered", 200, "OK"),
  dialogs,
  bindings,
];
for (const kind of kinds) {
  const sizes = COUNTS.map((count) => bytesOf(kind, count).toFixed(0).padStart(8));
  console.log(`${kind.what.padEnd(44)}${sizes.join("")}`);
}
