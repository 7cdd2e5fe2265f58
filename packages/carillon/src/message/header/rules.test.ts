/** What the RFCs ask of single headers, and what cannot be written. */
import { describe, expect, test } from "vitest";
import { formatAcceptContact } from "./accept-contact.ts";
import { formatAllow } from "./allow.ts";
import { formatAuthenticationInfo } from "./authentication-info.ts";
import { formatCallId } from "./call-id.ts";
import { formatComment, skipComment } from "./comment.ts";
import { readContactParams } from "./contact-params.ts";
import { formatContentEncoding, parseContentEncoding } from "./content-encoding.ts";
import { formatContentId } from "./content-id.ts";
import { isMediaType, parseContentType } from "./content-type.ts";
import { formatEvent, parseEvent, sameEvent } from "./event.ts";
import { mayRouteByLocation, parseGeolocationRouting } from "./geolocation-routing.ts";
import { formatHistoryInfo } from "./history-info.ts";
import { formatIdentity } from "./identity.ts";
import { parseJoin } from "./join.ts";
import { formatMaxForwards, parseMaxForwards } from "./max-forwards.ts";
import { formatNamedParams } from "./named-params.ts";
import { formatPAssertedIdentity } from "./p-asserted-identity.ts";
import { formatPAssertedService } from "./p-asserted-services.ts";
import { formatPrivacy } from "./privacy.ts";
import { formatQ, readQ } from "./q-value.ts";
import { formatReason } from "./reason.ts";
import { parseReplaces } from "./replaces.ts";
import { formatRequire } from "./require.ts";
import { formatResourcePriority } from "./resource-priority.ts";
import { formatRSeq, parseRSeq } from "./rseq.ts";
import { formatServer } from "./server.ts";
import { formatSessionId } from "./session-id.ts";
import { formatSubject } from "./subject.ts";
import { formatTimestamp } from "./timestamp.ts";
import { formatTriggerConsent, parseTriggerConsent } from "./trigger-consent.ts";
import { formatWarning } from "./warning.ts";
import { formatWwwAuthenticate } from "./www-authenticate.ts";

const params = new Map<string, string>();
const address = (uri: string) => ({ displayName: "", uri, params });

//= RFC 3891 §6.1
//# A Replaces header field MUST contain exactly one to-tag and exactly one from-tag, as they are
//# required for unique dialog matching.
test("RFC 3891 §6.1: Replaces has exactly one to-tag and one from-tag", () => {
  expect(parseReplaces("a;to-tag=1;from-tag=2").ok).toBe(true);
  for (const text of ["a;to-tag=1", "a;from-tag=2", "a;to-tag=1;to-tag=1;from-tag=2"]) {
    expect(parseReplaces(text)).toMatchObject({ error: { code: "bad-header", status: 400 } });
  }
});

//= RFC 3261 §20.12
//# If multiple encodings have been applied to an entity-body, the content codings MUST be listed in
//# the order in which they were applied.
test("RFC 3261 §20.12: codings stand in the order in which they were applied", () => {
  expect(parseContentEncoding("tar , gzip")).toEqual({ ok: true, value: ["tar", "gzip"] });
  expect(formatContentEncoding(["tar", "gzip"])).toBe("tar, gzip");
});

//= RFC 6442 §4.2
//# Implementations not aware of an extension MUST treat any other received value the same as "no".
test("RFC 6442 §4.2: a location leads the way where that is allowed, and nowhere else", () => {
  for (const [text, may] of [
    ["yes", true],
    ["YES", true],
    ["no", false],
    ["sometimes", false],
    ["perhaps=yes", false],
  ] as const) {
    const value = parseGeolocationRouting(text);
    expect(value.ok && mayRouteByLocation(value.value)).toBe(may);
  }
});

//= RFC 5360 §5.11.2
//# The target-uri header field parameter MUST contain a URI.
test("RFC 5360 §5.11.2: what is asked about is a URI, and what has none is not written", () => {
  expect(parseTriggerConsent('sip:a@h;target-uri="nowhere"').ok).toBe(false);
  const spec = { uri: "sip:a@h", targetUri: "sip:b@h;x?y=z", params };
  const text = formatTriggerConsent([spec]);
  expect(text).toBe('sip:a@h;target-uri="sip:b@h;x?y=z"');
  for (const bad of [
    { targetUri: "" },
    { targetUri: "a b:c" },
    { uri: "sip:a@h;x" },
    { uri: "" },
  ]) {
    expect(() => formatTriggerConsent([{ ...spec, ...bad }])).toThrow(RangeError);
  }
});

//= RFC 3911 §7.1
//# A Join header MUST contain exactly one to-tag and exactly one from-tag, as they are required for
//# unique dialog matching.
test("RFC 3911 §7.1: Join has exactly one to-tag and one from-tag", () => {
  expect(parseJoin("a;to-tag=1;from-tag=2").ok).toBe(true);
  for (const text of ["a;to-tag=1", "a;from-tag=2"]) expect(parseJoin(text).ok).toBe(false);
});

