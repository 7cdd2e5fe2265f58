import { createSocket, type RemoteInfo } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Answer as DnsAnswer, Question as DnsQuestion } from "../locate/naming.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import { testAccounts } from "../testing/accounts.ts";
import { answerTo, read } from "../testing/lone-phone.ts";
import type { Question } from "../ua/user-agent-client.ts";
import { dialler } from "./dialler.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { run } from "./runner.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";
import { userAgentClient } from "./user-agent-client.ts";

const HERE = { host: "127.0.0.1", port: 0 };
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A domain on real sockets; its UDP and TCP ports. */
async function house() {
  const crypto = nodeCrypto();
  const role = domain({
    ...{ domain: "house.example", aliases: [], realm: "house.example", node: "n1", crypto },
    accounts: testAccounts(crypto, "house.example", { alice: "a secret", bob: "b secret" }),
    location: new MemoryLocation(),
    ...{ key: crypto.randomBytes(32), tokenKey: crypto.randomBytes(32) },
  });
  const endpoint = createEndpoint({ role, crypto, node: "n1", product: "House/1" });
  const runner = run(endpoint, { dialler: dialler() });
  const [datagrams, streams] = [await udp(runner, HERE), await tcp(runner, HERE)];
  closing.push(async () => {
    runner.close();
    await Promise.all([datagrams.close(), streams.close()]);
  });
  return { udp: datagrams.address.port, tcp: streams.address.port };
}

type Reply = (request: Request, from: RemoteInfo) => string | undefined;

