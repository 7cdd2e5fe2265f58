// When a call is bridged: every case as a row.
import { describe, expect, test } from "vitest";
import type { Flow } from "../transport/flow.ts";
import { type DescriptionKind, descriptionKind, descriptionManner } from "./description-kind.ts";
import { DeviceMemory, type KnownDevice } from "./device-memory.ts";
import { bridgeNeed, deviceTransports, isBehindNat, type NeedAsked, transportOf } from "./need.ts";

const flow = (transport: Flow["transport"], connection = 0): Flow => ({
  ...{ transport, connection, local: { host: "192.0.2.1", port: 5060 } },
  remote: { host: "203.0.113.9", port: 5060 },
});
const UDP = flow("UDP");
const PAGE = flow("WS", 7);

const sdp = (section: string, ...session: readonly string[]): string =>
  ["v=0", "o=- 1 1 IN IP4 203.0.113.9", "s=-", ...session, "t=0 0", section, ""].join("\r\n");
const ICE = "a=ice-ufrag:a\r\na=fingerprint:sha-256 00";
const OFFERS = {
  webrtc: sdp(`m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n${ICE}`),
  both: sdp(`m=audio 9 RTP/AVP 0\r\n${ICE}`),
  srtp: sdp("m=audio 9 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x"),
  rtp: sdp("m=audio 9 RTP/AVP 0", "c=IN IP4 203.0.113.9"),
  none: "",
} as const;

test("what a description speaks is told from its first section that is not refused", () => {
  for (const kind of ["webrtc", "both", "srtp", "rtp"] as const) {
    expect(descriptionKind(OFFERS[kind])).toBe(kind);
  }
  expect(descriptionKind(sdp("m=audio 0 RTP/AVP 0"))).toBeUndefined();
  expect(descriptionKind(sdp("m=message 9 TCP/MSRP *"))).toBeUndefined();
  expect(descriptionKind(sdp("m=audio 0 RTP/AVP 0\r\nm=audio 9 RTP/SAVP 0"))).toBe("srtp");
  expect(descriptionKind(sdp("m=audio 9 RTP/SAVPF 0", ...ICE.split("\r\n")))).toBe("webrtc");
});

interface Row {
  readonly offer: keyof typeof OFFERS;
  readonly from?: Flow;
  readonly to?: Flow | undefined;
  readonly speaks?: readonly DescriptionKind[];
  readonly refuses?: readonly string[];
  readonly offers?: DescriptionKind;
  readonly bridged: boolean;
}

const rows: readonly Row[] = [
  // A page is called.
  { offer: "webrtc", from: PAGE, to: PAGE, bridged: false },
  { offer: "rtp", to: PAGE, bridged: true },
  { offer: "srtp", to: PAGE, bridged: true },
  { offer: "both", to: PAGE, bridged: false },
  { offer: "none", to: PAGE, bridged: true },
  { offer: "none", from: PAGE, to: PAGE, bridged: false },
  // A phone that comes by WebSocket, too.
  { offer: "rtp", to: PAGE, speaks: ["rtp"], bridged: false },
  { offer: "rtp", to: PAGE, speaks: ["rtp", "webrtc"], bridged: true },
  { offer: "webrtc", from: PAGE, to: PAGE, speaks: ["rtp"], offers: "rtp", bridged: true },
  // Something else is called, of which nothing is known: it is asked as it is.
  { offer: "webrtc", from: PAGE, to: UDP, bridged: false },
  { offer: "rtp", to: UDP, bridged: false },
  { offer: "srtp", to: UDP, bridged: false },
  { offer: "webrtc", from: PAGE, to: undefined, bridged: false },
  { offer: "none", to: UDP, bridged: false },
  { offer: "none", from: PAGE, to: UDP, bridged: true },
  // It has refused that before, or has called.
  { offer: "webrtc", from: PAGE, to: UDP, refuses: ["webrtc"], bridged: true },
  { offer: "rtp", to: UDP, refuses: ["rtp 0"], bridged: true },
  { offer: "both", to: UDP, refuses: ["both"], bridged: true },
  { offer: "webrtc", from: PAGE, to: UDP, speaks: ["webrtc"], bridged: false },
  { offer: "webrtc", from: PAGE, to: UDP, speaks: ["both"], offers: "both", bridged: false },
  { offer: "webrtc", from: PAGE, to: UDP, speaks: ["rtp"], bridged: false },
  { offer: "webrtc", from: PAGE, to: UDP, speaks: ["rtp"], offers: "rtp", bridged: true },
  { offer: "rtp", to: UDP, speaks: ["webrtc"], offers: "webrtc", bridged: true },
  { offer: "rtp", to: UDP, speaks: ["srtp"], offers: "srtp", bridged: false },
  { offer: "none", from: PAGE, to: UDP, speaks: ["webrtc"], bridged: false },
];

const knownOf = ({ speaks = [], refuses = [], offers }: Row): KnownDevice => ({
  ...{ speaks: new Set(speaks), refuses: new Set(refuses), ...(offers && { offers }) },
});
const askedOf = (row: Row): NeedAsked => ({
  ...{ mode: "auto", offer: OFFERS[row.offer], caller: row.from ?? UDP, device: row.to },
  ...{ known: knownOf(row), isDecided: false, uri: "sip:bob@203.0.113.9" },
});
const PLAIN: Row = { offer: "rtp", bridged: false };

const title = (row: Row): string =>
  [
    `${row.offer} from a ${row.from === PAGE ? "page" : "phone"}`,
    `to ${row.to === PAGE ? "a page" : row.to ? "a phone" : "elsewhere"}`,
    ...(row.speaks ? [`that speaks ${row.speaks}`] : []),
    ...(row.offers ? [`and offers ${row.offers}`] : []),
    ...(row.refuses ? [`that refuses ${row.refuses}`] : []),
    row.bridged ? "is bridged" : "is not",
  ].join(" ");

