import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { formatNameAddr, parseNameAddr } from "./name-addr.ts";

const read = (text: string) => {
  const result = parseNameAddr(text);
  if (!result.ok) return undefined;
  const { displayName, uri, params } = result.value;
  return [displayName, uri, Object.fromEntries(params)];
};

describe("RFC 3261 §20.10, §20.20, §20.39: the forms of an address", () => {
  test.each([
    [
      '"Mr. Watson" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600',
      ["Mr. Watson", "sip:watson@worcester.bell-telephone.com", { q: "0.7", expires: "3600" }],
    ],
    [
      '"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s',
      ["A. G. Bell", "sip:agb@bell-telephone.com", { tag: "a48s" }],
    ],
    [
      "sip:+12125551212@server.phone2net.com;tag=887s",
      ["", "sip:+12125551212@server.phone2net.com", { tag: "887s" }],
    ],
    [
      "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
      ["Anonymous", "sip:c8oqz84zk7z@privacy.org", { tag: "hyh8" }],
    ],
    ["The Operator <sip:o@h>;tag=287447", ["The Operator", "sip:o@h", { tag: "287447" }]],
    ["<sip:a@h;lr?x=1>", ["", "sip:a@h;lr?x=1", {}]],
    ["caller<sip:caller@example.com>", ["caller", "sip:caller@example.com", {}]],
    ['"<sip:joe@x>, \\"Joe\\""<sip:a@h>', ['<sip:joe@x>, "Joe"', "sip:a@h", {}]],
    ['"" <sip:a@h>', ["", "sip:a@h", {}]],
    ["*", ["", "*", {}]],
    ["\r\n sip:a@h ;\r\n  tag  = 1", ["", "sip:a@h", { tag: "1" }]],
    ["Two\r\n  Lines <sip:a@h>\r\n ;x", ["Two Lines", "sip:a@h", { x: "" }]],
    ['Anna <sip:a@h>;t="x>y;<z"', ["Anna", "sip:a@h", { t: "x>y;<z" }]],
    [`"${fromText("Ünï 会議")}" <sip:a@h>`, ["Ünï 会議", "sip:a@h", {}]],
    [`${fromText("Jürgen")} <sip:a@h>`, ["Jürgen", "sip:a@h", {}]],
    ["<isbn:2983792873>", ["", "isbn:2983792873", {}]],
    ['sip:a@h;x="<sip:b@h>";tag=1', ["", "sip:a@h", { x: "<sip:b@h>", tag: "1" }]],
    ['sip:a@h;x="<"', ["", "sip:a@h", { x: "<" }]],
  ])("%s", (text, expected) => expect(read(text)).toEqual(expected));
});

//= RFC 3261 §20
//# If the URI is not enclosed in angle brackets, any semicolon-delimited parameters are
//# header-parameters, not URI parameters.
test("RFC 3261 §20: parameters inside the brackets are the URI's, outside the header's", () => {
  expect(read("sip:a@h;lr;tag=1")).toEqual(["", "sip:a@h", { lr: "", tag: "1" }]);
  expect(read("<sip:a@h;lr>;tag=1")).toEqual(["", "sip:a@h;lr", { tag: "1" }]);
});

