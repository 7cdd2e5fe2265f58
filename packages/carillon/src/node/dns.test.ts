import { createSocket, type Socket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { Servers } from "../endpoint/servers.ts";
import { question } from "../locate/naming.ts";
import { wantedByUri } from "../locate/wanted.ts";
import { composeRequest } from "../message/compose.ts";
import type { Flow } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { dns } from "./dns.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { run } from "./runner.ts";
import { udp } from "./udp.ts";

const TYPES = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;

const label = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((part) => Buffer.from([part.length, ...Buffer.from(part)])),
    Buffer.from([0]),
  ]);
const text = (words: string): Buffer => Buffer.from([words.length, ...Buffer.from(words)]);
const u16 = (...all: readonly number[]): Buffer =>
  Buffer.concat(all.map((n) => Buffer.from([n >> 8, n & 255])));

function naptr(replacement: string): Buffer {
  return Buffer.concat([u16(1, 2), text("s"), text("SIP+D2U"), text(""), label(replacement)]);
}

/** What is in the zone: data of one record, by type and name. */
const ZONE: Record<string, Buffer> = {
  "1 a.example": Buffer.from([192, 0, 2, 1]),
  "28 a.example": Buffer.from([0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 1]),
  "33 _sip._udp.example": Buffer.concat([u16(10, 20, 5060), label("a.example")]),
  "35 example": naptr("_sip._udp.example"),
};

/** A name server of one page: RFC 1035, one question, one record at most. */
function reply(query: Buffer): Buffer | undefined {
  const end = query.indexOf(0, 12) + 5;
  const labels: string[] = [];
  for (let at = 12; query[at]; at += (query[at] ?? 0) + 1) {
    labels.push(query.toString("latin1", at + 1, at + 1 + (query[at] ?? 0)));
  }
  const [name, type] = [labels.join("."), query.readUInt16BE(end - 4)];
  if (name === "silent.example") return undefined;
  const data = ZONE[`${type} ${name}`];
  const isKnown = Object.keys(ZONE).some((key) => key.endsWith(` ${name}`));
  const code = name === "broken.example" ? 2 : isKnown ? 0 : 3;
  const head = Buffer.concat([query.subarray(0, 2), u16(0x8180 | code, 1, data ? 1 : 0, 0, 0)]);
  const answer = data && Buffer.concat([u16(0xc00c, type, 1, 0, 77, data.length), data]);
  return Buffer.concat([head, query.subarray(12, end), answer ?? Buffer.alloc(0)]);
}

describe("the DNS of this machine", () => {
  let server: Socket;
  let resolve: ReturnType<typeof dns>;

  beforeAll(async () => {
    server = createSocket("udp4", (query, { address, port }) => {
      const said = reply(query);
      if (said) server.send(said, port, address);
    });
    await new Promise<void>((bound) => server.bind(0, "127.0.0.1", bound));
    resolve = dns({ servers: [`127.0.0.1:${server.address().port}`] });
  });
  afterAll(() => void server.close());

  const ask = (name: string, type: keyof typeof TYPES) => resolve(question(name, type));

  test("answers addresses with their time to live", async () => {
    expect(await ask("a.example", "A")).toEqual({
      kind: "Found",
      records: [{ type: "A", address: "192.0.2.1" }],
      ttlSeconds: 77,
    });
    expect(await ask("a.example", "AAAA")).toEqual({
      kind: "Found",
      records: [{ type: "AAAA", address: "2001:db8::1" }],
      ttlSeconds: 77,
    });
  });

  test("answers SRV and NAPTR, for a minute", async () => {
    expect(await ask("_sip._udp.example", "SRV")).toEqual({
      kind: "Found",
      records: [{ type: "SRV", priority: 10, weight: 20, port: 5060, target: "a.example" }],
      ttlSeconds: 60,
    });
    const replacement = "_sip._udp.example";
    const strings = { flags: "s", service: "SIP+D2U", regexp: "", replacement };
    expect(await ask("example", "NAPTR")).toEqual({
      kind: "Found",
      records: [{ type: "NAPTR", order: 1, preference: 2, ...strings }],
      ttlSeconds: 60,
    });
  });

  test("tells a name that is not from one that has nothing of this type", async () => {
    expect(await ask("nobody.example", "A")).toMatchObject({ kind: "None", why: "NXDOMAIN" });
    expect(await ask("example", "A")).toMatchObject({ kind: "None", why: "NODATA" });
  });

  test("says that it failed, and that nobody answered within about two seconds", async () => {
    expect(await ask("broken.example", "A")).toEqual({ kind: "Failed", why: "SERVFAIL" });
    const since = performance.now();
    expect(await ask("silent.example", "A")).toEqual({ kind: "Failed", why: "timeout" });
    expect(performance.now() - since).toBeLessThan(5000);
  }, 10_000);

  test("RFC 3263 §4 a request finds its way by NAPTR, SRV and address", async () => {
    const peer = createSocket("udp4", (octets, { address, port }) => {
      const [first = "", ...lines] = octets.toString("latin1").split("\r\n");
      const kept = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
      const answer = ["SIP/2.0 200 OK", ...kept, "Content-Length: 0\r\n\r\n"];
      if (first.startsWith("MESSAGE")) peer.send(answer.join("\r\n"), port, address);
    });
    await new Promise<void>((bound) => peer.bind(0, "127.0.0.1", bound));
    const port = peer.address().port;
    ZONE["35 biloxi.example"] = naptr("_sip._udp.biloxi.example");
    ZONE["33 _sip._udp.biloxi.example"] = Buffer.concat([u16(1, 1, port), label("pc.example")]);
    ZONE["1 pc.example"] = Buffer.from([127, 0, 0, 1]);
    const role = { attach() {}, request() {}, ack() {} };
    const endpoint = createEndpoint({ role, crypto: nodeCrypto() });
    endpoint.find(() => new Servers(endpoint));
    const runner = run(endpoint, { dns: resolve });
    const socket = await udp(runner, { host: "127.0.0.1", port: 0 });
    const uri = parseSipUri("sip:bob@biloxi.example");
    const via = ({ transport, local }: Flow) =>
      `SIP/2.0/${transport} ${formatAddress(local)};branch=${endpoint.ids.branch("")}`;
    const status = await new Promise<unknown>((said) => {
      runner.call(() => {
        if (!uri.ok) return said(uri.error);
        endpoint.servers.send(wantedByUri(uri.value), "MESSAGE", {
          compose: (flow) =>
            composeRequest("MESSAGE", "sip:bob@biloxi.example", [
              ["Via", via(flow)],
              ["Max-Forwards", "70"],
              ["From", "<sip:alice@house.example>;tag=1"],
              ["To", "<sip:bob@biloxi.example>"],
              ["Call-ID", "1"],
              ["CSeq", "1 MESSAGE"],
            ]),
          response: (_, response) => said(response.status),
          failed: said,
        });
      });
    });
    expect(status).toBe(200);
    runner.close();
    await socket.close();
    peer.close();
  });

  test("a server that is no address is the caller's mistake", () => {
    expect(() => dns({ servers: ["not an address"] })).toThrow();
  });
});
