/** Files through the whole program: sent by a phone over WebSocket and TLS, kept, and fetched. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchFile, messageSessions, receiveFiles, sendFile } from "carillon/msrp";
import { Phone, streamMsrp, webSocketMsrp } from "carillon/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings, type Settings } from "../settings.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
const open: { close(): unknown }[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-files-"));
});

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(data, { recursive: true, force: true });
});

async function start(wanted: Partial<Settings> = {}): Promise<Running> {
  const ports = { port: 0, sipPort: 0, tlsPort: undefined, httpsPort: undefined, msrpPort: 0 };
  const settings = {
    ...defaultSettings,
    data,
    host: "127.0.0.1",
    domain: "house.example",
    ...ports,
  };
  const started = await serve({ ...settings, logLevel: "silent", ...wanted }, world);
  open.push(started);
  return started;
}

interface Person {
  readonly phone: Phone;
  readonly token: () => Promise<string>;
}

/** Somebody who has joined, with a phone that signs in as a page does. */
async function person(name: string, server: Running): Promise<Person> {
  const base = `http://127.0.0.1:${server.port}`;
  const headers = { "content-type": "application/json", origin: base };
  const invite = /\/join\/(\w+)$/m.exec(server.welcome)?.[1];
  const body = JSON.stringify({ invite, name });
  const joined = await fetch(`${base}/api/join`, { method: "POST", headers, body });
  const { seat } = (await joined.json()) as { seat: string };
  const cookie = joined.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const token = async (): Promise<string> => {
    const answered = await fetch(`${base}${seat}api/token`, {
      method: "POST",
      headers: { ...headers, cookie },
    });
    return ((await answered.json()) as { token: string }).token;
  };
  const phone = await Phone.open({
    ...{ aor: `sip:${name}@house.example`, token },
    servers: [`ws://127.0.0.1:${server.port}/sip`],
  });
  open.push(phone);
  await phone.register();
  return { phone, token };
}

const digestOf = (some: Uint8Array): string => createHash("sha256").update(some).digest("hex");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const octets = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) * 7) & 0xff);

const HOUSE_FILES = "sip:files@house.example";

const sourceOf = (content: Uint8Array, name: string, type: string) => ({
  ...{ name, type, size: content.length },
  read: async (offset: number, length: number) => content.subarray(offset, offset + length),
});