describe("what is refused", () => {
  //= RFC 3261 §20
  //# If the URI contains a comma, question mark or semicolon, the URI MUST be enclosed in angle
  //# brackets (< and >).
  test.each([
    ["a URI that needs brackets", ["sip:a@h?Route=%3Csip:b%3E", "sip:a,b@h"]],
    ["nothing", ["", " ", ";tag=1", "<>", "Joe <>", '"Joe"', '"Joe" ;tag=1']],
    ["a quote that stays open", ['"Mr. J. User <sip:j.user@example.com>', '"a\\" <sip:a@h>']],
    ["a bracket behind a semicolon", ["Joe;x <sip:a@h>", '"Joe";x=<sip:a@h>', "sip:a;<sip:b>"]],
    ["a bracket that stays open", ["<sip:a@h", "Joe <sip:a@h;tag=1"]],
    ["spaces within the URI", ["< sip:a@h>", "<sip:a@h >", "<sip:a @h>", "sip:a b@h", "<sip:\0a>"]],
    ["delimiters within the URI", ["<sip:<a>", "sip:a>b@h", 'sip:a"b@h', "<sip:a\x7f@h>"]],
    ["a name that needs quotes", ["Bell, Alexander <sip:a@h>", "a@b <sip:a@h>", "A (b) <sip:a@h>"]],
    ["something between name and bracket", ['"Joe" x <sip:a@h>', '"a" "b" <sip:a@h>']],
    [
      "something behind the bracket",
      ["<sip:a@h> x", "<sip:a@h>tag=1", "<sip:a@h>;;", "<sip:a@h>>"],
    ],
    ["another address behind it", ["<sip:a@h>, <sip:b@h>", "<sip:a@h>;tag=1,<sip:b@h>"]],
    ["a parameter twice", ["<sip:a@h>;tag=1;Tag=2", "sip:a@h;tag=1;tag=1"]],
  ])("%s", (_, texts) => {
    for (const text of texts) expect([text, read(text)]).toEqual([text, undefined]);
  });

  test("says where", () => {
    expect(parseNameAddr('x "Joe', 2)).toMatchObject({
      error: { code: "bad-address", status: 400, offset: 2 },
    });
  });
});

test("a part of a text is read without what stands around it", () => {
  const text = "<sip:a@h>, Joe <sip:b@h>;q=1, <sip:c@h>";
  const result = parseNameAddr(text, 11, 28);
  expect(result).toMatchObject({ ok: true, value: { displayName: "Joe", uri: "sip:b@h" } });
  expect(parseNameAddr("sip:a@h <sip:b@h>", 0, 7)).toMatchObject({ value: { uri: "sip:a@h" } });
  expect(parseNameAddr("sip:a@h;x=1;y=2", 0, 7)).toMatchObject({ value: { params: new Map() } });
});

describe("formatting", () => {
  //= RFC 3261 §20.10
  //# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
  //# contains a comma, semicolon, or question mark.
  //= RFC 3261 §20.20
  //# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
  //# contains a comma, question mark, or semicolon.
  //= RFC 3261 §20.31
  //# Even if the "display-name" is empty, the "name-addr" form MUST be used if the "addr-spec"
  //# contains a comma, question mark, or semicolon.
  test("RFC 3261 §20.10: has brackets also where there is no name", () => {
    const params = new Map([["tag", "1"]]);
    for (const uri of ["sip:a,b@h", "sip:a@h;lr", "sip:a@h?s=1", "sip:h"]) {
      const text = formatNameAddr({ displayName: "", uri, params });
      expect(text).toBe(`<${uri}>;tag=1`);
      expect(read(text)).toEqual(["", uri, { tag: "1" }]);
    }
  });

  test("always has brackets and quotes", () => {
    const params = new Map([
      ["tag", "a48s"],
      ["lr", ""],
      ["received", "[::1]"],
      ["x", 'a "b"'],
    ]);
    expect(formatNameAddr({ displayName: 'J "Q" Ünï', uri: "sip:a@h", params })).toBe(
      `"J \\"Q\\" ${fromText("Ünï")}" <sip:a@h>;tag=a48s;lr;received=[::1];x="a \\"b\\""`,
    );
    expect(formatNameAddr({ displayName: "", uri: "sip:a@h", params: new Map() })).toBe(
      "<sip:a@h>",
    );
  });

  test("and reading give back what went in", () => {
    const sayable = fc.string({ unit: "grapheme" }).map((s) => s.replace(/[\0\r\n]/g, ""));
    const octets = fc
      .uint8Array({ minLength: 1, maxLength: 8 })
      .map((bytes) => String.fromCharCode(...bytes).replace(/[\0\r\n]/g, "x"));
    const names = fc.constantFrom("tag", "q", "__proto__", "constructor", "+sip.instance");
    fc.assert(
      fc.property(sayable, fc.array(fc.tuple(names, octets)), (displayName, list) => {
        const address = { displayName, uri: "sip:a@h;lr", params: new Map(list) };
        expect(parseNameAddr(formatNameAddr(address))).toEqual({ ok: true, value: address });
      }),
    );
  });

  test("throws on a line end, so that no name becomes a header", () => {
    const params = new Map<string, string>();
    expect(() => formatNameAddr({ displayName: "a\r\nVia: x", uri: "sip:a@h", params })).toThrow(
      RangeError,
    );
  });
});