describe("by what both sides speak", () => {
  test.each(rows.map((row) => [title(row), row] as const))("%s", (_, row) => {
    expect(bridgeNeed(askedOf(row)) !== undefined).toBe(row.bridged);
  });
});

describe("by where both sides are", () => {
  const at = (host: string): Flow => ({ ...UDP, remote: { host, port: 5060 } });
  const plain = (host: string): string =>
    sdp("m=audio 9 RTP/AVP 0", `c=IN ${host.includes(":") ? "IP6" : "IP4"} ${host}`);
  const inside = plain("10.0.0.7");
  const web = { offer: OFFERS.webrtc, known: knownOf({ ...PLAIN, speaks: ["webrtc"] }) };
  const places: readonly (readonly [string, Partial<NeedAsked>, boolean])[] = [
    ["both in the open", {}, false],
    ["the caller inside", { offer: plain("192.168.1.7") }, true],
    ["the caller inside, by carrier-grade NAT", { offer: plain("100.64.3.3") }, true],
    ["the caller elsewhere in the open", { offer: plain("9.9.9.9") }, false],
    ["the caller on hold", { offer: plain("0.0.0.0") }, false],
    ["the device inside", { uri: "sip:bob@10.0.0.5:5070" }, true],
    ["the device by name", { uri: "sip:bob@phone.example" }, false],
    ["both inside, of the same box", { offer: inside, device: at("203.0.113.9") }, false],
    ["both in the house", { offer: inside, caller: at("10.0.0.7") }, false],
    ["the caller on this machine", { offer: inside, caller: at("127.0.0.1") }, false],
    ["IPv4 to IPv6", { device: at("2001:db8::5"), uri: "sip:bob@[2001:db8::5]" }, true],
    ["IPv6 to IPv4", { caller: at("2001:db8::5"), offer: plain("2001:db8::5") }, true],
    ["a browser inside", web, false],
    ["nobody knows where the device is", { offer: inside, device: undefined }, false],
  ];
  test.each(places)("%s", (_, changes, bridged) => {
    const here: NeedAsked = {
      ...{ mode: "auto", offer: OFFERS.rtp, caller: UDP, device: at("198.51.100.5") },
      ...{ uri: "sip:bob@198.51.100.5", known: knownOf(PLAIN), isDecided: false, ...changes },
    };
    expect(bridgeNeed(here) !== undefined).toBe(bridged);
  });
});

test("what the operator has decided counts more than what both sides speak", () => {
  for (const row of rows) {
    const asked = askedOf(row);
    expect(bridgeNeed({ ...asked, mode: "never" })).toBeUndefined();
    expect(bridgeNeed({ ...asked, mode: "always" })).toBeDefined();
    expect(bridgeNeed({ ...asked, mode: "never", isDecided: true })).toBeDefined();
  }
});

test("the engine is told what each side speaks, as far as that is known", () => {
  expect(transportOf(OFFERS.webrtc, PAGE)).toBe("webrtc");
  expect(transportOf(OFFERS.both, UDP)).toBe("any");
  expect(transportOf(OFFERS.srtp, UDP)).toBe("srtp");
  expect([transportOf("", PAGE), transportOf("", UDP)]).toEqual(["webrtc", "any"]);
  const memory = new DeviceMemory();
  const tried = (flow: Flow) => deviceTransports(flow, memory.of("bob", "sip:a")).join();
  expect([tried(PAGE), tried(UDP)]).toEqual(["webrtc", "any,srtp"]);
  memory.offers("bob", "sip:a", "srtp");
  expect(tried(UDP)).toBe("srtp,any");
  memory.speaks("bob", "sip:a", "rtp");
  expect(tried(UDP)).toBe("any,srtp");
});

test("a phone that refuses one format has nothing against the others", () => {
  const g729 = sdp("m=audio 9 RTP/AVP 18 101\r\na=rtpmap:101 telephone-event/8000");
  expect(descriptionManner(g729)).toBe("rtp 18,telephone-event");
  expect(descriptionManner(OFFERS.rtp)).toBe("rtp 0");
  expect(descriptionManner(OFFERS.webrtc)).toBe("webrtc");
  const known = new DeviceMemory();
  known.refuses("bob", "sip:a", "rtp 18,telephone-event");
  const asked = { ...askedOf(PLAIN), known: known.of("bob", "sip:a") };
  expect(bridgeNeed({ ...asked, offer: g729 })).toBeDefined();
  expect(bridgeNeed(asked)).toBeUndefined();
});

test("an address that is not where its description came from is not believed", () => {
  expect(isBehindNat(OFFERS.rtp, UDP)).toBe(false);
  expect(isBehindNat(OFFERS.rtp.replace("c=IN IP4 203", "c=IN IP4 10"), UDP)).toBe(true);
  expect(isBehindNat(OFFERS.webrtc, UDP)).toBe(true);
  expect(isBehindNat("", UDP)).toBe(true);
});

test("what is remembered of devices is forgotten from the one that was called longest ago", () => {
  const memory = new DeviceMemory(2);
  memory.speaks("a", "sip:1", "rtp");
  memory.speaks("b", "sip:1", "rtp");
  memory.speaks("a", "sip:1", "webrtc");
  memory.speaks("c", "sip:1", "rtp");
  expect(memory.size).toBe(2);
  expect(memory.of("b", "sip:1").speaks.size).toBe(0);
  expect([...memory.of("a", "sip:1").speaks]).toEqual(["rtp", "webrtc"]);
});