//= RFC 3325 §9.1
//# There may be one or two P-Asserted-Identity values.  If there is one value, it MUST be a sip,
//# sips, or tel URI.  If there are two values, one value MUST be a sip or sips URI and the other
//# MUST be a tel URI.
test("RFC 3325 §9.1: one identity, or one of each kind", () => {
  const write =
    (...uris: string[]) =>
    () =>
      formatPAssertedIdentity(uris.map(address));
  expect(write("sips:a@h")()).toBe("<sips:a@h>");
  expect(write("tel:+1", "sip:a@h")()).toBe("<tel:+1>, <sip:a@h>");
  for (const uris of [[], ["http://a"], ["sip:a", "sips:b"], ["tel:+1", "tel:+2"], ["x"]]) {
    expect(write(...uris)).toThrow(RangeError);
  }
});

//= RFC 6665 §8.2.1
//# For the purposes of matching NOTIFY requests with SUBSCRIBE requests, the event-type portion of
//# the "Event" header field is compared byte by byte, and the "id" parameter token (if present) is
//# compared byte by byte.
test("RFC 6665 §8.2.1: type and id are compared byte by byte, and nothing else", () => {
  const same = (a: string, b: string) => {
    const [left, right] = [parseEvent(a), parseEvent(b)];
    return left.ok && right.ok && sameEvent(left.value, right.value);
  };
  expect(same("foo; id=1234", "foo; param=abcd; id=1234")).toBe(true);
  expect(same("foo; id=1234", "foo")).toBe(false);
  expect(same("foo; id=1234", "Foo; id=1234")).toBe(false);
});

//= RFC 3261 §20.22
//# The Max-Forwards value is an integer in the range 0-255 indicating the remaining number of times
//# this request message is allowed to be forwarded.
test("RFC 3261 §20.22: Max-Forwards goes from 0 to 255", () => {
  for (const hops of [0, 255]) expect(parseMaxForwards(formatMaxForwards(hops)).ok).toBe(true);
  for (const hops of [-1, 256, 1.5, Number.NaN]) {
    expect(() => formatMaxForwards(hops)).toThrow(RangeError);
    expect(parseMaxForwards(String(hops)).ok).toBe(false);
  }
});

//= RFC 3262 §7.1
//# It contains a single numeric value from 1 to 2**32 - 1.
test("RFC 3262 §7.1: RSeq goes from 1 to 2**32 - 1", () => {
  for (const number of [1, 2 ** 32 - 1]) expect(parseRSeq(formatRSeq(number)).ok).toBe(true);
  for (const number of [0, 2 ** 32]) {
    expect(() => formatRSeq(number)).toThrow(RangeError);
    expect(parseRSeq(String(number)).ok).toBe(false);
  }
});

//= RFC 7616 §3.5
//# For historical reasons, a sender MUST only generate the quoted string syntax for the following
//# parameters: nextnonce, rspauth, and cnonce.
//= RFC 7616 §3.5
//# For historical reasons, a sender MUST NOT generate the quoted string syntax for the following
//# parameters: qop and nc.
test("RFC 7616 §3.5: which values of Authentication-Info are quoted", () => {
  const info = new Map([
    ["nextnonce", "n"],
    ["qop", "auth"],
    ["rspauth", "r"],
    ["cnonce", "c"],
    ["nc", "00000001"],
  ]);
  expect(formatAuthenticationInfo(info)).toBe(
    'nextnonce="n", qop=auth, rspauth="r", cnonce="c", nc=00000001',
  );
  expect(() => formatAuthenticationInfo(new Map())).toThrow(RangeError);
});

describe("what a Contact says beside its URI", () => {
  const read = (pairs: Record<string, string>) => readContactParams(new Map(Object.entries(pairs)));

  test("q, expires, instance and GRUUs", () => {
    const given = {
      ...{ q: "0.75", expires: "60", "reg-id": "1", "+sip.instance": "<urn:uuid:0>" },
      ...{ "pub-gruu": "sip:p", "temp-gruu": "sip:t", "temp-gruu-cookie": "c" },
    };
    expect(read(given)).toEqual({
      ...{ q: 0.75, expiresSeconds: 60, regId: 1, instance: "urn:uuid:0" },
      ...{ pubGruu: "sip:p", tempGruu: "sip:t", tempGruuCookie: "c" },
    });
  });

  //= RFC 5626 §10
  //# The value of the reg-id MUST NOT be 0 and MUST be less than 2^31.
  test("RFC 5626 §10: a reg-id that is none counts as absent", () => {
    for (const id of ["0", "2147483648", "x", ""]) {
      expect(read({ "reg-id": id }).regId).toBeUndefined();
    }
    expect(read({ "reg-id": "2147483647" }).regId).toBe(2147483647);
  });

  test("what is malformed counts as absent", () => {
    const bad = read({ q: "2", expires: "x", "+sip.instance": "urn:uuid:0" });
    expect(Object.values(bad).every((value) => value === undefined)).toBe(true);
    expect(read({ "+sip.instance": "<>" }).instance).toBeUndefined();
  });
});

