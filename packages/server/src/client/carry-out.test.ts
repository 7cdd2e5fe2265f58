import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEndpoint, type Role } from "carillon/endpoint";
import { nodeCrypto, run, tcp } from "carillon/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { readCommand } from "../command.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";
import { carryOutAsClient } from "./carry-out.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
let server: Running;
let secret: string;
let secretOfBob: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-client-"));
  const settings = { ...defaultSettings, data, domain: "house.example", logLevel: "silent" };
  const ports = { host: "127.0.0.1", port: 0, sipPort: 0, tlsPort: 0, httpsPort: 0 };
  server = await serve({ ...settings, ...ports }, world);
  const passwordOf = (person: string): string => {
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    return JSON.parse(carryOutForUser(add, settings, world)).password;
  };
  secret = passwordOf("Anna");
  secretOfBob = passwordOf("Bob");
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

/** What the command line comes to; `%` is the way to the house. */
async function carillon(line: string, password: string | undefined = secret, more: string[] = []) {
  const words = line.replace("%", `--server sip:127.0.0.1:${server.sipPort}`).split(" ");
  const command = readCommand([...words, ...more, "--host", "127.0.0.1"], {});
  if (command.kind !== "Client") throw new RangeError(JSON.stringify(command));
  const report = await carryOutAsClient(command.command, command.settings, {
    password: async () => {
      if (password === "") throw new Error("there is none");
      return password;
    },
  });
  return report.ok ? report : { ok: false, ...report.error };
}

const anna = "sip:anna@house.example";

test("options: what a server can do, and how long it took to say so", async () => {
  const asked = await carillon("options sip:house.example % --user anna");
  expect(asked).toMatchObject({
    ok: true,
    words: expect.stringMatching(
      /^sip:house\.example answers: 200 OK after [\d.]+ ms, from 127\.0\.0\.1:\d+ over UDP\.\n\n/,
    ),
    json: { status: 200, allow: expect.arrayContaining(["INVITE", "MESSAGE"]) },
  });
  expect(asked).toMatchObject({ words: expect.stringMatching(/^ {2}Allow {7}INVITE, ACK/m) });
});

test("options: who wants to know who asks is there, too, and it says how to sign in", async () => {
  expect(await carillon("options sip:house.example %")).toMatchObject({
    ok: true,
    words: expect.stringContaining("Say who you are: --user NAME"),
    json: { status: 407 },
  });
});

test("options: nobody there, in words", async () => {
  const silent = createSocket("udp4");
  await new Promise<void>((bound) => silent.bind(0, "127.0.0.1", bound));
  const uri = `sip:127.0.0.1:${silent.address().port}`;
  expect(await carillon(`options ${uri} --timeout 0.1`)).toMatchObject({
    ok: false,
    code: "NO_ANSWER",
    message: `No answer of ${uri}: nobody answered in time.`,
  });
  await new Promise<void>((closed) => silent.close(() => closed()));
});

test("options: over TCP, and what a stranger writes cannot steer the terminal", async () => {
  let asked = "";
  const role: Role = {
    attach: () => {},
    ack: () => {},
    request: (from) => {
      asked = from.request.text;
      const headers = [["Server", "Evil\u001b[2J"]] as const;
      endpoint.reply(from, { status: 486, headers });
    },
  };
  const endpoint = createEndpoint({ role, crypto: nodeCrypto() });
  const runner = run(endpoint);
  const listener = await tcp(runner, { host: "127.0.0.1", port: 0 });
  const uri = `sip:bob@127.0.0.1:${listener.address.port};transport=tcp`;
  const report = await carillon(`options ${uri}`);
  expect(report).toMatchObject({ ok: true, json: { status: 486, server: "Evil?[2J" } });
  expect(report).toMatchObject({ words: expect.stringContaining("over TCP") });
  expect(report).toMatchObject({ words: expect.not.stringContaining("\u001b") });
  //= RFC 3261 §11.1
  //# An Accept header field SHOULD be included to indicate the type of message body the UAC wishes
  //# to receive in the response.
  expect(asked).toContain("\r\nAccept: application/sdp\r\n");
  runner.close();
  await listener.close();
});