/** A server that says what the test says; its port, and what it was asked. */
async function scripted(reply: Reply) {
  const asked: Request[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => {
    const request = read(bytes.toString("latin1"));
    if (request.kind !== "Request") return;
    asked.push(request);
    const text = reply(request, from);
    if (text !== undefined) socket.send(Buffer.from(text, "latin1"), from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  closing.push(() => new Promise((closed) => void socket.close(() => closed())));
  return { port: socket.address().port, asked };
}

async function ask(
  question: Partial<Question> & Pick<Question, "uri">,
  dns?: (question: DnsQuestion) => Promise<DnsAnswer>,
) {
  const client = await userAgentClient({ hosts: ["127.0.0.1"], ...(dns && { dns }) });
  closing.push(async () => client[Symbol.asyncDispose]());
  return client.ask({ method: "OPTIONS", from: "sip:alice@house.example", ...question });
}

/** Alice, who counts how often she was asked for her password. */
function alice(password = "a secret", realm?: string) {
  let times = 0;
  const typed = async () => {
    times++;
    return password;
  };
  const account = { username: "alice", password: typed, ...(realm && { realm }) };
  return { account, times: () => times };
}

const digest = (realm: string, algorithm = "SHA-256", nonce = "n1") =>
  `WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"`;
const challenging =
  (...lines: string[]): Reply =>
  (request) =>
    header(request, "Authorization") === undefined
      ? answerTo(request, 401, { lines })
      : answerTo(request, 200);

describe("a single question", () => {
  test.each(["udp", "tcp"] as const)("is answered over %s, with the password", async (way) => {
    const ports = await house();
    const server = `sip:127.0.0.1:${ports[way]};transport=${way}`;
    const { account, times } = alice();
    const answer = await ask({ uri: "sip:house.example", server, account });
    expect(answer).toMatchObject({
      kind: "Answered",
      response: { status: 200 },
      flow: { transport: way.toUpperCase(), remote: { host: "127.0.0.1", port: ports[way] } },
    });
    if (answer.kind !== "Answered") return;
    expect(header(answer.response, "Server")).toBe("House/1");
    expect(answer.roundTripMs).toBeGreaterThan(0);
    expect(answer.roundTripMs).toBeLessThan(5000);
    expect(times()).toBe(1);
  });

  test("RFC 3261 §22.1 is not tried again with a password that was wrong", async () => {
    const { udp: port } = await house();
    const { account, times } = alice("a guess");
    const server = `sip:127.0.0.1:${port}`;
    const answer = await ask({ uri: "sip:bob@house.example", server, account });
    expect(answer).toMatchObject({ response: { status: 407 } });
    expect(times()).toBe(1);
  });

  test("RFC 3261 §21.4.5 hears that there is nobody of that name", async () => {
    const { udp: port } = await house();
    const server = `sip:127.0.0.1:${port}`;
    const answer = await ask({ uri: "sip:eve@house.example", server, ...alice() });
    expect(answer).toMatchObject({ response: { status: 404 } });
  });

  test("ends in words when nobody answers in time", async () => {
    const { port, asked } = await scripted(() => undefined);
    const answer = await ask({ uri: `sip:127.0.0.1:${port}`, timeoutMs: 100 });
    expect(answer).toEqual({
      ...{ kind: "Unanswered", reason: "timeout", words: "nobody answered in time" },
    });
    expect(asked.length).toBeGreaterThan(0);
  });

  test("ends in words where no connection is to be had", async () => {
    const { port } = await scripted(() => undefined);
    const answer = await ask({ uri: `sip:127.0.0.1:${port};transport=tcp` });
    expect(answer).toMatchObject({ kind: "Unanswered", reason: "transport" });
  });

  test("RFC 3261 §21.5.4 of a server that is busy says so", async () => {
    const { port } = await scripted((request) => answerTo(request, 503));
    const answer = await ask({ uri: `sip:127.0.0.1:${port}` });
    expect(answer).toMatchObject({ kind: "Unanswered", reason: "unavailable" });
  });

  test("a provisional response is not the answer", async () => {
    const { port } = await scripted((request, { port: to, address }) => {
      const later = createSocket("udp4");
      later.send(answerTo(request, 200), to, address, () => later.close());
      return answerTo(request, 183);
    });
    const answer = await ask({ uri: `sip:127.0.0.1:${port}` });
    expect(answer).toMatchObject({ response: { status: 200 } });
  });
});

describe("the password of a single question", () => {
  test("RFC 8760 §2.4 answers the topmost challenge that it can", async () => {
    const { port, asked } = await scripted(
      challenging(
        digest("house.example", "SHA3-999"),
        digest("house.example", "SHA-512-256"),
        digest("house.example", "MD5"),
      ),
    );
    const server = `sip:127.0.0.1:${port}`;
    const answer = await ask({ uri: "sip:house.example", server, ...alice() });
    expect(answer).toMatchObject({ response: { status: 200 } });
    //= RFC 8760 §2.4
    //# it SHOULD use the topmost header field that it supports
    expect(header(asked[1] as Request, "Authorization")).toContain("algorithm=SHA-512-256");
    expect(header(asked[1] as Request, "CSeq")).toBe("2 OPTIONS");
    expect(header(asked[1] as Request, "Call-ID")).toBe(header(asked[0] as Request, "Call-ID"));
  });

  test("is not shown to a stranger, not even for the right realm", async () => {
    const { port, asked } = await scripted(challenging(digest("house.example")));
    const { account, times } = alice();
    const answer = await ask({ uri: `sip:127.0.0.1:${port}`, account });
    expect(answer).toMatchObject({ response: { status: 401 } });
    expect([asked.length, times()]).toEqual([1, 0]);
  });

  test("is not shown for a stranger's realm, whoever passes the challenge on", async () => {
    const { port } = await scripted(challenging(digest("elsewhere")));
    const question = { uri: "sip:bob@house.example", server: `sip:127.0.0.1:${port}` };
    const { account, times } = alice();
    expect(await ask({ ...question, account })).toMatchObject({ response: { status: 401 } });
    expect(times()).toBe(0);
    const named = alice("a secret", "elsewhere");
    expect(await ask({ ...question, ...named })).toMatchObject({ response: { status: 200 } });
    expect(named.times()).toBe(1);
  });

  test("is for any realm of the registrar, unless one was named", async () => {
    const { port } = await scripted(challenging(digest("tower")));
    const question = {
      ...{ method: "REGISTER", uri: "sip:house.example", server: `sip:127.0.0.1:${port}` },
    };
    expect(await ask({ ...question, ...alice() })).toMatchObject({ response: { status: 200 } });
    const other = alice("a secret", "house.example");
    expect(await ask({ ...question, ...other })).toMatchObject({ response: { status: 401 } });
    expect(other.times()).toBe(0);
  });

  test("that is not to be had leaves the challenge as the answer", async () => {
    const { port } = await scripted(challenging(digest("house.example")));
    const account = { username: "alice", password: () => Promise.reject(new Error("no")) };
    const server = `sip:127.0.0.1:${port}`;
    const answer = await ask({ uri: "sip:house.example", server, account });
    expect(answer).toMatchObject({ response: { status: 401 } });
  });

  test("may be typed slowly: the time to answer is the server's", async () => {
    const { port } = await scripted(challenging(digest("house.example")));
    const password = () => new Promise<string>((typed) => setTimeout(() => typed("x"), 400));
    const answer = await ask({
      ...{ uri: "sip:house.example", server: `sip:127.0.0.1:${port}`, timeoutMs: 250 },
      account: { username: "alice", password },
    });
    expect(answer).toMatchObject({ response: { status: 200 } });
  });

  test("goes to the server that made the nonce, whichever of several it was", async () => {
    const its: Reply[] = ["one", "two"].map((nonce) => (request) => {
      const shown = header(request, "Authorization");
      const lines = [digest("house.example", "SHA-256", nonce)];
      return shown?.includes(`nonce="${nonce}"`)
        ? answerTo(request, 200)
        : answerTo(request, 401, { lines });
    });
    const [one, two] = [await scripted(its[0] as Reply), await scripted(its[1] as Reply)];
    const srv = [one, two].map(({ port }) => ({
      ...{ type: "SRV" as const, priority: 1, weight: 50, port, target: "a.house.example" },
    }));
    const dns = async ({ type }: DnsQuestion): Promise<DnsAnswer> => {
      const found = { kind: "Found", ttlSeconds: 60 } as const;
      if (type === "SRV") return { ...found, records: srv };
      if (type === "A") return { ...found, records: [{ type, address: "127.0.0.1" }] };
      return { kind: "None", why: "NODATA", ttlSeconds: 60 };
    };
    for (let i = 0; i < 12; i++) {
      const question = { uri: "sip:bob@house.example", ...alice() };
      expect(await ask(question, dns)).toMatchObject({ response: { status: 200 } });
    }
    // Both had their share, and no challenge was taken to the other one.
    expect(one.asked.length).toBeGreaterThan(0);
    expect(two.asked.length).toBeGreaterThan(0);
    expect(one.asked.length + two.asked.length).toBe(24);
  });
});

test("RFC 3261 §8.1.2 what is for a SIPS URI goes over TLS, whoever is asked", async () => {
  const first = Promise.withResolvers<number | undefined>();
  const server = createServer((socket) => {
    socket.once("data", (bytes: Buffer) => {
      first.resolve(bytes[0]);
      socket.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closing.push(() => new Promise((closed) => void server.close(() => closed())));
  const { port } = server.address() as AddressInfo;
  const answer = ask({ uri: "sips:bob@house.example", server: `sip:127.0.0.1:${port}` });
  //= RFC 3261 §8.1.2
  //# If the Request-URI contains a SIPS URI, any alternate destinations MUST be contacted with TLS.
  const HANDSHAKE = 22;
  expect(await first.promise).toBe(HANDSHAKE);
  expect(await answer).toMatchObject({ kind: "Unanswered", reason: "transport" });
});

test("RFC 3428 §8 a text that is too long for a MESSAGE is not sent", async () => {
  const { port, asked } = await scripted((request) => answerTo(request, 200));
  const question = { method: "MESSAGE", uri: `sip:127.0.0.1:${port}` };
  const long = await ask({ ...question, body: "x".repeat(1200) });
  //= RFC 3428 §8
  //# The size of MESSAGE requests outside of a media session MUST NOT exceed 1300 bytes
  expect(long).toMatchObject({ kind: "Unanswered", reason: "too-large" });
  expect(asked).toEqual([]);
  const short = await ask({ ...question, body: "x".repeat(500) });
  expect(short).toMatchObject({ response: { status: 200 } });
});

test("what is no SIP URI is the caller's mistake", async () => {
  await expect(ask({ uri: "bob" })).rejects.toThrow(RangeError);
});
