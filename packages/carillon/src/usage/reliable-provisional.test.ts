import { expect, test } from "vitest";
import * as door from "./index.ts";
import {
  firstRSeq,
  mayBeReliable,
  proxyMayBeReliable,
  type ReliabilityPolicy,
  reliabilityOf,
  reliabilityRequestHeaders,
  reliableHeaders,
} from "./reliable-provisional.ts";

const REFUSE_420 = { kind: "Refuse", status: 420, option: "100rel" };
//= RFC 3261 §8.2.4
//# The needed extension(s) MUST be included in a Require header field in the response.
const REFUSE_421 = { kind: "Refuse", status: 421, option: "100rel" };
const RELIABLE = { kind: "Reliable" };
const UNRELIABLE = { kind: "Unreliable" };

//= RFC 3262 §3
//# The UAS MUST send any non-100 provisional response reliably if the initial request contained a
//# Require header field with the option tag 100rel. If the UAS is unwilling to do so, it MUST
//# reject the initial request with a 420 (Bad Extension) and include an Unsupported header field
//# containing the option tag 100rel.
//= RFC 3262 §3
//# If the request did not include either a Supported or Require header field indicating this
//# feature, the UAS MUST NOT send the provisional response reliably.
//= RFC 3261 §21.4.16
//# Responses with this status code MUST contain a Require header field listing the required
//# extensions.
//= RFC 3262 §8.1
//# When present in a Require header in a request, it indicates that the UAS MUST send all
//# provisional responses reliably.
test.each([
  ["Never", UNRELIABLE, UNRELIABLE, REFUSE_420],
  ["IfRequired", UNRELIABLE, UNRELIABLE, RELIABLE],
  ["IfSupported", UNRELIABLE, RELIABLE, RELIABLE],
  ["Always", REFUSE_421, RELIABLE, RELIABLE],
] as const)("RFC 3262 §3: who wants it %s", (policy: ReliabilityPolicy, none, some, all) => {
  expect(reliabilityOf({ required: false, supported: false }, policy)).toEqual(none);
  expect(reliabilityOf({ required: false, supported: true }, policy)).toEqual(some);
  expect(reliabilityOf({ required: true, supported: false }, policy)).toEqual(all);
  expect(reliabilityOf({ required: true, supported: true }, policy)).toEqual(all);
});

//= RFC 3262 §3
//# A UAS MUST NOT attempt to send a 100 (Trying) response reliably. Only provisional responses
//# numbered 101 to 199 may be sent reliably.
test("RFC 3262 §3: 101 to 199 may be sent reliably, and nothing else", () => {
  expect([99, 100, 101, 180, 199, 200, 486].filter(mayBeReliable)).toEqual([101, 180, 199]);
});

//= RFC 3262 §3
//# However, it MUST NOT attempt to do so for any request that contains a tag in the To field.
test("RFC 3262 §3: a proxy does so only outside of dialogs", () => {
  expect(proxyMayBeReliable({ toTag: "" })).toBe(true);
  expect(proxyMayBeReliable({ toTag: "bob" })).toBe(false);
});

//= RFC 3262 §3
//# The value of the header field for the first reliable provisional response in a transaction MUST
//# be between 1 and 2**31 - 1. It is RECOMMENDED that it be chosen uniformly in this range.
test("RFC 3262 §3: the first RSeq is between 1 and 2**31 - 1", () => {
  expect(firstRSeq(0)).toBe(1);
  expect(firstRSeq(0.5)).toBe(2 ** 30);
  expect(firstRSeq(1 - Number.EPSILON)).toBe(2 ** 31 - 1);
});

//= RFC 3262 §4
//# A Require header with the value 100rel MUST NOT be present in any requests excepting INVITE,
//# although extensions to SIP may allow its usage with other request methods.
//= RFC 3262 §4
//# If the UAC does not wish to insist on usage of reliable provisional responses, but merely
//# indicate that it supports them if the UAS needs to send one, a Supported header MUST be included
//# in the request with the option tag 100rel. The UAC SHOULD include this in all INVITE requests.
test("RFC 3262 §4: only an INVITE asks for it, and only one that insists requires it", () => {
  expect(reliabilityRequestHeaders("INVITE", false)).toEqual([["Supported", "100rel"]]);
  expect(reliabilityRequestHeaders("INVITE", true)).toEqual([["Require", "100rel"]]);
  expect(reliabilityRequestHeaders("UPDATE", true)).toEqual([]);
});

//= RFC 3262 §3
//# In addition, it MUST contain a Require header field containing the option tag 100rel, and MUST
//# include an RSeq header field.
test("RFC 3262 §3: a reliable response says so and has its number", () => {
  expect(reliableHeaders(988789)).toEqual([
    ["Require", "100rel"],
    ["RSeq", "988789"],
  ]);
});

test("the door names every machine", () => {
  const machines = Object.entries(door).filter(
    ([, one]) => typeof one === "object" && "step" in one,
  );
  expect(machines.map(([name]) => name)).toEqual([
    "announcement",
    "composingReceiver",
    "composingSender",
    "keepAlive",
    "neighbourhood",
    "notifier",
    "publicationState",
    "publisher",
    "reconnection",
    "redirection",
    "referee",
    "referrer",
    "registration",
    "reliableProvisionalClient",
    "reliableProvisionalServer",
    "serverOrder",
    "sessionModification",
    "sessionTimer",
    "subscriber",
  ]);
});