const TAKEN_ON = "has been taken on for delivery: 202 Accepted";

test("message: to nobody of that name, and kept for somebody who is not there", async () => {
  expect(await carillon("message sip:eve@house.example Hi % --user anna")).toMatchObject({
    ok: false,
    code: "REFUSED",
    status: 404,
    hint: "They know nobody of that name.",
  });
  const away = await carillon(`message ${anna} Hi % --user anna`);
  expect(away).toMatchObject({ ok: true, words: expect.stringContaining(TAKEN_ON) });
});

test("message: with a wrong password, with none, and as nobody", async () => {
  const line = `message ${anna} Hi % --user anna`;
  expect(await carillon(line, "guess")).toMatchObject({
    status: 407,
    hint: "The name or the password is wrong.",
  });
  expect(await carillon(line, "")).toMatchObject({
    status: 407,
    hint: "They want a password: set CARILLON_PASSWORD.",
  });
  expect(await carillon(`message ${anna} Hi %`)).toMatchObject({
    status: 407,
    hint: expect.stringContaining("--user NAME"),
  });
});

test("message: the password is not for another realm, and it says whose it would be", async () => {
  const elsewhere = `message sip:anna@127.0.0.1:${server.sipPort} Hi --user anna`;
  expect(await carillon(elsewhere)).toMatchObject({
    status: 407,
    hint: expect.stringContaining('they call themselves "house.example"'),
  });
});

test("register, then a message gets there, then it is taken out again", async () => {
  expect(await carillon(`register ${anna} %`)).toMatchObject({
    words: expect.stringMatching(/^sip:anna@house\.example is registered nowhere: 200 OK/),
  });
  const phone = createSocket("udp4");
  await new Promise<void>((bound) => phone.bind(0, "127.0.0.1", bound));
  let received = "";
  phone.on("message", (bytes, { port, address }) => {
    received = String(bytes);
    const [, ...lines] = received.slice(0, received.indexOf("\r\n\r\n")).split("\r\n");
    const kept = lines.filter((one) => /^(via|from|to|call-id|cseq):/i.test(one));
    phone.send(
      `SIP/2.0 200 OK\r\n${kept.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`,
      port,
      address,
    );
  });
  const contact = `sip:anna@127.0.0.1:${phone.address().port}`;
  expect(await carillon(`register ${anna} % --contact ${contact} --expires 90`)).toMatchObject({
    words: expect.stringContaining("is registered at 1 place: 200 OK"),
    json: { bindings: [{ contact, expiresSeconds: 90 }] },
  });
  const line = `message ${anna}`;
  const sent = await carillon(line, secretOfBob, [
    "Grüße, kommt essen!",
    ...["--user", "bob", "--server", `sip:127.0.0.1:${server.sipPort}`],
  ]);
  expect(sent).toMatchObject({ words: expect.stringContaining(TAKEN_ON) });
  await expect.poll(() => received, { timeout: 20_000 }).toMatch(/\r\n\r\nGrüße, kommt essen!$/);
  //= RFC 3428 §4
  //# User Agents MUST NOT insert Contact header fields into MESSAGE requests.
  expect(received).not.toMatch(/^Contact:/m);
  expect(await carillon(`register ${anna} % --contact ${contact} --remove`)).toMatchObject({
    json: { bindings: [] },
  });
  await carillon(`register ${anna} % --contact ${contact}`);
  expect(await carillon(`register ${anna} % --remove`)).toMatchObject({ json: { bindings: [] } });
  await new Promise<void>((closed) => phone.close(() => closed()));
});

test("register: a wrong password is told from a missing one", async () => {
  expect(await carillon(`register ${anna} %`, "guess")).toMatchObject({
    ok: false,
    status: 401,
    message: expect.stringContaining(`${anna} was refused with 401`),
    hint: "The name or the password is wrong.",
  });
  expect(await carillon(`register ${anna} %`, "")).toMatchObject({
    hint: expect.stringContaining("CARILLON_PASSWORD"),
  });
});