test("a file sent over WebSocket is kept, and had by its URL and in parts", async () => {
  const server = await start();
  const { phone: anna } = await person("anna", server);
  messageSessions(anna, webSocketMsrp(`ws://127.0.0.1:${server.port}/msrp`));
  const content = octets(3_000_000);
  const told: number[] = [];
  const transfer = sendFile(
    anna,
    "sip:files@house.example",
    sourceOf(content, "a b'ü.jpg", "image/jpeg"),
    {
      progress: (sent) => void told.push(sent),
    },
  );
  const file = await transfer.done;
  if (!file) throw new Error("nobody said where it is");
  const { pathname } = new URL(file.url);
  expect(pathname).toMatch(/^\/f\/[0-9a-f]{32}\/a%20b'%C3%BC\.jpg$/);
  expect(told.at(-1)).toBe(3_000_000);
  const got = await fetch(`http://127.0.0.1:${server.port}${pathname}`);
  expect(got.headers.get("content-type")).toBe("image/jpeg");
  expect(got.headers.get("content-disposition")).toBe(
    "inline; filename*=UTF-8''a%20b%27%C3%BC.jpg",
  );
  expect(got.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  expect(got.headers.get("x-content-type-options")).toBe("nosniff");
  const body = Buffer.from(await got.arrayBuffer());
  expect(createHash("sha256").update(body).digest("hex")).toBe(
    createHash("sha256").update(content).digest("hex"),
  );
  const part = await fetch(`http://127.0.0.1:${server.port}${pathname}`, {
    headers: { range: "bytes=10-19" },
  });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 10-19/3000000"]);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(content.slice(10, 20));
  // And by those who speak MSRP, by the name that it has here.
  const fetched = new Uint8Array(content.length);
  const sink = {
    write: (at: number, some: Uint8Array) => fetched.set(some, at),
    read: (at: number, length: number) => fetched.subarray(at, at + length),
  };
  const id = pathname.split("/")[2] ?? "";
  expect(await fetchFile(anna, HOUSE_FILES, { name: id }, sink)).toBe(content.length);
  expect(digestOf(fetched)).toBe(digestOf(content));
  const none = fetchFile(anna, HOUSE_FILES, { name: "0".repeat(32) }, sink);
  await expect(none).rejects.toMatchObject({ code: "SIP_DECLINED" });
  // Under its own name alone, and as nothing that could be run.
  const [kept] = readdirSync(join(data, "files")).filter((name) => name.endsWith(".data"));
  expect(kept).toMatch(/^[0-9a-f]{32}\.data$/);
  expect(readFileSync(join(data, "files", kept ?? "")).length).toBe(3_000_000);
});

test("over TLS a file comes as well; it outlives the program; HTML is never shown", async () => {
  const server = await start();
  const { phone: bob } = await person("bob", server);
  const ca = readFileSync(join(data, "tls-cert.pem"), "utf8");
  const world = await streamMsrp({ tls: { ca } });
  open.push(world);
  // The house's name is none that a resolver knows: its address is taken.
  messageSessions(bob, {
    ...world,
    connect: (to, user) => world.connect({ ...to, host: "127.0.0.1" }, user),
  });
  const page = new TextEncoder().encode("<script>alert(1)</script>");
  const source = sourceOf(page, "x.html", "text/html");
  const file = await sendFile(bob, HOUSE_FILES, source).done;
  const path = new URL(file?.url ?? "").pathname;
  await open.pop()?.close();
  await open.pop()?.close();
  await open.pop()?.close();
  const again = await start();
  const got = await fetch(`http://127.0.0.1:${again.port}${path}`);
  expect(await got.text()).toBe("<script>alert(1)</script>");
  expect(got.headers.get("content-disposition")).toMatch(/^attachment;/);
});

test("who lives there is relayed, by token and by digest, and nobody else", async () => {
  const server = await start();
  const [anna, ben] = [await person("anna", server), await person("ben", server)];
  const uri = `msrps://house.example:${server.msrpPort};ws`;
  const there = webSocketMsrp(`ws://127.0.0.1:${server.port}/msrp`);
  for (const one of [anna, ben]) {
    messageSessions(one.phone, there, { relay: { uri, credentials: { token: one.token } } });
  }
  const content = octets(1_000_000);
  const came = Buffer.alloc(content.length);
  void receiveFiles(ben.phone)
    .next()
    .then(({ value }) =>
      value?.accept({
        write: (at: number, some: Uint8Array) => came.set(some, at),
        read: (at: number, length: number) => came.subarray(at, at + length),
      }),
    );
  await sendFile(anna.phone, "sip:ben@house.example", sourceOf(content, "a", "text/plain")).done;
  expect(digestOf(came)).toBe(digestOf(content));
  const eve = await person("eve", server);
  const forged = { relay: { uri, credentials: { token: async () => "AAAA.BBBB" } } };
  messageSessions(eve.phone, there, forged);
  const refused = sendFile(
    eve.phone,
    "sip:ben@house.example",
    sourceOf(content, "a", "text/plain"),
  );
  await expect(refused.done).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED" });
});

test("a file goes on behind a restart of the house, where it was", async () => {
  const server = await start({ port: await freePort() });
  const anna = await person("anna", server);
  messageSessions(anna.phone, webSocketMsrp(`ws://127.0.0.1:${server.port}/msrp`));
  const content = octets(6_000_000);
  const source = sourceOf(content, "long.bin", "application/octet-stream");
  let highest = 0;
  const transfer = sendFile(
    anna.phone,
    HOUSE_FILES,
    {
      ...source,
      read: async (offset, length) => {
        if (length < 200_000) await new Promise((resolve) => setTimeout(resolve, 4));
        return source.read(offset, length);
      },
    },
    { progress: (sent) => (highest = sent) },
  );
  while (highest < 2_000_000) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.close();
  open.splice(open.indexOf(server), 1);
  const before = highest;
  await start({ port: server.port });
  const file = await transfer.done;
  const got = await fetch(`http://127.0.0.1:${server.port}${new URL(file?.url ?? "").pathname}`);
  expect(digestOf(Buffer.from(await got.arrayBuffer()))).toBe(digestOf(content));
  expect(before).toBeLessThan(6_000_000);
  // One file, and nothing that was begun anew.
  expect(readdirSync(join(data, "files")).filter((name) => !name.endsWith(".json"))).toHaveLength(
    1,
  );
}, 60_000);

test("the box takes files alone, and from the house's server alone", async () => {
  const server = await start();
  const anna = await person("anna", server);
  await expect(anna.phone.message(HOUSE_FILES, "hello")).rejects.toMatchObject({ status: 405 });
  const call = anna.phone.call(HOUSE_FILES);
  expect((await call.ended).by).not.toBe("local");
});
