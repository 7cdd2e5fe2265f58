import { describe, expect, test } from "vitest";
import { formatUri, parseUri, sameUri, type Uri } from "./uri.ts";

const uri = (text: string): Uri => {
  const result = parseUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const same = (a: string, b: string) => sameUri(uri(a), uri(b));

test("a URI is told apart by its scheme, and comes out as it went in", () => {
  const schemes = {
    "sip:a@h": "sip",
    "sips:h;lr": "sips",
    "tel:+1": "tel",
    "urn:service:sos": "other",
    "https://h/a?b#c": "other",
    "nobodyKnowsThisScheme:totallyopaquecontent": "other",
    "a+b-c.d:x": "other",
  };
  for (const [text, scheme] of Object.entries(schemes)) {
    expect(uri(text).scheme).toBe(scheme);
    expect(formatUri(uri(text))).toBe(text);
  }
  expect(uri("HTTP://H")).toEqual({ scheme: "other", name: "http", raw: "HTTP://H" });
});

//= RFC 3261 §19.1.2
//# Excluded US-ASCII characters (RFC 2396 [5]), such as space and control characters and characters
//# used as URI delimiters, also MUST be escaped. URIs MUST NOT contain unescaped space and control
//# characters.
test("RFC 3261 §19.1.2: what RFC 2396 excludes from URIs stands in none, but escaped", () => {
  for (let code = 0; code < 256; code++) {
    const one = String.fromCharCode(code);
    const isAllowed = /[A-Za-z0-9\-_.!~*'();/?:@&=+$,[\]#]/.test(one);
    expect([code, parseUri(`x:a${one}b`).ok]).toEqual([code, isAllowed]);
    const escaped = `%${code.toString(16).padStart(2, "0")}`;
    expect(parseUri(`x:a${escaped}b`).ok).toBe(true);
  }
  for (const text of ["x:%", "x:a%4", "x:%4g", "x:%%41"]) expect(parseUri(text).ok).toBe(false);
});

test("what is no URI is refused", () => {
  for (const text of [
    "",
    "a",
    ":a",
    "a:",
    "1a:b",
    "a b:c",
    "a:b c",
    "a:<b>",
    'a:"',
    "a:\r\n",
    "sip:",
    "tel:x",
  ]) {
    const result = parseUri(text);
    expect([text, result.ok ? "read" : result.error.status]).toEqual([text, 400]);
  }
});

describe("URIs are compared by the rules of their scheme", () => {
  test.each([
    ["sip:%61@h", "sip:a@H"],
    ["tel:+1-2", "tel:+12"],
    ["URN:a:B", "urn:a:B"],
    ["sip:a@[::1]", "sip:a@[0:0:0:0:0:0:0:1]"],
    ["sip:a@[2001:db8::192.0.2.1]", "sip:a@[2001:DB8:0:0:0:0:C000:0201]"],
    ["sip:a@[1::]", "sip:a@[1:0::0]"],
  ])("%s is %s", (a, b) => expect([same(a, b), same(b, a)]).toEqual([true, true]));

  test.each([
    ["sip:a@h", "sips:a@h"],
    ["sip:+1@h;user=phone", "tel:+1"],
    ["urn:a:B", "urn:a:b"],
    ["urn:a", "http:a"],
    ["sip:a@[::1]", "sip:a@[::2]"],
    ["sip:a@[::1]", "sip:a@h"],
    ["tel:+1", "urn:a"],
  ])("%s is not %s", (a, b) => expect([same(a, b), same(b, a)]).toEqual([false, false]));
});
