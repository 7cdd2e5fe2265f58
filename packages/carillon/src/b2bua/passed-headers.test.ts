import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeRequest } from "../message/compose.ts";
import { parseMessage } from "../message/message.ts";
import { MessageGenerator, textOf } from "../testing/message-generator.ts";
import { seeded } from "../testing/random.ts";
import { MappedIds } from "./mapped-ids.ts";
import { passedHeaders } from "./passed-headers.ts";

const request = (lines: readonly string[], method = "INFO") => {
  const read = parseMessage(
    `${method} sip:b@192.0.2.1 SIP/2.0\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`,
  );
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

const open = { ids: new MappedIds(), hide: false };
const hidden = { ids: new MappedIds(), hide: true };

const SECRETS = [
  "Via: SIP/2.0/UDP 10.9.8.7:5060;branch=z9hG4bK1;received=203.0.113.9",
  "Record-Route: <sip:10.9.8.1;lr>",
  "Route: <sip:10.9.8.2;lr>",
  "Path: <sip:10.9.8.3;lr>",
  "From: <sip:alice@10.9.8.7>;tag=secret-tag",
  "To: <sip:bob@192.0.2.1>;tag=other-tag",
  "Call-ID: secret-call@10.9.8.7",
  "CSeq: 4711 INFO",
  "Contact: <sip:alice@10.9.8.7:5060>",
  "User-Agent: Secret/1.0 (10.9.8.7)",
  "Server: Secret/1.0",
  "Organization: Secret",
  'Warning: 399 10.9.8.7 "secret"',
  "Call-Info: <http://10.9.8.7/photo.jpg>;purpose=icon",
  "Reply-To: <sip:alice@10.9.8.7>",
  "History-Info: <sip:alice@10.9.8.7>;index=1",
  "Session-ID: secret",
  'Authorization: Digest username="secret"',
  'Proxy-Authorization: Digest username="secret"',
];

describe("RFC 7092 §3.1: what goes on from one side to the other", () => {
  test("headers that the agent does not know, and those for people, go through as they are", () => {
    const lines = ["Subject: lunch", 'X-Unknown:  a,  b;c="d"', "Alert-Info: <urn:alert:x>"];
    expect(passedHeaders(request(lines), open, "INFO")).toEqual([
      ["Subject", "lunch"],
      ["X-Unknown", 'a,  b;c="d"'],
      ["Alert-Info", "<urn:alert:x>"],
    ]);
  });

  test("nothing of a transaction, a dialog, a way or a credential does", () => {
    const names = passedHeaders(request(SECRETS), open, "INFO").map(([name]) => name);
    expect(names).toEqual([
      ...["Organization", "Warning", "Call-Info", "Reply-To", "History-Info", "Session-ID"],
    ]);
  });

  test("where it is to be hidden, nothing tells where the other side is, or with what", () => {
    const fields = passedHeaders(request([...SECRETS, "Subject: lunch"]), hidden, "INFO");
    expect(fields).toEqual([["Subject", "lunch"]]);
  });

  test("what names the call, names it as the other side knows it", () => {
    const ids = new MappedIds();
    ids.join(
      { callId: "a", localTag: "a1", remoteTag: "a2" },
      { callId: "b", localTag: "b1", remoteTag: "b2" },
    );
    const lines = ["Target-Dialog: a;local-tag=a1;remote-tag=a2", "In-Reply-To: a"];
    expect(passedHeaders(request(lines), { ids, hide: false }, "INFO")).toEqual([
      ["Target-Dialog", "b;local-tag=b2;remote-tag=b1"],
      ["In-Reply-To", "b"],
    ]);
  });
});

test("whatever came can be composed again, on the other side", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = new MessageGenerator(seeded(seed));
      const message = g.message("INFO sip:bob@house.example SIP/2.0", [
        g.lines("Via", ["SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx"]),
        [g.line(g.token(), [g.token()])],
        [g.line("Subject", [g.token()])],
        [g.line("Contact", ["<sip:a@b>"])],
      ]);
      const read = parseMessage(textOf(message));
      if (!read.ok) return;
      for (const how of [open, hidden]) {
        const fields = passedHeaders(read.value, how, "INFO");
        expect(() => composeRequest("INFO", "sip:x@y", fields)).not.toThrow();
      }
    }),
  );
});
