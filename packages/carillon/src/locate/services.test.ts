import { describe, expect, test } from "vitest";
import type { NaptrRecord } from "./naming.ts";
import { MAX_SERVICES, serviceOf, servicesGuessed, servicesOffered } from "./services.ts";

const naptr = (order: number, preference: number, service: string, replacement: string) =>
  ({
    ...{ type: "NAPTR", order, preference, flags: "s", service, regexp: "", replacement },
  }) as NaptrRecord;

/** The records of RFC 3263 §4.1. */
const example = [
  naptr(50, 50, "SIPS+D2T", "_sips._tcp.example.com"),
  naptr(90, 50, "SIP+D2T", "_sip._tcp.example.com"),
  naptr(100, 50, "SIP+D2U", "_sip._udp.example.com"),
];
const all = ["UDP", "TCP", "TLS", "WS", "WSS"] as const;
const printed = (services: readonly { transport: string; name: string }[]) =>
  services.map(({ transport, name }) => `${transport} ${name}`);

describe("RFC 3263 §4.1: services a domain offers", () => {
  test("a client of TCP and UDP uses TCP, as the example says", () => {
    expect(printed(servicesOffered(example, ["UDP", "TCP"], false))).toEqual([
      "TCP _sip._tcp.example.com",
    ]);
  });

  test("a client of TLS too uses that, which the domain prefers", () => {
    expect(printed(servicesOffered(example, all, false))).toEqual(["TLS _sips._tcp.example.com"]);
  });

  //= RFC 3263 §4.1
  //# First, a client resolving a SIPS URI MUST discard any services that do not contain "SIPS" as
  //# the protocol in the service field.
  test("for a SIPS URI nothing else than SIPS counts", () => {
    const [tls, ...others] = example;
    expect(printed(servicesOffered([...others, ...(tls ? [tls] : [])], all, true))).toEqual([
      "TLS _sips._tcp.example.com",
    ]);
    expect(servicesOffered(others, all, true)).toEqual([]);
  });

  //= RFC 3263 §4.1
  //# Second, a client MUST discard any service fields that identify a resolution service whose
  //# value is not "D2X", for values of X that indicate transport protocols supported by the client.
  test.each([
    ["SCTP", naptr(1, 1, "SIP+D2S", "a")],
    ["TLS over UDP", naptr(1, 1, "SIPS+D2U", "a")],
    ["ENUM", naptr(1, 1, "E2U+sip", "a")],
    ["no service", naptr(1, 1, "", "a")],
    ["a prototype's name", naptr(1, 1, "constructor", "a")],
    ["flag u", { ...naptr(1, 1, "SIP+D2U", "a"), flags: "u" }],
    ["flag a", { ...naptr(1, 1, "SIP+D2U", "a"), flags: "a" }],
    ["no flag", { ...naptr(1, 1, "SIP+D2U", "a"), flags: "" }],
    ["a regular expression", { ...naptr(1, 1, "SIP+D2U", "a"), regexp: "!^.*$!b!" }],
    ["no replacement", naptr(1, 1, "SIP+D2U", "")],
  ])("a record of %s is discarded", (_, record) => {
    expect(printed(servicesOffered([record, ...example], all, false))).toEqual([
      "TLS _sips._tcp.example.com",
    ]);
  });

  test("fields are read in any case", () => {
    const record = { ...naptr(1, 1, "sips+d2t", "a"), flags: "S" };
    expect(printed(servicesOffered([record], all, false))).toEqual(["TLS a"]);
  });

  test("RFC 7118 §5.5: WebSocket servers are found too", () => {
    const records = [naptr(1, 2, "SIP+D2W", "ws"), naptr(1, 1, "SIPS+D2W", "wss")];
    expect(printed(servicesOffered(records, all, false))).toEqual(["WSS wss", "WS ws"]);
    expect(printed(servicesOffered(records, ["WS"], false))).toEqual(["WS ws"]);
  });

  test("within the lowest order all preferences are used, and no other order", () => {
    const records = [
      naptr(2, 1, "SIP+D2U", "later"),
      naptr(1, 9, "SIP+D2U", "c"),
      naptr(1, 5, "SIP+D2T", "b"),
      naptr(1, 5, "SIPS+D2T", "a"),
      naptr(1, 5, "SIP+D2T", "a"),
      naptr(1, 7, "SIP+D2T", "b"),
    ];
    const expected = ["TCP a", "TCP b", "TLS a", "UDP c"];
    expect(printed(servicesOffered(records, all, false))).toEqual(expected);
    expect(printed(servicesOffered([...records].reverse(), all, false))).toEqual(expected);
  });

  test("a thousand records are a handful of questions", () => {
    const many = Array.from({ length: 1_000 }, (_, i) => naptr(1, i, "SIP+D2U", `h${i}`));
    expect(servicesOffered(many, all, false)).toHaveLength(MAX_SERVICES);
  });
});

//= RFC 3263 §4.1
//# Queries are done using the service identifier "_sip" for SIP URIs and "_sips" for SIPS URIs.
test("RFC 3263 §4.1: without NAPTR each transport of ours is asked for by its SRV name", () => {
  expect(printed(servicesGuessed("example.com", all, false))).toEqual([
    "UDP _sip._udp.example.com",
    "TCP _sip._tcp.example.com",
    "TLS _sips._tcp.example.com",
    "WS _sip._ws.example.com",
    "WSS _sips._ws.example.com",
  ]);
  expect(printed(servicesGuessed("example.com", all, true))).toEqual([
    "TLS _sips._tcp.example.com",
    "WSS _sips._ws.example.com",
  ]);
  expect(serviceOf("TLS", "example.com").name).toBe("_sips._tcp.example.com");
});
