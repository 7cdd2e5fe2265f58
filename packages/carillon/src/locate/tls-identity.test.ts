import { expect, test } from "vitest";
import { type AlternativeName, isIdentifiedAs, sipIdentities } from "./tls-identity.ts";

const uri = (value: string): AlternativeName => ({ type: "URI", value });
const dns = (value: string): AlternativeName => ({ type: "DNS", value });

//= RFC 5922 §7.1
//# If the scheme of the URI is not "sip", then the implementation MUST NOT accept the value as a
//# SIP domain identity.
//= RFC 5922 §7.1
//# If the scheme of the URI value is "sip", and the URI value that contains a userpart (there is an
//# '@'), the implementation MUST NOT accept the value as a SIP domain identity (a value with a
//# userpart identifies an individual user, not a domain).
//= RFC 5922 §7.1
//# If the scheme of the URI value is "sip", and there is no userinfo component in the URI (there is
//# no '@'), then the implementation MUST accept the hostpart as a SIP domain identity.
test.each([
  ["sip:example.com", ["example.com"]],
  ["SIP:Example.COM", ["example.com"]],
  ["sip:example.com:5061;transport=tls", ["example.com"]],
  ["sips:example.com", []],
  ["https://example.com", []],
  ["sip:alice@example.com", []],
  ["sip:", []],
])("RFC 5922 §7.1: the URI %s speaks for %j", (value, expected) => {
  expect(sipIdentities([uri(value)])).toEqual(expected);
});

//= RFC 5922 §7.1
//# An implementation MUST accept a domain name system identifier as a SIP domain identity if and
//# only if no other identity is found that matches the "sip" URI type described above.
test("RFC 5922 §7.1: DNS names count only where no SIP URI does", () => {
  expect(sipIdentities([dns("a.com"), uri("sip:b.com")])).toEqual(["b.com"]);
  expect(sipIdentities([dns("A.com."), dns("b.com")])).toEqual(["a.com", "b.com"]);
  expect(sipIdentities([dns("a.com"), uri("sip:alice@b.com")])).toEqual(["a.com"]);
  expect(sipIdentities([])).toEqual([]);
});

//= RFC 5922 §7.2
//# Implementations MUST match the values in their entirety:
//= RFC 5922 §7.2
//# Implementations MUST NOT match any form of wildcard, such as a leading "." or "*." with any
//# other DNS label or sequence of labels.
//= RFC 5922 §7.2
//# Implementations MUST compare the values as DNS names, which means that the comparison is case
//# insensitive as specified by RFC 4343 [3].
test.each([
  ["example.com", ["example.com"], true],
  ["Example.COM.", ["other.com", "exAmple.com"], true],
  ["foo.example.com", ["example.com"], false],
  ["example.com", ["foo.example.com"], false],
  ["foo.example.com", ["*.example.com"], false],
  ["foo.example.com", [".example.com"], false],
  ["*.example.com", ["*.example.com"], true],
  ["example.com", ["example.com\0.evil.org"], false],
  ["example.com", [], false],
  ["", [""], false],
])("RFC 5922 §7.2: %s is one of %j: %s", (name, identities, expected) => {
  expect(isIdentifiedAs(name, identities)).toBe(expected);
});
