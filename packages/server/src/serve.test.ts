import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificate } from "carillon/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { systemClock } from "./clock.ts";
import { type Running, serve } from "./serve.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { carryOutForUser } from "./users.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
const running: Running[] = [];
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-serve-"));
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  rmSync(data, { recursive: true, force: true });
});

async function start(wanted: Partial<Settings> = {}): Promise<Running> {
  const ports = { port: 0, sipPort: 0, tlsPort: undefined, httpsPort: undefined };
  const settings = { ...defaultSettings, data, host: "127.0.0.1", ...ports };
  const started = await serve({ ...settings, logLevel: "silent", ...wanted }, world);
  running.push(started);
  return started;
}

const codeIn = (text: string): string => /^ {2}Open .*\/join\/(\w+)$/m.exec(text)?.[1] ?? "";

/** Joins by the printed invite; what to send to this person's seat from then on. */
async function joinAs(name: string, { port, welcome }: Running) {
  const base = `http://127.0.0.1:${port}`;
  const headers = { "content-type": "application/json", origin: base };
  const joined = await fetch(`${base}/api/join`, {
    method: "POST",
    headers,
    body: JSON.stringify({ invite: codeIn(welcome), name }),
  });
  expect(joined.status).toBe(201);
  const { seat } = (await joined.json()) as { seat: string };
  const cookie = joined.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  return { seat: `${base}${seat}`, headers: { ...headers, cookie } };
}

/** How to ask as this person. */
async function sit(name: string, server: Running) {
  const { seat, headers } = await joinAs(name, server);
  return async (method: "GET" | "POST", path: string) => {
    // A connection that is kept would be one to the server of before a restart.
    const response = await fetch(`${seat}api/${path}`, {
      method,
      headers: { ...headers, connection: "close" },
    });
    return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
  };
}

/** Sends one request over SIP over WebSocket and resolves with the first answer. */
function overWebSocket(port: number, request: string, ca?: string): Promise<string> {
  const scheme = ca === undefined ? "ws" : "wss";
  const webSocket = new WebSocket(`${scheme}://127.0.0.1:${port}/sip`, ["sip"], { ca });
  open.push(webSocket);
  return new Promise((resolve, reject) => {
    webSocket.on("open", () => webSocket.send(request));
    webSocket.on("message", (message) => resolve(String(message)));
    webSocket.on("error", reject);
  });
}

/** A desk phone for Hall, at the command line; what that prints. */
function addHall(): string {
  const hall = { kind: "Add", person: "Hall", deskPhone: true, label: "", json: false } as const;
  return carryOutForUser(hall, { ...defaultSettings, data }, world);
}

/** The same over UDP. */
async function overUdp(port: number, request: string): Promise<string> {
  const socket = createSocket("udp4");
  try {
    const answer = once(socket, "message");
    socket.bind(0, "127.0.0.1", () => socket.send(request, port, "127.0.0.1"));
    return String((await answer)[0]);
  } finally {
    socket.close();
  }
}

const open: WebSocket[] = [];
afterEach(() => {
  for (const webSocket of open.splice(0)) webSocket.terminate();
});

const register = (name: string, authorization = ""): string =>
  [
    "REGISTER sip:tower SIP/2.0",
    "Via: SIP/2.0/WS page.invalid;branch=z9hG4bK1",
    "Max-Forwards: 70",
    `From: <sip:${name}@tower>;tag=1`,
    `To: <sip:${name}@tower>`,
    "Call-ID: 1",
    "CSeq: 1 REGISTER",
    `Contact: <sip:${name}@page.invalid;transport=ws>`,
    "Expires: 600",
    ...(authorization === "" ? [] : [`Authorization: ${authorization}`]),
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");

test("from the printed link to being online: join, token, REGISTER, people", async () => {
  const server = await start();
  const anna = await sit("Anna", server);
  expect(await anna("GET", "people")).toMatchObject({ people: [{ name: "anna", online: false }] });
  const { token } = await anna("POST", "token");
  const response = await overWebSocket(server.port, register("anna", `Bearer ${token}`));
  expect(response).toMatch(/^SIP\/2\.0 200 /);
  expect(await anna("GET", "people")).toMatchObject({ people: [{ name: "anna", online: true }] });
  open[0]?.terminate();
  await expect
    .poll(() => anna("GET", "people"))
    .toMatchObject({ people: [{ name: "anna", online: false }] });
});

/** Writes it where the settings say it is. */
function certificateFiles(name: string) {
  const made = certificate({ name, dns: ["localhost"], ips: ["127.0.0.1"] });
  const files = { tlsCert: join(data, "cert.pem"), tlsKey: join(data, "key.pem") };
  writeFileSync(files.tlsCert, made.cert);
  writeFileSync(files.tlsKey, made.key);
  return { ...made, files };
}

/** Asks for this path over https, of a server that shows this certificate. */
const overHttps = (port: number, path: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, ca, agent: false }, (response) => {
      response.setEncoding("utf8").on("data", resolve);
    }).on("error", reject);
  });

