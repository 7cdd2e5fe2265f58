import { describe, expect, test } from "vitest";
import { parseSipUri, sameSipUri } from "./sip-uri.ts";

/** Whether `sip:h?A` is `sip:h?B`, and the same the other way round. */
function same(a: string, b: string): boolean {
  const [one, other] = [parseSipUri(`sip:h?${a}`), parseSipUri(`sip:h?${b}`)];
  if (!one.ok || !other.ok) throw new Error(`${a} or ${b}`);
  const is = sameSipUri(one.value, other.value);
  expect(sameSipUri(other.value, one.value)).toBe(is);
  return is;
}

//= RFC 3261 §19.1.4
//# URI header components are never ignored. Any present header component MUST be present in both
//# URIs and match for the URIs to match. The matching rules are defined for each header field in
//# Section 20.
//= RFC 3261 §19.1.4
//# The ordering of parameters and header fields is not significant in comparing SIP and SIPS URIs.
describe("RFC 3261 §19.1.4: headers in two URIs", () => {
  test.each([
    ["in another order", "subject=a&priority=urgent", "priority=urgent&subject=a"],
    ["with another escape", "subject=%61b", "subject=a%62"],
    ["with a name in another case, or escaped", "Subject=a", "%53UBJECT=a"],
    ["in compact form", "s=a&f=sip:b%40c", "subject=a&from=sip:b%40c"],
    ["with tokens in another case", "priority=URGENT", "priority=urgent"],
    ["with the same quoted string", "call-info=x%22aB%22Y", "call-info=X%22aB%22y"],
    ["with an open quote", "subject=a%22B", "subject=A%22b"],
    ["with a host in another case", "to=sip:bob%40Biloxi.COM", "to=sip:bob%40biloxi.com"],
    ["with another display name", "to=%22Bob%22%20%3Csip:b%40c%3E", "to=sip:b%40c"],
    ["with a parameter that only one has", "from=%3Csip:b%40c%3E%3Bx%3D1", "from=sip:b%40c"],
    ["with a parameter in another case", "to=%3Csip:c%3E%3Bx%3DA", "to=%3Csip:c%3E%3BX%3Da"],
    ["with headers within them", "to=%3Csip:c?s%3Da%3E", "to=%3Csip:C?s%3Da%3E"],
  ])("%s are the same", (_, a, b) => expect(same(a, b)).toBe(true));

  test.each([
    ["one of them missing", "subject=a", "subject=a&priority=urgent"],
    ["one of them twice", "x=1", "x=1&x=1"],
    ["two of one name in another order", "route=a&route=b", "route=b&route=a"],
    ["another name", "subject=a", "priority=a"],
    ["another value", "subject=a", "subject=b"],
    ["a quoted string in another case", "call-info=%22aB%22", "call-info=%22ab%22"],
    ["a user in another case", "to=sip:Bob%40c", "to=sip:bob%40c"],
    ["another scheme", "to=sip:b%40c", "to=sips:b%40c"],
    ["a tag that only one has", "from=%3Csip:c%3E%3Btag%3D1", "from=sip:c"],
    ["another tag", "from=%3Csip:c%3E%3Btag%3D1", "from=%3Csip:c%3E%3Btag%3D2"],
    [
      "a quoted parameter in another case",
      "to=%3Csip:c%3E%3Bx%3D%22a b%22".replace(" ", "%20"),
      "to=%3Csip:c%3E%3Bx%3D%22A%20b%22",
    ],
    ["an address that is none", "to=%3Csip:c", "to=%3Csip:C"],
    ["another number", "to=tel:%2B1", "to=tel:%2B2"],
    ["other headers within them", "to=%3Csip:c?s%3Da%3E", "to=%3Csip:c?s%3DA%3E"],
    ["a Call-ID in another case", "call-id=a", "call-id=A"],
    ["a body in another case", "body=a", "body=A"],
  ])("with %s are not the same", (_, a, b) => expect(same(a, b)).toBe(false));

  test("cost no more than sorting them", () => {
    const many = (value: number) => Array.from({ length: 20_000 }, () => `x=${value}`).join("&");
    const start = performance.now();
    expect(same(many(1), many(2))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
