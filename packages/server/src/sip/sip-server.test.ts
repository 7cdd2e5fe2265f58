import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { MemoryLocation } from "carillon/roles";
import { certificate, revocationList } from "carillon/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LiveCredentials } from "../certificates/live-credentials.ts";
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

interface Files {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}
const BELIEVED = { ca: [] as string[], crl: [] as string[] };

/** Its TLS, if there are files for it. */
async function start(
  addresses: readonly string[],
  sipPort = 0,
  files?: Files,
  believed: () => typeof BELIEVED = () => BELIEVED,
): Promise<SipServer & { readonly credentials: LiveCredentials }> {
  const log = createLog({ level: "debug", now: Date.now }, { write: (line) => lines.push(line) });
  const credentials = await LiveCredentials.open({
    ...{ tlsCert: undefined, tlsKey: undefined, ...files, believed },
    ...{ data: house.data, log, now: Date.now },
    names: { domain: "house.example", hostname: "tower", addresses: [] },
  });
  const server = await sipServer({
    addresses,
    sipPort,
    tlsPort: files ? 0 : undefined,
    credentials,
    hostname: "tower",
    store: house.store,
    location: new MemoryLocation(),
    services: [],
    calls: { answered() {}, ended() {} },
    overload: { control: undefined, lateMs: () => 0 },
    log,
    tracing: new Tracing(),
    config: await openConfig({ folder: house.data, config: undefined }, log),
  });
  cleanups.push(() => server.close());
  return { ...server, credentials };
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

/** What is said back, the first time anything is. */
async function answer(socket: Duplex, text: string): Promise<string> {
  cleanups.push(async () => void socket.destroy());
  socket.write(text);
  const [bytes] = (await once(socket, "data")) as [Buffer];
  return bytes.toString("latin1");
}

const via = (transport: string) => (text: string) => text.replace("SIP/2.0/UDP", transport);

test("TCP is at the same port as UDP, at every address", async () => {
  //= RFC 3261 §18.2.1
  //# For any port and interface that a server listens on for UDP, it MUST listen on that same port
  //# and interface for TCP.
  const { port, tlsPort } = await start(["127.0.0.1", "::1"]);
  expect(tlsPort).toBeUndefined();
  for (const host of ["127.0.0.1", "::1"]) {
    const overTcp = via("SIP/2.0/TCP")(register("", "tcp"));
    expect(await answer(connect(port, host), overTcp)).toMatch(/^SIP\/2\.0 401 /);
  }
});

test("a port that another program has for TCP is said, and nothing is kept", async () => {
  const { port } = await start(["127.0.0.1"]);
  await cleanups.pop()?.();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  cleanups.push(async () => void other.close());
  await expect(start(["127.0.0.1"], port)).rejects.toThrow(`Port ${port} (TCP)`);
  await bound("127.0.0.1", port);
});

const files = (shown: { cert: string; key: string }) => {
  const [tlsCert, tlsKey] = [join(house.data, "cert.pem"), join(house.data, "key.pem")];
  writeFileSync(tlsCert, shown.cert);
  writeFileSync(tlsKey, shown.key);
  return { tlsCert, tlsKey };
};

test("TLS is there with a certificate, and shows the new one when that is renewed", async () => {
  const first = certificate({ name: "first", uris: ["sip:house.example"] });
  const shown = files(first);
  const server = await start(["127.0.0.1"], 0, shown);
  const dial = () => connectTls({ port: server.tlsPort ?? 0, rejectUnauthorized: false });
  const socket = dial();
  const overTls = via("SIP/2.0/TLS")(register("", "tls"));
  expect(await answer(socket, overTls)).toMatch(/^SIP\/2\.0 401 /);
  writeFileSync(shown.tlsCert, "no certificate");
  expect(await server.credentials.reload()).toBe(false);
  files(certificate({ name: "second", uris: ["sip:house.example"] }));
  expect(await server.credentials.reload()).toBe(true);
  const next = dial();
  await answer(next, overTls.replace("z9hG4bKtls", "z9hG4bKtls2"));
  expect(next.getPeerCertificate().subject.CN).toBe("second");
});

test("who is believed is read from files again, and what has been revoked is not", async () => {
  const authority = certificate({ name: "an authority", isAuthority: true });
  const shown = files(certificate({ name: "x", issuer: authority, uris: ["sip:house.example"] }));
  const peer = certificate({ name: "x", issuer: authority, uris: ["sip:peer.example"] });
  const [ca, crl] = [join(house.data, "ca.pem"), join(house.data, "crl.pem")];
  writeFileSync(ca, authority.cert);
  const believed = { ca: [ca], crl: [] as string[] };
  const server = await start(["127.0.0.1"], 0, shown, () => believed);
  const identities = async () => {
    const port = server.tlsPort ?? 0;
    const socket = connectTls({ port, ...peer, rejectUnauthorized: false });
    const [, connection] = await Promise.all([
      once(socket, "secureConnect"),
      new Promise<number>((opened) => {
        socket.write("\r\n\r\n");
        socket.once("data", () => opened(++connections));
      }),
    ]);
    socket.destroy();
    return server.runner.endpoint.identities(connection);
  };
  let connections = 0;
  expect(await identities()).toEqual(["peer.example"]);
  writeFileSync(crl, revocationList(authority, []));
  believed.crl.push(crl);
  expect(await server.credentials.reload()).toBe(true);
  expect(await identities()).toEqual(["peer.example"]);
  writeFileSync(crl, revocationList(authority, [peer]));
  expect(await server.credentials.reload()).toBe(true);
  expect(await identities()).toEqual([]);
  // What is no list changes nothing.
  writeFileSync(crl, authority.cert);
  expect(await server.credentials.reload()).toBe(false);
  expect(await identities()).toEqual([]);
});

test.each(["ca", "crl"] as const)(
  "a file for %s that holds nothing of it is said",
  async (name) => {
    const path = join(house.data, "spoiled.pem");
    writeFileSync(path, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    const believed = () => ({ ...BELIEVED, [name]: [path] });
    await expect(start(["127.0.0.1"], 0, undefined, believed)).rejects.toThrow("spoiled.pem is no");
  },
);

test.each([
  ["one without the other", { tlsKey: undefined }, "--tls-key is missing"],
  ["a file that is not there", { tlsCert: "/nowhere/cert.pem" }, "cannot be read"],
])("%s is no certificate, and is said in words", async (_, change, words) => {
  const shown = files(certificate({ name: "x" }));
  await expect(start(["127.0.0.1"], 0, { ...shown, ...change })).rejects.toThrow(words);
});

test("a key of another certificate is said in words", async () => {
  const [one, other] = [certificate({ name: "x" }), certificate({ name: "y" })];
  const shown = files({ cert: one.cert, key: other.key });
  await expect(start(["127.0.0.1"], 0, shown)).rejects.toThrow("do not work together");
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