const hstsAt = (port: number, ca: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/", ca, agent: false }, ({ headers }) =>
      resolve(headers["strict-transport-security"]),
    ).on("error", reject);
  });

test("with a certificate the page is there over https, and SIP over secure WebSocket", async () => {
  const { cert, files } = certificateFiles("first");
  const server = await start({ ...files, tlsPort: 0, httpsPort: 0 });
  const port = server.httpsPort ?? 0;
  expect(server.welcome).toContain(`  Secure   https://tower:${port}/join/`);
  expect(await overHttps(port, "/health", cert)).toBe('{"ok":true}');
  expect(await overWebSocket(port, register("anna"), cert)).toMatch(/^SIP\/2\.0 401 /);
  // The new one counts from the next handshake on, and a wrong one changes nothing.
  const renewed = certificateFiles("second");
  expect(await server.reload()).toBe(true);
  expect(await overHttps(port, "/health", renewed.cert)).toBe('{"ok":true}');
  await expect(overHttps(port, "/health", cert)).rejects.toThrow();
  writeFileSync(files.tlsCert, "no certificate");
  expect(await server.reload()).toBe(false);
  expect(await overHttps(port, "/health", renewed.cert)).toBe('{"ok":true}');
});

test("without a certificate the server makes one, and keeps it", async () => {
  const wanted = { tlsPort: 0, httpsPort: 0 };
  const server = await start(wanted);
  const cert = readFileSync(join(data, "tls-cert.pem"), "utf8");
  expect(await overHttps(server.httpsPort ?? 0, "/health", cert)).toBe('{"ok":true}');
  expect(await overWebSocket(server.httpsPort ?? 0, register("anna"), cert)).toMatch(/ 401 /);
  // No other device could reach this one.
  expect(server.welcome).not.toContain("https://");
  expect(server.welcome).toMatch(/port \d+ over UDP or TCP, \d+ over TLS/);
  await running.pop()?.close();
  const again = await start(wanted);
  expect(await overHttps(again.httpsPort ?? 0, "/health", cert)).toBe('{"ok":true}');
});

test("RFC 6797 §7.2: without plain HTTP all are led to https, which its port speaks", async () => {
  const { cert, files } = certificateFiles("first");
  const server = await start({ ...files, tlsPort: 0, httpsPort: 0, plainHttp: "off" });
  const plain = `http://127.0.0.1:${server.port}`;
  const led = await fetch(`${plain}/join/abc?x=1`, { redirect: "manual" });
  const to = `https://127.0.0.1:${server.httpsPort}/join/abc?x=1`;
  expect([led.status, led.headers.get("location")]).toEqual([308, to]);
  const posted = { method: "POST", redirect: "manual", body: "{}" } as const;
  expect((await fetch(`${plain}/api/join`, posted)).status).toBe(308);
  expect(await (await fetch(`${plain}/health`)).text()).toBe('{"ok":true}');
  for (const port of [server.port, server.httpsPort ?? 0]) {
    expect(await overHttps(port, "/health", cert)).toBe('{"ok":true}');
    expect(await hstsAt(port, cert)).toMatch(/^max-age=\d{8}$/);
  }
  expect(await overWebSocket(server.port, register("anna"), cert)).toMatch(/^SIP\/2\.0 401 /);
  expect(server.welcome).not.toContain("http://");
});

test("whoever connects there and says nothing is no reason to stay when it stops", async () => {
  const { files } = certificateFiles("first");
  const server = await start({ ...files, tlsPort: 0, httpsPort: 0, plainHttp: "off" });
  const silent = connect(server.port, "127.0.0.1");
  await once(silent, "connect");
  const gone = once(silent, "close");
  await running.pop()?.close();
  await gone;
});

test("an https port in use is said in words, and where it is off there is none", async () => {
  const plain = await start();
  expect([plain.httpsPort, plain.welcome.includes("https://")]).toEqual([undefined, false]);
  const { files } = certificateFiles("first");
  const taken = { ...files, tlsPort: 0, httpsPort: plain.port };
  const elsewhere = { ...taken, data: join(data, "another") };
  await expect(start(elsewhere)).rejects.toThrow(`npm start -- --https-port ${plain.port + 1}`);
});

test("a token of somebody who left registers nobody", async () => {
  const server = await start();
  const anna = await sit("Anna", server);
  const { token } = await anna("POST", "token");
  await anna("POST", "leave");
  const response = await overWebSocket(server.port, register("anna", `Bearer ${token}`));
  expect(response).toMatch(/^SIP\/2\.0 401 /);
});

test("nobody is let in unasked, and MD5 is offered once a desk phone is there", async () => {
  const server = await start();
  const before = await overWebSocket(server.port, register("hall"));
  expect(before).toMatch(/^SIP\/2\.0 401 /);
  expect(before).not.toContain("MD5");
  addHall();
  await expect
    .poll(() => overWebSocket(server.port, register("hall")), { timeout: 2000 })
    .toContain("algorithm=MD5");
});

