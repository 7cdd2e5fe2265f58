import { createSocket, type Socket } from "node:dgram";
import { MemoryLocation } from "carillon/roles";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openConfig } from "../config/live-config.ts";
import { Tracing } from "../control/tracing.ts";
import { createLog } from "../http/log.ts";
import { type TestHouse, testHouse } from "../test-house.ts";
import { type SipServer, sipServer } from "./sip-server.ts";

let house: TestHouse;
let lines: string[];
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  house = testHouse();
  lines = [];
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  house.close();
});

async function start(addresses: readonly string[], sipPort = 0): Promise<SipServer> {
  const log = createLog({ level: "debug", now: Date.now }, { write: (line) => lines.push(line) });
  const server = await sipServer({
    addresses,
    sipPort,
    hostname: "tower",
    store: house.store,
    location: new MemoryLocation(),
    calls: { answered() {}, ended() {} },
    log,
    tracing: new Tracing(),
    config: await openConfig({ folder: house.data, config: undefined }, log),
  });
  cleanups.push(() => server.close());
  return server;
}

function bound(host: string, port = 0): Promise<Socket> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.bind(port, host, () => {
      cleanups.push(() => new Promise((closed) => socket.close(() => closed())));
      resolve(socket);
    });
  });
}

test("every address has the same port, also where the system chooses it", async () => {
  const { port } = await start(["127.0.0.1", "127.0.0.2"]);
  expect(port).toBeGreaterThan(0);
  await expect(bound("127.0.0.1", port)).rejects.toThrow("EADDRINUSE");
  await expect(bound("127.0.0.2", port)).rejects.toThrow("EADDRINUSE");
});

test("if one address is taken, none is kept", async () => {
  const { port } = (await bound("127.0.0.2")).address();
  await expect(start(["127.0.0.1", "127.0.0.2"], port)).rejects.toThrow(`Port ${port} (UDP)`);
  await bound("127.0.0.1", port);
});

test("of several addresses one may be gone, of one it may not", async () => {
  await start(["127.0.0.1", "192.0.2.1"]);
  expect(lines.join("")).toContain("no SIP at this address");
  await expect(start(["192.0.2.1"])).rejects.toThrow("192.0.2.1 is not an address");
});

test("a refusal is logged with its reason, but not that every sign-in is asked first", async () => {
  const { port } = await start(["127.0.0.1"]);
  const phone = await bound("127.0.0.1");
  const answers: string[] = [];
  phone.on("message", (message) => answers.push(String(message)));
  for (const credentials of [
    "",
    'Authorization: Digest username="bob", realm="house.example"\r\n',
  ]) {
    phone.send(register(credentials, `${credentials.length}`), port, "127.0.0.1");
  }
  await expect.poll(() => answers.length).toBe(2);
  const levels = lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level} ${msg}`);
  expect(levels.sort()).toEqual(["20 Refused", "30 Refused"]);
});

test("what a stranger writes fills no log", async () => {
  const { port } = await start(["127.0.0.1"]);
  const phone = await bound("127.0.0.1");
  phone.send(register("", "x".repeat(8000)), port, "127.0.0.1");
  await expect.poll(() => lines.length).toBe(1);
  expect(lines[0]?.length).toBeLessThan(1000);
});

const register = (credentials: string, callId: string): string =>
  `REGISTER sip:house.example SIP/2.0\r
Via: SIP/2.0/UDP phone.invalid;rport;branch=z9hG4bK${callId.slice(0, 9)}\r
Max-Forwards: 70\r
From: <sip:bob@house.example>;tag=1\r
To: <sip:bob@house.example>\r
Call-ID: ${callId}\r
CSeq: 1 REGISTER\r
${credentials}Contact: <sip:bob@phone.invalid>\r
Content-Length: 0\r
\r
`;
