import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { header, headerLines } from "../message/headers.ts";
import { type Message, parseMessage } from "../message/message.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Role } from "./role.ts";

function stage() {
  const heard: string[] = [];
  const role: Role = {
    attach() {},
    request: (from) => heard.push(from.request.method),
    ack: () => heard.push("ACK"),
  };
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const wire = new Wire(createEndpoint({ role, crypto, product: "Carillon/test" }));
  return { wire, heard, ws: wire.connect() };
}

function read(text: string | undefined): Message | undefined {
  const message = parseMessage(text ?? "");
  return message.ok ? message.value : undefined;
}

const good = requestText("OPTIONS");

describe("a request that cannot be read", () => {
  const faults: readonly (readonly [string, number, string, RegExp])[] = [
    ["no SIP version", 400, good.replace(" SIP/2.0\r\n", " SIP/2\r\n"), /SIP\/2\.0/],
    ["another SIP version", 505, good.replace(" SIP/2.0\r\n", " SIP/3.0\r\n"), /SIP\/2\.0/],
    ["a URI with a space", 400, good.replace("sip:alice@", "sip:al ice@"), /Request-URI/],
    ["a CSeq too large", 400, good.replace("CSeq: 1 ", "CSeq: 2147483648 "), /2\*\*31/],
    ["a CSeq of another method", 400, good.replace("1 OPTIONS", "1 BYE"), /method of CSeq/],
    ["two Content-Lengths", 400, good.replace("\r\n\r\n", "\r\nl: 0\r\n\r\n"), /Content-Length/],
    ["a body that ends early", 400, good.replace("Length: 0", "Length: 7"), /7 octets early/],
    ["too many headers", 513, good.replace("\r\n\r\n", `${"\r\nX: y".repeat(300)}\r\n\r\n`), /256/],
    ["no Call-ID", 400, good.replace("Call-ID: call-1\r\n", ""), /Call-ID is missing/],
    ["two From headers", 400, good.replace("To:", "From: <sip:x@y>\r\nTo:"), /From stands there/],
    ["a To that is none", 400, good.replace("<sip:alice@example.com>", "<<>"), /URI/],
    [
      "headers that are too long",
      513,
      good.replace("\r\n\r\n", `\r\nX: ${"y".repeat(20_000)}\r\n\r\n`),
      /header section/,
    ],
    ["a folded Content-Length", 400, good.replace("Length: 0", "Length:\r\n -1"), /Content-Length/],
  ];

  for (const [what, status, text, why] of faults) {
    test(`with ${what} gets ${status} and why, the same each time, over UDP and WebSocket`, () => {
      const { wire, heard, ws } = stage();
      const cseq = /^CSeq: (.*)$/m.exec(text)?.[1];
      for (const answers of [wire.datagram(text), wire.received(ws, text)]) {
        expect(answers).toHaveLength(1);
        const answer = read(answers[0]);
        expect(answer).toMatchObject({ kind: "Response", status });
        if (!answer) return;
        expect(header(answer, "Warning")).toMatch(/^399 Carillon "[^"]+"$/);
        expect(header(answer, "Warning")).toMatch(why);
        expect(header(answer, "CSeq")).toBe(cseq);
        expect(header(answer, "To")).toMatch(/;tag=/);
      }
      //= RFC 3261 §8.2.7
      //# To header tags MUST be generated for responses in a stateless manner - in a manner that
      //# will generate the same tag for the same request consistently.
      expect(wire.datagram(text)).toEqual(wire.datagram(text));
      //= RFC 3261 §8.2.7
      //# A stateless UAS MUST NOT send provisional (1xx) responses.
      //= RFC 3261 §8.2.7
      //# A stateless UAS MUST NOT retransmit responses.
      expect(wire.wait(60_000), "and nothing is kept").toEqual([]);
      expect(wire.endpoint.census()).toMatchObject({ servers: 0, timers: 0 });
      expect(heard).toEqual([]);
    });
  }

  test("keeps each Via in its answer, folded and compact ones too", () => {
    const { wire } = stage();
    const more = good
      .replace(
        "Via: SIP/2.0/UDP",
        "v: SIP/2.0/UDP\r\n  192.0.2.9:5060;branch=z9hG4bKx\r\nVia: SIP/2.0/TCP",
      )
      .replace(" SIP/2.0\r\n", " SIP/3.0\r\n");
    const answer = read(wire.datagram(more)[0]);
    expect(answer && headerLines(answer, "Via")).toHaveLength(2);
  });

  test("RFC 3261 §7.5 is still answered when empty lines stand before it", () => {
    const { wire } = stage();
    const answer = read(wire.datagram(`\r\n\r\n${good.replace("SIP/2.0\r\n", "SIP/3.0\r\n")}`)[0]);
    expect(answer).toMatchObject({ status: 505 });
  });

  test("RFC 4475 §3.1.2.1, §3.1.2.16 is answered though its Via breaks the grammar", () => {
    const via = "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK";
    expect(good).toContain(via);
    const spoiled: readonly (readonly [string, string, string])[] = [
      ["Via: SIP/2.0/UDP 192.0.2.9:5070;;,;,,\r\nX: ", "400", "192.0.2.9:5070"],
      ["Via: SIP/7.0/UDP 192.0.2.9 ;rport;branch=z9hG4bK", "400", "192.0.2.9:5060"],
      ["Via: SIP/2.0 192.0.2.9:5060, x", "400", "192.0.2.9:5060"],
      ['Via: SIP/2.0/UDP 192.0.2.9;a="', "400", "192.0.2.9:5060"],
    ];
    for (const [line, status, where] of spoiled) {
      const { wire, ws } = stage();
      const text = good.replace(via, line);
      const [answer] = wire.input({
        kind: "Datagram",
        local: { host: "192.0.2.1", port: 5060 },
        remote: { host: "192.0.2.9", port: 5060 },
        octets: text,
      });
      if (answer?.kind !== "Datagram") throw new Error(`no answer to ${line}`);
      expect(answer.octets.slice(8, 11)).toBe(status);
      expect(`${answer.remote.host}:${answer.remote.port}`).toBe(where);
      expect(wire.received(ws, text)).toHaveLength(1);
    }
    const { wire } = stage();
    for (const lost of [
      "Via: 192.0.2.9;x=[",
      "Via: SIP/2.0/UDP ;",
      "Via: SIP/2.0/UDP 192.0.2.9:x;",
    ]) {
      expect(wire.datagram(good.replace(via, lost)), "nowhere to answer to").toEqual([]);
    }
  });

  test("RFC 4475 §3.1.2.15 is answered where only the empty line is missing", () => {
    const { wire, heard } = stage();
    const answer = read(wire.datagram(good.slice(0, -2))[0]);
    expect(answer).toMatchObject({ status: 400 });
    expect(answer && header(answer, "Warning")).toMatch(/empty line/);
    expect(wire.datagram(good.slice(0, -4)), "its last header may be cut").toEqual([]);
    expect(heard).toEqual([]);
  });

  test("RFC 7118 §5 gets 400 on a WebSocket for what stands behind its body", () => {
    const { wire, heard, ws } = stage();
    const two = `${good}${good.replaceAll("call-1", "call-2")}`;
    expect(wire.datagram(two), "discarded: RFC 3261 §18.3").toEqual([]);
    expect(heard).toEqual(["OPTIONS"]);
    const answers = wire.received(ws, two);
    expect(answers.map((text) => read(text))).toMatchObject([{ status: 400 }]);
    expect(heard).toEqual(["OPTIONS"]);
  });

  test("RFC 3261 §8.2.7 is not answered if it is an ACK, a response, or past telling apart", () => {
    const { wire, heard } = stage();
    //= RFC 3261 §8.2.7
    //# A stateless UAS MUST ignore ACK requests.
    const silent = [
      requestText("ACK").replace("CSeq: 1 ", "CSeq: -1 "),
      requestText("ACK").replace(" SIP/2.0\r\n", " SIP/3.0\r\n"),
      good.replace(/^.*\r\n/, "SIP/2.0 900 What\r\n"),
      good.replace(/^.*\r\n/, "SIP/3.0 200 OK\r\n"),
      good.replace("Via:", "Via"),
      good.slice(0, 120),
      "nonsense",
      "\xff\xfe".repeat(300),
    ];
    for (const text of silent) expect(wire.datagram(text)).toEqual([]);
    expect(heard).toEqual([]);
  });
});