test("SIP is answered over UDP from the address that was asked", async () => {
  const server = await start();
  const socket = createSocket("udp4");
  const answer = new Promise<string>((resolve) => {
    socket.on("message", (message, from) => resolve(`${from.port} ${message}`));
  });
  socket.bind(0, "127.0.0.1", () => {
    const request = register("hall")
      .replace("SIP/2.0/WS", "SIP/2.0/UDP")
      .replace(";branch", ";rport;branch");
    socket.send(request, server.sipPort, "127.0.0.1");
  });
  expect(await answer).toMatch(new RegExp(`^${server.sipPort} SIP/2\\.0 401 `));
  await new Promise<void>((closed) => socket.close(() => closed()));
});

test("a second start keeps the people and the key, and prints a fresh link", async () => {
  const first = await start();
  await joinAs("Anna", first);
  await running.splice(0)[0]?.close();
  const second = await start();
  expect(codeIn(second.welcome)).not.toBe(codeIn(first.welcome));
  expect(first.welcome).toContain("Who joins first owns this house.");
  expect(second.welcome).not.toContain("Who joins first owns this house.");
  expect(second.welcome).toContain(`http://localhost:${second.port}/ `);
});

test("a phone registered over UDP is still here after a restart, until it signs off", async () => {
  const first = await start();
  const ports = { sipPort: first.sipPort, port: first.port };
  const anna = await sit("Anna", first);
  const registers = async (seq: number, expires: number): Promise<string> => {
    const { token } = await anna("POST", "token");
    const text = register("anna", `Bearer ${token}`)
      .replace("SIP/2.0/WS page.invalid", "SIP/2.0/UDP 127.0.0.1;rport")
      .replace("CSeq: 1", `CSeq: ${seq}`)
      .replace("branch=z9hG4bK1", `branch=z9hG4bK${seq}`)
      .replace("@page.invalid;transport=ws", "@127.0.0.1")
      .replace("Expires: 600", `Expires: ${expires}`);
    return overUdp(first.sipPort, text);
  };
  const isHere = async () => {
    const { people } = (await anna("GET", "people")) as { people: { online: boolean }[] };
    return people[0]?.online;
  };
  const restart = async () => {
    await running.splice(0)[0]?.close();
    await start(ports);
  };
  expect(await registers(1, 600)).toMatch(/^SIP\/2\.0 200 /);
  expect(await isHere()).toBe(true);
  await restart();
  expect(await isHere()).toBe(true);
  expect(await registers(2, 0)).toMatch(/^SIP\/2\.0 200 /);
  expect(await isHere()).toBe(false);
  await restart();
  expect(await isHere()).toBe(false);
});

test("a UDP port in use says which and what to type, and leaves nothing running", async () => {
  const taken = createSocket("udp4");
  await new Promise<void>((bound) => taken.bind(0, "127.0.0.1", bound));
  const { port } = taken.address();
  const other = port + 10 > 65_535 ? port - 10 : port + 10;
  await expect(start({ sipPort: port })).rejects.toThrow(
    `Port ${port} (UDP) is already used by another program. ` +
      `Stop it, or choose another: npm start -- --sip-port ${other}`,
  );
  await new Promise<void>((closed) => taken.close(() => closed()));
  await start({ sipPort: port });
});

test("a TCP port in use says so too, and gives the UDP port back", async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
  const { port } = taken.address() as { port: number };
  const { sipPort } = await start();
  await running.splice(0)[0]?.close();
  await expect(start({ port, sipPort })).rejects.toThrow(`Port ${port} (TCP) is already used`);
  await new Promise<void>((closed) => taken.close(() => closed()));
  await start({ port, sipPort });
});

test("an address of another machine is refused in words", async () => {
  await expect(start({ host: "192.0.2.1" })).rejects.toThrow("not an address of this machine");
});

test("another domain than at the first start is refused in words", async () => {
  await start();
  await expect(start({ domain: "other.example" })).rejects.toThrow(
    "This house is tower since its first start, and --domain says other.example.",
  );
});

test("stopping hangs up on open pages and is done within two seconds", async () => {
  const server = await start();
  const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/sip`, ["sip"]);
  await new Promise((resolve) => webSocket.on("open", resolve));
  const end = new Promise((resolve) => webSocket.on("close", resolve));
  const { seat, headers } = await joinAs("Anna", server);
  const events = await fetch(`${seat}api/events`, { headers });
  expect(events.status).toBe(200);
  const before = performance.now();
  await running.splice(0)[0]?.close();
  expect(await end).toBe(1001);
  expect(performance.now() - before).toBeLessThan(2000);
});

test("a second server on one folder is refused in words, and the first goes on", async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`Another Carillon serves the folder ${data} already.`);
  expect((await fetch(`http://127.0.0.1:${first.port}/health`)).status).toBe(200);
  await running.pop()?.close();
  await start();
});
