import { describe, expect, test } from "vitest";
import { formatSipUri, parseSipUri, sameSipUri } from "./sip-uri.ts";
import { sipToTel, telToSip } from "./tel-sip.ts";
import { formatTelUri, parseTelUri, sameTelUri } from "./tel-uri.ts";

const tel = (text: string) => {
  const result = parseTelUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const sip = (text: string, scheme?: "sips") => formatSipUri(telToSip(tel(text), "foo.com", scheme));
const back = (text: string) => {
  const uri = parseSipUri(text);
  const result = uri.ok ? sipToTel(uri.value) : uri;
  return result.ok ? formatTelUri(result.value) : result.error.code;
};

//= RFC 3261 §19.1.6
//# When a tel URL (RFC 2806 [9]) is converted to a SIP or SIPS URI, the entire
//# telephone-subscriber portion of the tel URL, including any parameters, is placed into the
//# userinfo part of the SIP or SIPS URI.
//= RFC 3261 §19.1.6
//# To mitigate this problem, elements constructing telephone-subscriber fields to place in the
//# userinfo part of a SIP or SIPS URI SHOULD fold any case-insensitive portion of
//# telephone-subscriber to lower case, and order the telephone-subscriber parameters lexically by
//# parameter name, excepting isdn-subaddress and post-dial, which occur first and in that order.
describe("RFC 3261 §19.1.6: a telephone number as a SIP URI", () => {
  test("has its parameters in the user part, in lower case and in order", () => {
    const postd = "sip:+358-555-1234567;postd=pp22@foo.com;user=phone";
    expect(sip("tel:+358-555-1234567;postd=pp22")).toBe(postd);
    expect(sip("tel:+358-555-1234567;POSTD=PP22")).toBe(postd);
    expect(sip("tel:+1;postd=pp22", "sips")).toBe("sips:+1;postd=pp22@foo.com;user=phone");
    const ordered = "sip:+358-555-1234567;phone-context=5;tsp=a.b@foo.com;user=phone";
    expect(sip("tel:+358-555-1234567;tsp=a.b;phone-context=5")).toBe(ordered);
    expect(sip("tel:+358-555-1234567;phone-context=5;tsp=a.b")).toBe(ordered);
  });

  //= RFC 3261 §19.1.2
  //# Any characters occurring in a telephone-subscriber that do not appear in an expansion of the
  //# BNF for the user rule MUST be escaped.
  //= RFC 3261 §25.1
  //# Note, however, that any characters allowed there that are not allowed in the user part of the
  //# SIP URI MUST be escaped.
  test("is a URI whatever the number, and the same for numbers that are written otherwise", () => {
    for (const text of ["tel:*21#;phone-context=a.b", "tel:+1;isub=a:b%2f;x=[1]", "tel:+1;x=%40"]) {
      const uri = telToSip(tel(text), "Foo.com");
      const read = parseSipUri(formatSipUri(uri));
      expect(read).toEqual({ ok: true, value: uri });
      const again = sipToTel(uri);
      expect(again.ok && sameTelUri(again.value, tel(text))).toBe(true);
    }
    expect(sip("tel:*21#;phone-context=a.b")).toBe(
      "sip:*21%23;phone-context=a.b@foo.com;user=phone",
    );
    const [a, b] = [telToSip(tel("tel:+1;b;A=X"), "h"), telToSip(tel("tel:+1;a=x;B"), "H")];
    expect(sameSipUri(a, b)).toBe(true);
  });
});

describe("RFC 3261 §19.1.6: a SIP URI as a telephone number", () => {
  test("is what its user part says", () => {
    expect(back("sip:+1-212-555-1212:1234@gateway.com;user=phone")).toBe("tel:+1-212-555-1212");
    expect(back("sips:7042;phone-context=a.b@h;user=PHONE")).toBe("tel:7042;phone-context=a.b");
    expect(back("sip:*21%23;phone-context=a.b@h;user=phone")).toBe("tel:*21#;phone-context=a.b");
  });

  test("and nothing else is one", () => {
    for (const text of [
      "sip:+1@h",
      "sip:+1@h;user=ip",
      "sip:h;user=phone",
      "sip:bob@h;user=phone",
    ]) {
      expect([text, back(text)]).toEqual([text, "bad-uri"]);
    }
  });
});
