/** What RFC 3261's own examples say. */
import { describe, expect, test } from "vitest";
import { KNOWN_HEADERS, type KnownHeader } from "../header-name.ts";
import { HEADERS } from "./registry.ts";

const map = (object: Record<string, string> = {}) => new Map(Object.entries(object));
const at = (uri: string, params: Record<string, string> = {}, displayName = "") => ({
  displayName,
  uri,
  params: map(params),
});
const of = (token: string, params: Record<string, string> = {}) => ({ token, params: map(params) });

type Examples = readonly (readonly [text: string, value: unknown])[];

const EXAMPLES: Partial<Record<KnownHeader, Examples>> = {
  Accept: [
    [
      "application/sdp;level=1, application/x-private, text/html",
      [
        { type: "application", subtype: "sdp", params: map({ level: "1" }) },
        { type: "application", subtype: "x-private", params: map() },
        { type: "text", subtype: "html", params: map() },
      ],
    ],
    ["Text / * ;q=0.5", [{ type: "text", subtype: "*", params: map({ q: "0.5" }) }]],
    ["", []],
  ],
  "Accept-Encoding": [
    ["gzip", [of("gzip")]],
    ["", []],
    ["*;q=0", [of("*", { q: "0" })]],
  ],
  "Accept-Language": [
    ["da, en-gb;q=0.8, en;q=0.7", [of("da"), of("en-gb", { q: "0.8" }), of("en", { q: "0.7" })]],
  ],
  "Alert-Info": [
    [
      "<http://www.example.com/sounds/moo.wav>",
      [{ uri: "http://www.example.com/sounds/moo.wav", params: map() }],
    ],
  ],
  Allow: [
    ["INVITE, ACK, OPTIONS, CANCEL, BYE", ["INVITE", "ACK", "OPTIONS", "CANCEL", "BYE"]],
    ["", []],
  ],
  "Authentication-Info": [
    [
      'nextnonce="47364c23432d2e131a5fb210812c"',
      map({ nextnonce: "47364c23432d2e131a5fb210812c" }),
    ],
    [
      'qop=auth, rspauth="ab", cnonce="c", nc=00000001',
      map({
        qop: "auth",
        rspauth: "ab",
        cnonce: "c",
        nc: "00000001",
      }),
    ],
  ],
  Authorization: [
    [
      'Digest username="Alice", realm="atlanta.com", nonce="84a4c", response="7587"',
      {
        scheme: "Digest",
        token68: undefined,
        params: map({
          username: "Alice",
          realm: "atlanta.com",
          nonce: "84a4c",
          response: "7587",
        }),
      },
    ],
    ["Bearer a.b-c_d==", { scheme: "Bearer", token68: "a.b-c_d==", params: map() }],
  ],
  "Call-ID": [
    [
      "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com",
      "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com",
    ],
    ['a"<b>', 'a"<b>'],
  ],
  "Call-Info": [
    [
      "<http://wwww.example.com/alice/photo.jpg> ;purpose=icon,\r\n <http://www.example.com/alice/> ;purpose=info",
      [
        { uri: "http://wwww.example.com/alice/photo.jpg", params: map({ purpose: "icon" }) },
        { uri: "http://www.example.com/alice/", params: map({ purpose: "info" }) },
      ],
    ],
  ],
  Contact: [
    ["*", "*"],
    [
      '"Mr. Watson" <sip:watson@h> ;q=0.7; expires=3600, "Mr. Watson" <mailto:watson@h> ;q=0.1',
      [
        at("sip:watson@h", { q: "0.7", expires: "3600" }, "Mr. Watson"),
        at("mailto:watson@h", { q: "0.1" }, "Mr. Watson"),
      ],
    ],
  ],
  "Content-Disposition": [["session;handling=optional", of("session", { handling: "optional" })]],
  "Content-Encoding": [["gzip, tar", ["gzip", "tar"]]],
  "Content-Language": [["fr, en-gb", ["fr", "en-gb"]]],
  "Content-Length": [
    ["349", 349],
    ["0", 0],
  ],
  "Content-Type": [
    [
      "text/html; charset=ISO-8859-4",
      {
        type: "text",
        subtype: "html",
        params: map({ charset: "ISO-8859-4" }),
      },
    ],
    [
      'multipart/mixed;boundary="a b"',
      {
        type: "multipart",
        subtype: "mixed",
        params: map({ boundary: "a b" }),
      },
    ],
  ],
  CSeq: [["4711 INVITE", { number: 4711, method: "INVITE" }]],
  Date: [["Sat, 13 Nov 2010 23:29:00 GMT", Date.UTC(2010, 10, 13, 23, 29)]],
  "Error-Info": [
    [
      "<sip:not-in-service-recording@atlanta.com>",
      [{ uri: "sip:not-in-service-recording@atlanta.com", params: map() }],
    ],
  ],
  Expires: [
    ["5", 5],
    ["4294967295", 4_294_967_295],
  ],
  From: [['"A. G. Bell" <sip:agb@h> ;tag=a48s', at("sip:agb@h", { tag: "a48s" }, "A. G. Bell")]],
  "In-Reply-To": [["70710@saturn.bell-tel.com, 17320@h", ["70710@saturn.bell-tel.com", "17320@h"]]],
  "Max-Forwards": [
    ["6", 6],
    ["255", 255],
  ],
  "MIME-Version": [["1.0", { major: 1, minor: 0 }]],
  "Min-Expires": [["60", 60]],
  Organization: [
    ["Boxes by Bob", "Boxes by Bob"],
    ["M\xc3\xbcller", "Müller"],
    ["", ""],
  ],
  Priority: [["non-urgent", "non-urgent"]],
  "Proxy-Require": [["foo", ["foo"]]],
  "Record-Route": [["<sip:server10.biloxi.com;lr>", [at("sip:server10.biloxi.com;lr")]]],
  Require: [["100rel", ["100rel"]]],
  "Retry-After": [
    [
      "18000;duration=3600",
      { seconds: 18000, comment: undefined, durationSeconds: 3600, params: map() },
    ],
    [
      "120 (I'm in a (long) meeting)",
      {
        seconds: 120,
        comment: "I'm in a (long) meeting",
        durationSeconds: undefined,
        params: map(),
      },
    ],
  ],
  Server: [
    [
      "HomeServer v2",
      [
        { kind: "Product", name: "HomeServer", version: undefined },
        { kind: "Product", name: "v2", version: undefined },
      ],
    ],
    [
      "A / 1.0 (b (c)) D",
      [
        { kind: "Product", name: "A", version: "1.0" },
        { kind: "Comment", raw: "b (c)" },
        { kind: "Product", name: "D", version: undefined },
      ],
    ],
  ],
  Subject: [
    ["Need more boxes", "Need more boxes"],
    ["a,\r\n b", "a, b"],
  ],
  Supported: [
    ["", []],
    ["100rel", ["100rel"]],
  ],
  Timestamp: [
    ["54", { sent: "54", delay: undefined }],
    ["54.21 0.5", { sent: "54.21", delay: "0.5" }],
  ],
  Via: [
    [
      "SIP / 2.0 / UDP first.example.com: 4000;ttl=16, SIP/2.0/tcp [::1]",
      [
        { transport: "UDP", host: "first.example.com", port: 4000, params: map({ ttl: "16" }) },
        { transport: "TCP", host: "::1", port: undefined, params: map() },
      ],
    ],
  ],
  Warning: [
    [
      '307 isi.edu "Session parameter \'foo\' not understood", 399 [::1]:5060 "a"',
      [
        { code: 307, agent: "isi.edu", text: "Session parameter 'foo' not understood" },
        { code: 399, agent: "[::1]:5060", text: "a" },
      ],
    ],
  ],
  "WWW-Authenticate": [
    [
      'Digest realm="a, b", qop="auth,auth-int", stale=FALSE',
      {
        scheme: "Digest",
        token68: undefined,
        params: map({ realm: "a, b", qop: "auth,auth-int", stale: "FALSE" }),
      },
    ],
    ["NTLM", { scheme: "NTLM", token68: undefined, params: map() }],
  ],
};

describe("examples", () => {
  for (const name of KNOWN_HEADERS) {
    for (const [text, value] of EXAMPLES[name] ?? []) {
      test(`${HEADERS[name].rfc}: ${name}: ${text}`, () => {
        expect(HEADERS[name].parse(text)).toEqual({ ok: true, value });
      });
    }
  }
});
