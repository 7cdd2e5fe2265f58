/** What the examples of the RFCs that came after RFC 3261 say. */
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
  "Accept-Contact": [
    [
      '*;audio;require, *;video;explicit;methods="INVITE,BYE"',
      [
        { features: map({ audio: "" }), require: true, explicit: false },
        { features: map({ video: "", methods: "INVITE,BYE" }), require: false, explicit: true },
      ],
    ],
  ],
  "Accept-Resource-Priority": [
    [
      "dsn.flash-override, dsn.flash",
      [
        { namespace: "dsn", priority: "flash-override" },
        { namespace: "dsn", priority: "flash" },
      ],
    ],
    ["", []],
  ],
  "Allow-Events": [["presence,presence.winfo", ["presence", "presence.winfo"]]],
  "Answer-Mode": [["Auto;require", { mode: "Auto", require: true, params: map() }]],
  "Content-ID": [["<target123@atlanta.example.com>", "target123@atlanta.example.com"]],
  Diversion: [
    [
      "<tel:+19195551002>;reason=no-answer;counter=1;privacy=off;screen=no;x=1",
      [
        {
          ...at("tel:+19195551002", { x: "1" }),
          reason: "no-answer",
          counter: 1,
          limit: undefined,
          privacy: "off",
          screen: "no",
        },
      ],
    ],
  ],
  Event: [
    ["presence.winfo;id=7;x", { type: "presence.winfo", id: "7", params: map({ x: "" }) }],
    ["refer", { type: "refer", id: undefined, params: map() }],
  ],
  "Feature-Caps": [['*;+sip.pns="apns"', [map({ "+sip.pns": "apns" })]]],
  "Flow-Timer": [["120", 120]],
  "AlertMsg-Error": [
    [
      '102;message="<no-valid-certificate>"',
      { code: 102, text: "<no-valid-certificate>", params: map() },
    ],
  ],
  Geolocation: [
    [
      "<cid:target123@atlanta.example.com>, <https://h/a>;loc-src=lost.example",
      [
        { uri: "cid:target123@atlanta.example.com", params: map() },
        { uri: "https://h/a", params: map({ "loc-src": "lost.example" }) },
      ],
    ],
  ],
  "Geolocation-Error": [
    [
      '100; code="Cannot Process Location"',
      { code: 100, text: "Cannot Process Location", params: map() },
    ],
  ],
  "Geolocation-Routing": [
    ["yes", { word: "yes", value: "" }],
    ["Later = now", { word: "later", value: "now" }],
  ],
  "History-Info": [
    [
      "<sip:bob@h>;index=1, <sip:bob@192.0.2.4>;index=1.1;rc=1;x=y",
      [
        { ...at("sip:bob@h"), index: "1", target: undefined },
        {
          ...at("sip:bob@192.0.2.4", { x: "y" }),
          index: "1.1",
          target: { kind: "rc", index: "1" },
        },
      ],
    ],
  ],
  Identity: [
    [
      'sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV/HmtyNS7Ltrg9dlxkWzo;info=<https://biloxi.example.org/biloxi.cer>;alg=ES256;ppt="shaken"',
      {
        digest: "sv5CTo05KqpSmtHt3dcEiO/1CWTSZtnG3iV+1nmurLXV/HmtyNS7Ltrg9dlxkWzo",
        info: "https://biloxi.example.org/biloxi.cer",
        alg: "ES256",
        ppt: "shaken",
        params: map(),
      },
    ],
  ],
  "Info-Package": [["foo;bar=1", of("foo", { bar: "1" })]],
  Join: [
    [
      "12adf2f34456gs5;to-tag=12345;from-tag=54321",
      {
        callId: "12adf2f34456gs5",
        toTag: "12345",
        fromTag: "54321",
        params: map(),
      },
    ],
  ],
  "Max-Breadth": [["60", 60]],
  "Min-SE": [["3600;lr", { seconds: 3600, params: map({ lr: "" }) }]],
  "P-Asserted-Identity": [
    [
      '"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000',
      [at("sip:fluffy@cisco.com", {}, "Cullen Jennings"), at("tel:+14085264000")],
    ],
  ],
  "P-Asserted-Service": [
    [
      "urn:urn-7:3gpp-service.exampletelephony.version1",
      ["urn:urn-7:3gpp-service.exampletelephony.version1"],
    ],
  ],
  "P-Access-Network-Info": [
    [
      "3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11",
      "3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11",
    ],
  ],
  "P-Early-Media": [
    ["supported, gated", ["supported", "gated"]],
    ["", []],
  ],
  Path: [
    [
      "<sip:P2.example.com;lr>,<sip:P1.example.com;lr>",
      [at("sip:P2.example.com;lr"), at("sip:P1.example.com;lr")],
    ],
  ],
  "Priv-Answer-Mode": [["Manual", { mode: "Manual", require: false, params: map() }]],
  Privacy: [
    ["header; user; critical", ["header", "user", "critical"]],
    ["id", ["id"]],
  ],
  RAck: [["776656 1 INVITE", { rseq: 776656, cseq: { number: 1, method: "INVITE" } }]],
  Reason: [
    [
      'SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=16;x=1',
      [
        { protocol: "SIP", cause: 200, text: "Call completed elsewhere", params: map() },
        { protocol: "Q.850", cause: 16, text: undefined, params: map({ x: "1" }) },
      ],
    ],
    [
      "STIR;cause=436, STIR;cause=428",
      [
        { protocol: "STIR", cause: 436, text: undefined, params: map() },
        { protocol: "STIR", cause: 428, text: undefined, params: map() },
      ],
    ],
  ],
  "Recv-Info": [
    ["P, R;x=1", [of("P"), of("R", { x: "1" })]],
    ["", []],
  ],
  "Refer-Sub": [
    ["false", { wanted: false, params: map() }],
    ["TRUE", { wanted: true, params: map() }],
  ],
  "Refer-To": [
    [
      "<sip:dave@h?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345>",
      at("sip:dave@h?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345"),
    ],
  ],
  "Referred-By": [
    [
      '<sip:referror@h>;cid="20398823.2UWQFN309shb3@h"',
      {
        ...at("sip:referror@h"),
        cid: "20398823.2UWQFN309shb3@h",
      },
    ],
  ],
  "Reject-Contact": [['*;actor="msg-taker";video', [map({ actor: "msg-taker", video: "" })]]],
  Replaces: [
    [
      "98732@sip.example.com\r\n ;from-tag=r33th4x0r\r\n ;to-tag=ff87ff",
      {
        callId: "98732@sip.example.com",
        toTag: "ff87ff",
        fromTag: "r33th4x0r",
        earlyOnly: false,
        params: map(),
      },
    ],
    [
      "a;to-tag=1;from-tag=0;early-only;x",
      {
        callId: "a",
        toTag: "1",
        fromTag: "0",
        earlyOnly: true,
        params: map({ x: "" }),
      },
    ],
  ],
  "Request-Disposition": [["proxy, recurse, parallel", ["proxy", "recurse", "parallel"]]],
  "Resource-Priority": [
    [
      "wps.3, dsn.flash",
      [
        { namespace: "wps", priority: "3" },
        { namespace: "dsn", priority: "flash" },
      ],
    ],
  ],
  RSeq: [["988789", 988789]],
  "Security-Client": [
    ["ipsec-ike;q=0.1, tls;q=0.2", [of("ipsec-ike", { q: "0.1" }), of("tls", { q: "0.2" })]],
  ],
  "Session-Expires": [["4000;refresher=UAC", { seconds: 4000, refresher: "uac", params: map() }]],
  "Session-ID": [
    [
      "ab30317f1a784dc48ff824d0d3715d86; remote=47755a9de7794ba387653f2099600ef2",
      {
        local: "ab30317f1a784dc48ff824d0d3715d86",
        remote: "47755a9de7794ba387653f2099600ef2",
        params: map(),
      },
    ],
    [
      "F81D4FAE7DEC11D0A76500A0C91E6BF6",
      {
        local: "f81d4fae7dec11d0a76500a0c91e6bf6",
        remote: undefined,
        params: map(),
      },
    ],
  ],
  "SIP-ETag": [["dx200xyz", "dx200xyz"]],
  "Subscription-State": [
    [
      "Active;expires=599",
      {
        state: "active",
        reason: undefined,
        expiresSeconds: 599,
        retryAfterSeconds: undefined,
        params: map(),
      },
    ],
    [
      "terminated;reason=probation;retry-after=30",
      {
        state: "terminated",
        reason: "probation",
        expiresSeconds: undefined,
        retryAfterSeconds: 30,
        params: map(),
      },
    ],
  ],
  "Permission-Missing": [["sip:C@example.com", [at("sip:C@example.com")]]],
  "Policy-Contact": [
    [
      '<sip:p@h>;non-cacheable, <sip:q@h>;alt-uri="https://h"',
      [
        { uri: "sip:p@h", params: map({ "non-cacheable": "" }) },
        { uri: "sip:q@h", params: map({ "alt-uri": "https://h" }) },
      ],
    ],
  ],
  "Policy-ID": [
    ["sip:policy@example.com;token=97234", [at("sip:policy@example.com", { token: "97234" })]],
    ["<sip:p@h;x>;token=1", [at("sip:p@h;x", { token: "1" })]],
  ],
  "Target-Dialog": [
    [
      "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544",
      {
        callId: "fa77as7dad8-sd98ajzz@host.example.com",
        localTag: "kkaz-",
        remoteTag: "6544",
        params: map(),
      },
    ],
  ],
  "Trigger-Consent": [
    [
      'sip:123@relay.example.com;target-uri="sip:friends@relay.example.com"',
      [
        {
          uri: "sip:123@relay.example.com",
          targetUri: "sip:friends@relay.example.com",
          params: map(),
        },
      ],
    ],
  ],
  "User-to-User": [
    [
      "56a390f3d2b7310023a2;encoding=hex;purpose=foo;content=bar",
      [
        {
          data: "56a390f3d2b7310023a2",
          purpose: "foo",
          content: "bar",
          encoding: "hex",
          params: map(),
        },
      ],
    ],
    [
      '"a, b";x',
      [
        {
          data: "a, b",
          purpose: undefined,
          content: undefined,
          encoding: undefined,
          params: map({ x: "" }),
        },
      ],
    ],
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
