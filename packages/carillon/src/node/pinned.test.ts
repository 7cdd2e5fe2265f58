/** Nothing that outlives its message is cut from it: V8 would keep the whole datagram alive. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import { nodeCrypto } from "./node-crypto.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const local = { host: "192.0.2.1", port: 5060 };
const remote = { host: "198.51.100.7", port: 5062 };
const PHONES = 10_000;
const LARGE = 60_000;

/** How much the heap has grown once this many phones are registered and their transactions over. */
function heapOf(padding: number): number {
  const crypto = nodeCrypto();
  const key = crypto.randomBytes(32);
  const location = new MemoryLocation();
  const role = domain({
    domain: "house.example",
    aliases: [],
    realm: "house.example",
    accounts: { has: () => true, devices: () => [], session: () => false },
    location,
    crypto,
    key,
    tokenKey: key,
    node: "n1",
    trusts: () => true,
  });
  const endpoint = createEndpoint({ role, crypto, key });
  endpoint.handle({ kind: "Listening", transport: "UDP", local }, 0);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < PHONES; n++) {
    // As a socket gives it: one string of its own.
    const octets = Buffer.from(register(n, padding), "latin1").toString("latin1");
    const outputs = endpoint.handle({ kind: "Datagram", local, remote, octets }, 10 * n);
    expect(outputs[0]).toMatchObject({ octets: expect.stringMatching(/^SIP\/2.0 200/) });
  }
  endpoint.handle({ kind: "Tick" }, 10 * PHONES + 64_000);
  expect(endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  // Asked last, so that it is all still there when it is measured.
  expect(location.online(`user${PHONES - 1}`, 0)).toBe(true);
  return grown;
}

const register = (n: number, padding: number): string =>
  [
    "REGISTER sip:house.example SIP/2.0",
    `Via: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK-registration-${n};rport`,
    "Max-Forwards: 70",
    `From: <sip:user${n}@house.example>;tag=a-tag-of-some-length-${n}`,
    `To: <sip:user${n}@house.example>`,
    `Call-ID: a-call-id-of-some-length-${n}@198.51.100.7`,
    "CSeq: 1 REGISTER",
    `Contact: <sip:user${n}-device@198.51.100.7:5062;transport=udp>;expires=3600`,
    `Content-Length: ${padding}`,
    "",
    "x".repeat(padding),
  ].join("\r\n");

test("10,000 phones that register with 60 KB each leave what small ones leave", () => {
  heapOf(0);
  const [small, large] = [heapOf(0), heapOf(LARGE)];
  expect(small / PHONES).toBeGreaterThan(100);
  expect(large / small).toBeLessThan(1.5);
}, 60_000);
