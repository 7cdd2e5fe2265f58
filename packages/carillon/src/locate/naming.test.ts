import { describe, expect, test } from "vitest";
import {
  believable,
  canonicalName,
  type DnsRecord,
  isAskable,
  isDnsName,
  type NaptrRecord,
  question,
  questionKey,
  type SrvRecord,
  sameQuestion,
} from "./naming.ts";

const srv: SrvRecord = { type: "SRV", priority: 0, weight: 0, port: 5060, target: "a.example.com" };
const naptr: NaptrRecord = {
  ...{ type: "NAPTR", order: 1, preference: 2, flags: "s" },
  ...{ service: "SIP+D2U", regexp: "", replacement: "_sip._udp.example.com" },
};
const left = (type: DnsRecord["type"], ...records: readonly DnsRecord[]) => {
  const answer = believable(question("x", type), { kind: "Found", records, ttlSeconds: 7 });
  return answer.kind === "Found" ? answer.records : answer;
};
const NOTHING = { kind: "None", why: "NODATA", ttlSeconds: 7 };

test("two questions are the same by name and type", () => {
  const [a, same] = [question("Example.com", "A"), question("example.com.", "A")];
  expect(sameQuestion(a, same)).toBe(true);
  expect(sameQuestion(a, question("example.com", "AAAA"))).toBe(false);
  expect(sameQuestion(a, question("example.org", "A"))).toBe(false);
});

test("names are compared in lower case and without the dot at the end", () => {
  expect(canonicalName("Example.COM.")).toBe("example.com");
  expect(canonicalName(".")).toBe("");
  expect(questionKey(question("Example.COM.", "A"))).toBe("A example.com");
});

test.each([
  ["example.com", true],
  ["_sip._udp.example.com", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  [`${"a.".repeat(126)}a`, true],
  [`${"a.".repeat(126)}aa`, false],
  ["", false],
  ["a..b", false],
  [".a", false],
  ["a b", false],
  ["a\0b", false],
  ["a/b", false],
])("a name of the DNS, %j: %s", (name, expected) => {
  expect(isDnsName(name)).toBe(expected);
});

test("RFC 7118 §5.2.1: what ends in .invalid is never asked for", () => {
  expect(isAskable("df7jal23ls0d.invalid")).toBe(false);
  expect(isAskable("invalid")).toBe(false);
  expect(isAskable("notinvalid")).toBe(true);
});

describe("of an answer only what was asked for is believed", () => {
  test("records of another type are not looked at", () => {
    expect(left("A", { type: "AAAA", address: "::1" }, srv)).toEqual(NOTHING);
    expect(left("SRV", srv, naptr)).toEqual([srv]);
    expect(left("NAPTR", srv, naptr)).toEqual([naptr]);
  });

  test("an address that is none is dropped", () => {
    const good = { type: "A", address: "192.0.2.1" } as const;
    expect(left("A", { type: "A", address: "192.0.2.256" }, good)).toEqual([good]);
    expect(left("A", { type: "A", address: "::1" })).toEqual(NOTHING);
    expect(left("AAAA", { type: "AAAA", address: "192.0.2.1" })).toEqual(NOTHING);
    expect(left("AAAA", { type: "AAAA", address: "::1" })).toHaveLength(1);
  });

  test.each([
    ["a port over 16 bits", { port: 65_536 }],
    ["port 0", { port: 0 }],
    ["a port of no number", { port: Number.NaN }],
    ["a negative weight", { weight: -1 }],
    ["a priority over 16 bits", { priority: 70_000 }],
    ["a half weight", { weight: 0.5 }],
    ["a target of no grammar", { target: "a b" }],
  ])("an SRV record with %s is dropped", (_, fault) => {
    expect(left("SRV", { ...srv, ...fault })).toEqual(NOTHING);
  });

  test("an SRV record may have the highest numbers", () => {
    const highest = { ...srv, priority: 65_535, weight: 65_535, port: 65_535 };
    expect(left("SRV", highest)).toEqual([highest]);
  });

  test("an SRV record keeps its lone dot, with any port", () => {
    expect(left("SRV", { ...srv, target: ".", port: 0 })).toEqual([
      { ...srv, target: "", port: 0 },
    ]);
    expect(left("SRV", { ...srv, target: "A.Example.com." })).toEqual([srv]);
  });

  test.each([
    ["an order over 16 bits", { order: 65_536 }],
    ["a negative preference", { preference: -1 }],
    ["a regular expression of more than 255 characters", { regexp: "x".repeat(256) }],
    ["a service of more than 255 characters", { service: "x".repeat(256) }],
    ["flags of more than 255 characters", { flags: "x".repeat(256) }],
    ["a replacement of no grammar", { replacement: "a b" }],
  ])("a NAPTR record with %s is dropped", (_, fault) => {
    expect(left("NAPTR", { ...naptr, ...fault })).toEqual(NOTHING);
  });

  test("a NAPTR record may have no replacement, and strings of 255", () => {
    const longest = { ...naptr, regexp: "x".repeat(255), replacement: "." };
    expect(left("NAPTR", longest)).toEqual([{ ...longest, replacement: "" }]);
  });
});
