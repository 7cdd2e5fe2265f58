/** What breaks the grammar of each header. */
import { describe, expect, test } from "vitest";
import { KNOWN_HEADERS, type KnownHeader } from "../header-name.ts";
import { HEADERS } from "./registry.ts";

const EMPTY_IS_FINE = new Set<KnownHeader>([
  ...(["Accept", "Accept-Encoding", "Accept-Language", "Accept-Resource-Priority"] as const),
  ...(["Allow", "Organization", "P-Early-Media", "Recv-Info", "Subject", "Supported"] as const),
]);

const REFUSED: Partial<Record<KnownHeader, readonly string[]>> = {
  Accept: ["text", "text/", "/html", "text/html;", "text;a/b", 'text/html;a="'],
  "Accept-Contact": ["audio", "*audio", "*;a;a", "*,"],
  "Accept-Resource-Priority": ["dsn", "dsn.", ".flash", "a.b.c"],
  "Alert-Info": ["http://a", "<>", "<a", "<a b>", "<a>b", "<a>;;"],
  "AlertMsg-Error": ["", "x", "1000", "-1", '100 message="a"', "100;;"],
  Allow: ["INVITE,", "IN VITE", "<INVITE>"],
  "Answer-Mode": [";require", "Auto;require;require"],
  "Authentication-Info": ["a", "a=", "=b", "a=b,a=c", 'a="b', "a=b c", 'a="b"c'],
  Authorization: ["Digest,", 'Digest realm="a" nonce="b"', "(x)", "Bearer a b"],
  "Call-ID": ["a@", "@b", "a@b@c", "a b", "a;b", "a,b", "\xff"],
  Contact: ["*,*", "*, <sip:a>", "<sip:a>,", "<sip:a"],
  "Content-ID": ["a@b", "<a>", "<@b>", "<a@>", "<a b@c>", "<<a@b>>"],
  "Content-Length": ["-1", "+1", "0x1", "1 1", "1,1", "1.0", "65536", "99999999999999999"],
  "Content-Type": ["text", "*/*", "text/*", "text/plain;=a"],
  CSeq: ["1", "INVITE 1", "2147483648 INVITE"],
  Date: [
    ...[
      "Fri, 01 Jan 2010 16:00:00 EST",
      "Sat, 14 Nov 2010 23:29:00 GMT",
      "13 Nov 2010 23:29:00 GMT",
    ],
    ...[
      "Sat, 31 Apr 2010 23:29:00 GMT",
      "Sat, 13 nov 2010 23:29:00 GMT",
      "Sat, 13 Nov 2010 24:29:00 GMT",
    ],
    ...[
      "Sat, 13 Nov 2010 23:29:60 GMT",
      "Sat,  3 Nov 2010 23:29:00 GMT",
      "Sat, 13 Nov 2010 23:2x:00 GMT",
    ],
  ],
  Diversion: ["sip:a", "<sip:a>;counter=100", "<sip:a>;limit=x"],
  Event: ["a b", ";id=1", "presence,dialog"],
  Expires: ["4294967296", "1.5", "soon"],
  From: ["<sip:a>;tag=1;tag=2", "<sip:a", "a, b <sip:c>"],
  Geolocation: ["cid:a@b", "<>", "<a", "<a b>", "<a>,"],
  "Geolocation-Error": ["x", "1000", "1.5", "100;code=a b"],
  "Geolocation-Routing": ["yes;no", "yes no", '"yes"', "=yes", "yes,no"],
  "History-Info": [
    "<sip:a>",
    "<sip:a>;index=",
    "<sip:a>;index=1.",
    "<sip:a>;index=1;rc=x",
    "sip:a;index=1",
  ],
  Identity: [
    "abc",
    "abc;info=https://a",
    "abc;info=<>",
    ";info=<a>",
    "a b;info=<a>",
    "abc;info=<a b>",
    "abc;alg=x",
  ],
  "In-Reply-To": ["a,", "a b", "a@b@c"],
  Join: ["a", "a;to-tag=1", "a;to-tag=1;from-tag", ";to-tag=1;from-tag=2"],
  "Max-Forwards": ["256", "-1", "1.5"],
  "MIME-Version": ["1", "1.", ".0", "1.0.0", "a.b"],
  "Min-SE": ["x", "1;;", "-1"],
  "P-Asserted-Service": ["a", "urn:", "urn:a b", "urn:a;b"],
  "Permission-Missing": ["a b", "<sip:a", "sip:a,"],
  "Policy-Contact": ["sip:a", "<sip:a", "<sip:a>,"],
  "Policy-ID": ["<sip:a", "sip:a,", "sip:a b"],
  Path: ["sip:a", 'sip:a;x="<sip:b>"', '"<" sip:a', "<sip:a>,sip:b"],
  Priority: ["very urgent"],
  Privacy: ["id;", ";id", "id,header", "a b"],
  RAck: ["1 1", "0 1 INVITE", "1 INVITE", "4294967296 1 INVITE", "1 2147483648 INVITE"],
  Reason: ["SIP;cause=x", ";cause=200", "SIP;cause=100000", "SIP;cause=1;cause=1"],
  "Refer-Sub": ["maybe", "true false"],
  Replaces: [
    "a",
    "a;to-tag=1",
    "a;from-tag=1",
    "a b;to-tag=1;from-tag=2",
    "a;to-tag=1;to-tag=2;from-tag=3",
  ],
  "Retry-After": ["soon", "1 (a", "1 a", "1;duration=x", "1 (a))", "-1"],
  RSeq: ["0", "4294967296", "a"],
  Server: ["/1", "a/", "a (b", "a)", "a,b"],
  "Session-Expires": ["1;refresher=me", "refresher=uac", "4294967296"],
  "Session-ID": ["abc", "g".repeat(32), `${"0".repeat(32)};remote=1`],
  "SIP-ETag": ["a b", '"a"'],
  "Subscription-State": ["active;expires=x", "active;retry-after=-1", "a b"],
  "Target-Dialog": [";local-tag=1", "a b", "a;local-tag=1;local-tag=2"],
  Timestamp: [".5", "a", "1 a", "1.2.3", "1 2 3", "1a"],
  "Trigger-Consent": [
    "sip:a@h",
    'sip:a@h;target-uri="b c:d"',
    'sip:a@h;target-uri="nowhere"',
    '<sip:a@h;x>;target-uri="sip:b@h"',
    '"A" <sip:a@h>;target-uri="sip:b@h"',
    'nobody;target-uri="sip:b@h"',
  ],
  "User-to-User": ['"a', "a b", ";encoding=hex", '""x'],
  Via: ["SIP/2.0/UDP", "SIP/3.0/UDP a", "SIP/2.0/UDP a;;", "SIP/2.0/UDP a,"],
  Warning: ['30 a "b"', "307 a b", '307 "b"', "307 a", '307a "b"', '3070 a "b"', '307 a "b'],
};

describe("what breaks the grammar is refused with 400", () => {
  test.each(KNOWN_HEADERS)("%s", (name) => {
    const { parse, rfc } = HEADERS[name];
    const isOpaque = parse("").ok && parse('\x01,;"<').ok;
    const texts = EMPTY_IS_FINE.has(name) || isOpaque ? [] : ["", " "];
    for (const text of [...texts, ...(REFUSED[name] ?? [])]) {
      const result = parse(text);
      expect([text, result.ok]).toEqual([text, false]);
      if (!result.ok) expect(result.error).toMatchObject({ status: 400 });
    }
    expect(rfc).toBeTruthy();
  });
});