test("RFC 3261 §25.1: q goes from 0 to 1 in thousandths", () => {
  const q = (text: string) => readQ(new Map([["q", text]]));
  expect(["0", "0.", "0.125", "1", "1.000"].map(q)).toEqual([0, 0, 0.125, 1, 1]);
  for (const text of ["", "1.001", "0.1234", "-0", ".5", "2", "1e0"])
    expect(q(text)).toBeUndefined();
  expect(readQ(params)).toBeUndefined();
  expect([0, 0.5, 1 / 3, 1].map(formatQ)).toEqual(["0", "0.5", "0.333", "1"]);
  for (const no of [-0.1, 1.1, Number.NaN]) expect(() => formatQ(no)).toThrow(RangeError);
});

test("RFC 3261 §25.1: comments nest, at any depth and in linear time", () => {
  const deep = `${"(".repeat(8000)}${")".repeat(8000)}`;
  expect(skipComment(deep, 0, deep.length)).toBe(deep.length);
  expect(skipComment("(a\\)b)c", 0, 7)).toBe(6);
  expect(skipComment("((a)", 0, 4)).toBe(-1);
  for (const raw of [")", "(", "a)(b", "\\"]) expect(() => formatComment(raw)).toThrow(RangeError);
});

test("a media type is compared regardless of case, its parameters left out", () => {
  const type = parseContentType("Application/SDP;x=1");
  expect(type.ok && isMediaType(type.value, "application/SDP")).toBe(true);
  expect(type.ok && isMediaType(type.value, "text/plain")).toBe(false);
});

describe("what cannot be written, so that no text from outside becomes a header", () => {
  const bad = "a\r\nVia: x";
  test.each<[string, () => string]>([
    ["a token", () => formatAllow([bad])],
    ["no token at all", () => formatRequire([])],
    ["a text", () => formatSubject(bad)],
    ["a NUL", () => formatSubject("a\0b")],
    ["a Call-ID", () => formatCallId(bad)],
    ["a URI", () => formatPAssertedIdentity([address(`sip:${bad}`)])],
    ["a URI that ends its brackets", () => formatPAssertedIdentity([address("sip:a>;x")])],
    ["no URI", () => formatPAssertedIdentity([address("")])],
    ["a service", () => formatPAssertedService([`urn:${bad}`])],
    ["a reason's text", () => formatReason([{ protocol: "SIP", cause: 1, text: bad, params }])],
    ["a parameter's value", () => formatEvent({ type: "a", id: bad, params })],
    ["a parameter's name", () => formatEvent({ type: "a", id: "1", params: new Map([[bad, ""]]) })],
    [
      "a parameter twice",
      () => formatEvent({ type: "a", id: "1", params: new Map([["id", "2"]]) }),
    ],
    [
      "a feature",
      () =>
        formatAcceptContact([{ features: new Map([["a", bad]]), require: false, explicit: false }]),
    ],
    ["a product", () => formatServer([{ kind: "Product", name: bad, version: undefined }])],
    ["a comment", () => formatServer([{ kind: "Comment", raw: bad }])],
    ["no product", () => formatServer([])],
    ["a Content-ID", () => formatContentId(bad)],
    [
      "an index",
      () => formatHistoryInfo([{ ...address("sip:a"), index: "1.", target: undefined }]),
    ],
    ["a session", () => formatSessionId({ local: bad, remote: undefined, params })],
    ["a priority", () => formatResourcePriority([{ namespace: "a.b", priority: "c" }])],
    ["no privacy", () => formatPrivacy([])],
    ["a time", () => formatTimestamp({ sent: bad, delay: undefined })],
    ["a warning's text", () => formatWarning([{ code: 399, agent: "h", text: bad }])],
    ["a warning's agent", () => formatWarning([{ code: 399, agent: bad, text: "" }])],
    ["a warning's code", () => formatWarning([{ code: 1000, agent: "h", text: "" }])],
    [
      "a realm",
      () =>
        formatWwwAuthenticate({
          scheme: "Digest",
          token68: undefined,
          params: new Map([["realm", bad]]),
        }),
    ],
    ["a token68", () => formatWwwAuthenticate({ scheme: "Bearer", token68: bad, params })],
    ["a signature", () => formatIdentity({ digest: bad, info: "a:b", alg: "", ppt: "", params })],
    ["a certificate", () => formatIdentity({ digest: "a", info: bad, alg: "", ppt: "", params })],
    ["what has a field of its own", () => formatNamedParams([["a", 1]], new Map([["a", "1"]]))],
  ])("%s", (_, write) => expect(write).toThrow(RangeError));
});
