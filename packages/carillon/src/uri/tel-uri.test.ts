import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_PARAMS } from "../grammar/limits.ts";
import { formatTelUri, parseTelUri, sameTelUri, type TelUri } from "./tel-uri.ts";

const tel = (text: string): TelUri => {
  const result = parseTelUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const same = (a: string, b: string) => sameTelUri(tel(a), tel(b));

describe("RFC 3966 §6: the examples", () => {
  test.each([
    ["tel:+1-201-555-0123", { number: "+1-201-555-0123", phoneContext: undefined }],
    ["tel:7042;phone-context=example.com", { number: "7042", phoneContext: "example.com" }],
    ["tel:863-1234;phone-context=+1-914-555", { number: "863-1234", phoneContext: "+1-914-555" }],
  ])("%s", (text, parts) => {
    expect(tel(text)).toMatchObject({ scheme: "tel", ...parts });
    expect(formatTelUri(tel(text))).toBe(text);
  });
});

test("every part of a URI", () => {
  expect(tel("TEL:+1(2)3.4;EXT=5-6;Phone-Context=+1;CIC=+1;npdi")).toEqual({
    scheme: "tel",
    number: "+1(2)3.4",
    phoneContext: "+1",
    isub: undefined,
    ext: "5-6",
    params: new Map([
      ["cic", "+1"],
      ["npdi", ""],
    ]),
  });
  expect(tel("tel:*a#;isub=a%2Fb:;phone-context=a.b.")).toMatchObject({
    number: "*a#",
    isub: "a%2Fb:",
    phoneContext: "a.b.",
  });
});

describe("what is refused", () => {
  test.each([
    ["another scheme", ["sip:+1@h", "", "tel", "telx:+1"], 416],
    ["no number", ["tel:", "tel:+", "tel:+-", "tel:;ext=1", "tel:--;phone-context=a"], 400],
    ["a space or a letter", ["tel:+1 2", "tel:+1a", "tel:+1%32", "tel:1x;phone-context=a"], 400],
    ["a bad parameter", ["tel:+1;", "tel:+1;;a", "tel:+1;a=", "tel:+1;a b", "tel:+1;=1"], 400],
    [
      "a bad value",
      ["tel:+1;ext=a", "tel:+1;ext=", "tel:+1;isub=", "tel:+1;a=%", 'tel:+1;a="'],
      400,
    ],
    ["a line end or NUL", ["tel:+1\r\n", "tel:+1;a=\n", "tel:+1;\0"], 400],
  ])("%s", (_, texts, status) => {
    for (const text of texts) {
      const result = parseTelUri(text);
      expect([text, result.ok ? "read" : result.error.status]).toEqual([text, status]);
    }
  });

  //= RFC 3966 §5.1.5
  //# Local numbers MUST have a 'phone-context' parameter that identifies the scope of their
  //# validity.
  test("RFC 3966 §5.1.5: a local number without its context", () => {
    const bad = ["911", "911;phone-context=", "911;phone-context=5", "911;phone-context=-a.b"];
    for (const text of [...bad, "911;phone-context=a..b", "911;phone-context=+"]) {
      expect([text, parseTelUri(`tel:${text}`).ok]).toEqual([text, false]);
    }
    expect(parseTelUri("tel:911;phone-context=+1").ok).toBe(true);
  });

  //= RFC 3966 §3
  //# Each parameter name ("pname"), the ISDN subaddress, the 'extension', and the 'context' MUST
  //# NOT appear more than once.
  //= RFC 3966 §5.3
  //# At most, one of the 'isdn-subaddress' and 'extension' parameters can appear in a "tel" URI
  test("RFC 3966 §3, §5.3: a parameter twice, or isub beside ext", () => {
    const bad = ["a=1;A=1", "ext=1;ext=2", "isub=1;isub=1", "isub=1;ext=1"];
    for (const text of [...bad, "phone-context=a;phone-context=a"]) {
      expect([text, parseTelUri(`tel:+1;${text}`).ok]).toEqual([text, false]);
    }
    const many = (n: number) => Array.from({ length: n }, (_, i) => `;p${i}`).join("");
    expect(parseTelUri(`tel:+1${many(MAX_PARAMS)}`).ok).toBe(true);
    expect(parseTelUri(`tel:+1${many(MAX_PARAMS + 1)}`).ok).toBe(false);
  });

  //= RFC 3966 §5.4
  //# An implementation MAY ignore optional parameters and MUST NOT use the URI if it contains
  //# unknown mandatory parameters.
  test("RFC 3966 §5.4: a mandatory parameter that nobody knows", () => {
    expect(parseTelUri("tel:+1;m-new=1").ok).toBe(false);
    expect(parseTelUri("tel:+1;new-m=1").ok).toBe(true);
  });
});

//= RFC 3966 §3
//# The 'isdn-subaddress' or 'extension' MUST appear first, if present, followed by the 'context'
//# parameter, if present, followed by any other parameters in lexicographical order.
//= RFC 3966 §3
//# If the reserved characters "+", ";", "=", and "?" are used as delimiters between components of
//# the "tel" URI, they MUST NOT be percent encoded. These characters MUST be percent encoded if
//# they appear in tel URI parameter values.
test("RFC 3966 §3: a delimiter is never escaped, and a delimiter in a value always", () => {
  for (const text of [
    "tel:%2B1",
    "tel:+1%3Bext=2",
    "tel:+1;a%3D2",
    "tel:+1;a=b=c",
    "tel:+1;a=b?c",
  ]) {
    expect([text, parseTelUri(text).ok]).toEqual([text, false]);
  }
  expect([...tel("tel:+1;a=%3B%3D%3F").params]).toEqual([["a", "%3B%3D%3F"]]);
  expect(formatTelUri(tel("tel:+1;ext=2;a=%3b"))).toBe("tel:+1;ext=2;a=%3b");
});

//= RFC 3966 §5.1
//# Implementations MUST NOT assume that telephone numbers have a maximum, minimum, or fixed length,
//# or that they always begin with or contain certain digits.
//= RFC 3966 §5.1
//# Local numbers MUST be tagged with a 'phone-context' (section 5.1.5).
//= RFC 3966 §5.1.1
//# "tel" URIs MUST NOT use spaces in visual separators to avoid excessive escaping.
test("RFC 3966 §5.1: a number has any length and any digits, and no spaces", () => {
  for (const number of ["+0", "+9", `+${"7".repeat(60)}`, "+(0)-0.0"]) {
    expect(tel(`tel:${number}`).number).toBe(number);
  }
  for (const text of ["tel:+1 2", "tel:+1%202", "tel:7042", "tel:110"]) {
    expect([text, parseTelUri(text).ok]).toEqual([text, false]);
  }
  expect(tel("tel:0;phone-context=a.example").number).toBe("0");
});

//= RFC 3966 §5.4
//# Entities that forward protocol requests containing "tel" URIs with optional parameters MUST NOT
//# delete or modify parameters they do not understand.
test("RFC 3966 §5.4: a parameter that nobody knows stays as it is", () => {
  expect(formatTelUri(tel("tel:+1;nobody=Kn%4fws;these"))).toBe("tel:+1;nobody=Kn%4fws;these");
});

test("RFC 3966 §3: parameters are written in their order", () => {
  expect(formatTelUri(tel("tel:1;z;phone-context=h;b=1;ext=2"))).toBe(
    "tel:1;ext=2;phone-context=h;b=1;z",
  );
  expect(formatTelUri(tel("tel:+1;a=2;isub=3"))).toBe("tel:+1;isub=3;a=2");
});

describe("RFC 3966 §4: comparison", () => {
  //= RFC 3966 §5.1.1
  //# Visual separators ('visual-separator') merely aid readability and are not used for URI
  //# comparison or placing a call.
  test.each([
    ["tel:+1-201-555-0123", "TEL:+1(201)555.0123"],
    ["tel:7042;phone-context=example.com", "tel:70-42;PHONE-CONTEXT=EXAMPLE.com"],
    ["tel:1;phone-context=+1-2", "tel:1;phone-context=+12"],
    ["tel:+358-555-1234567;postd=pp22", "tel:+358-555-1234567;POSTD=PP22"],
    ["tel:+1;postd=pp22;isub=1411", "tel:+1;isub=1411;postd=pp22"],
    ["tel:+1;ext=1-2", "tel:+1;ext=12"],
    ["tel:+1;a=%41", "tel:+1;a=a"],
    ["tel:a#;phone-context=h", "tel:A#;phone-context=h"],
  ])("%s and %s are the same", (a, b) => {
    expect([same(a, b), same(b, a)]).toEqual([true, true]);
  });

  //= RFC 3966 §4
  //# Both must be either a 'local-number' or a 'global-number', i.e., start with a '+'.
  //= RFC 3966 §4
  //# If one URI has a parameter name not found in the other, the two URIs are not equal.
  test.each([
    ["tel:+123", "tel:123;phone-context=+1"],
    ["tel:+1", "tel:+2"],
    ["tel:+1", "tel:+1;a"],
    ["tel:+1;a=1", "tel:+1;b=1"],
    ["tel:+1;a=1", "tel:+1;a=2"],
    ["tel:+1;ext=1", "tel:+1;ext=2"],
    ["tel:+1;ext=1", "tel:+1"],
    ["tel:+1;isub=1", "tel:+1;isub=2"],
    ["tel:+1;ext=1", "tel:+1;isub=1"],
    ["tel:1;phone-context=a", "tel:1;phone-context=b"],
    ["tel:1;phone-context=+1", "tel:1;phone-context=+12"],
  ])("%s and %s are not", (a, b) => {
    expect([same(a, b), same(b, a)]).toEqual([false, false]);
  });
});

test("what is written is read, and is the same", () => {
  const number = fc.stringMatching(/^\+[0-9]{1,4}[-.()0-9]{0,6}$/);
  const value = fc.stringMatching(/^(?:[a-zA-Z0-9._~-]|%[0-9a-f]{2}){1,6}$/);
  const names = fc.constantFrom("cic", "npdi", "__proto__".replaceAll("_", "-"), "constructor");
  const any = fc.record({
    scheme: fc.constant("tel" as const),
    number,
    phoneContext: fc.option(fc.constantFrom("+1", "a.example"), { nil: undefined }),
    isub: fc.option(value, { nil: undefined }),
    ext: fc.constant(undefined),
    params: fc.dictionary(names, value).map((object) => new Map(Object.entries(object))),
  });
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(tel(formatTelUri(a))).toEqual(a);
      expect(sameTelUri(a, a)).toBe(true);
      expect(sameTelUri(a, b)).toBe(sameTelUri(b, a));
    }),
  );
});
