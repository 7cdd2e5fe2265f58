/**
 * What a binding costs in the program's memory, and a look-up among so many, at 10,000, 100,000 and
 * 1,000,000 of them. Each count has a process of its own, since no heap shrinks to what it was.
 *
 * The disk is one that has written at once: what it does is measured by `bench:proxy -- --durable`.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { domain } from "carillon/roles";
import { HouseLocation, WriteQueue } from "carillon-server/location";
import { registerFor } from "./call-phones.ts";

const COUNTS = [10_000, 100_000, 1_000_000];
/** Transactions end after 32 s: at this many milliseconds between two, 8,000 are kept. */
const EVERY_MS = 4;
const LOOK_UPS = 200_000;

const local = { host: "192.0.2.1", port: 5060 };
const remote = { host: "198.51.100.7", port: 5062 };
const { values } = parseArgs({ options: { count: { type: "string" } } });

/** The registrar on the program's location, with a disk that is done as soon as it is asked. */
function house() {
  let now = 1_790_000_000_000;
  let deferred: (() => void) | undefined;
  const disk = {
    write: (batch: readonly unknown[], done: (written: { ok: true; values: unknown[] }) => void) =>
      done({ ok: true, values: batch.map(() => undefined) }),
    close: async () => {},
  };
  const defer = (run: () => void): void => {
    deferred = run;
  };
  const clock = { steady: () => now, wall: () => now };
  const queue = new WriteQueue({ disk, now: clock.steady, defer });
  const location = new HouseLocation({ queue, clock });
  const crypto = nodeCrypto();
  const key = crypto.randomBytes(32);
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
  const endpoint = createEndpoint({ role, crypto, key, node: "n1" });
  queue.answerIn((run) => void endpoint.handle({ kind: "Call", run }, now));
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, now);
  const register = (n: number): void => {
    const octets = Buffer.from(registerFor(`user${n}`, n), "latin1").toString("latin1");
    now += EVERY_MS;
    endpoint.handle({ kind: "Datagram", local, remote, octets }, now);
    deferred?.();
    deferred = undefined;
  };
  const rest = (): void => {
    for (let seconds = 0; seconds < 40; seconds++) {
      now += 1000;
      endpoint.handle({ kind: "Tick" }, now);
    }
  };
  return { register, rest, isOnline: (n: number) => location.online(`user${n}`, now), endpoint };
}

/** What is left once nothing more can be collected, and pages kept for later were given back. */
function memory() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
}

function measure(count: number): void {
  const { register, rest, isOnline, endpoint } = house();
  // What the first ones cost (code, tables, the young generation at its full size) is no binding's.
  const warm = 20_000;
  for (let n = 0; n < warm; n++) register(n);
  rest();
  const before = memory();
  for (let n = warm; n < warm + count; n++) register(n);
  rest();
  const { clients, servers } = endpoint.census();
  assert.deepEqual({ clients, servers }, { clients: 0, servers: 0 });
  const after = memory();
  let found = 0;
  const cpu = process.cpuUsage();
  for (let i = 0; i < LOOK_UPS; i++) if (isOnline(warm + ((i * 7919) % count))) found++;
  const { user, system } = process.cpuUsage(cpu);
  assert.equal(found, LOOK_UPS);
  const each = (bytes: number) => (bytes / count).toFixed(0).padStart(8);
  console.log(
    `${String(count).padStart(9)}${each(after.heapUsed - before.heapUsed)}` +
      `${each(after.rss - before.rss)}${((user + system) / LOOK_UPS).toFixed(2).padStart(9)}`,
  );
}

if (values.count !== undefined) measure(Number(values.count));
else {
  console.log("bindings    heap  resident  look-up µs   (bytes for each, collected)");
  const self = fileURLToPath(import.meta.url);
  for (const count of COUNTS) {
    const args = ["--expose-gc", self, `--count=${count}`];
    execFileSync(process.execPath, args, { stdio: "inherit" });
  }
}
