import { describe, expect, test } from "vitest";
import { MAX_PARAMS } from "./limits.ts";
import { formatParams, NO_PARAMS, readParams } from "./params.ts";

const read = (text: string) => {
  const params = readParams(text, 0, text.length);
  return params && Object.fromEntries(params);
};

describe("RFC 3261 §25.1: parameters", () => {
  test("have names in lower case, and values as they stand", () => {
    expect(read(";tag=AbC;LR;Received=[2001:DB8::1]")).toEqual({
      tag: "AbC",
      lr: "",
      received: "[2001:DB8::1]",
    });
  });

  test("may have white space and folds at every joint", () => {
    expect(read(" ;\r\n  newparam =\r\n      newvalue ;\r\n\tsecond ; q = 0.33 ")).toEqual({
      newparam: "newvalue",
      second: "",
      q: "0.33",
    });
  });

  test("may be quoted strings, with delimiters and escapes in them", () => {
    expect(read(';a="x;y=z, \\"w\\"";b="";c="two\r\n lines"')).toEqual({
      a: 'x;y=z, "w"',
      b: "",
      c: "two lines",
    });
  });

  test("start where they are said to start, and end where the text says", () => {
    expect(readParams("<sip:a>;x=1,;y=2", 7, 11)).toEqual(new Map([["x", "1"]]));
    expect(readParams("abc", 3, 3)).toBe(NO_PARAMS);
    expect(read("  ")).toEqual({});
  });

  test.each([
    ["an empty name", [";", ";;", ";a;", "; ;a", ";=1"]],
    ["a name that is no token", [";a b", ";a/b=1", ';"a"', ";ü=1", ";\x01"]],
    ["something before the semicolon", ["a=1", "x;a=1"]],
    ["an open quote or bracket", [';a="', ';a="x\\"', ";a=<x"]],
    [
      "a value that is neither token, quoted string nor host",
      [
        ";a=x y",
        ';a=x"y"',
        ';a="x"y',
        ';a="x" "y"',
        ';a="x"y"z"',
        ";a=1,2",
        ";a=<sip:x>",
        ";a=x\x01",
        ";a=x\x7f",
      ],
    ],
  ])("are refused for %s", (_, texts) => {
    for (const text of texts) expect([text, read(text)]).toEqual([text, undefined]);
  });

  //= RFC 3261 §7.3.1
  //# any given parameter-name MUST NOT appear more than once.
  test("RFC 3261 §7.3.1: have each name once, whatever its case", () => {
    expect(read(";tag=1;TAG=1")).toBeUndefined();
    expect(read(";lr;x;lr")).toBeUndefined();
  });

  test("are not more than the limit", () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `;p${i}`).join("");
    expect(readParams(many(MAX_PARAMS), 0, many(MAX_PARAMS).length)?.size).toBe(MAX_PARAMS);
    expect(read(many(MAX_PARAMS + 1))).toBeUndefined();
  });

  test("can be called after what every object has", () => {
    const text = ";__proto__=1;constructor=2;toString;hasOwnProperty=3";
    const params = readParams(text, 0, text.length);
    expect([...(params ?? [])]).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["tostring", ""],
      ["hasownproperty", "3"],
    ]);
    expect(NO_PARAMS.get("__proto__")).toBeUndefined();
    expect(NO_PARAMS.has("constructor")).toBe(false);
  });
});

describe("writing parameters", () => {
  const write = (object: Record<string, string>) => formatParams(new Map(Object.entries(object)));

  //= RFC 3261 §25.1
  //# These special characters MUST be in a quoted string to be used within a parameter value.
  test("RFC 3261 §25.1: puts every separator into a quoted string, and reads it again", () => {
    for (const separator of '()<>@,;:\\"/[]?={} \t') {
      const [name, value] = ["a", `x${separator}y`];
      const written = write({ [name]: value });
      expect(written).toMatch(/^;a="x.{1,2}y"$/);
      expect(read(written)).toEqual({ a: value });
    }
  });

  test("quotes what is neither a token nor an address in brackets", () => {
    expect(write({ lr: "", tag: "a.b%", host: "[::1]" })).toBe(";lr;tag=a.b%;host=[::1]");
    expect(write({ a: "b c", d: '"', e: "[]", f: "[g]", h: "[::1]x", i: "\xff" })).toBe(
      ';a="b c";d="\\"";e="[]";f="[g]";h="[::1]x";i="\xff"',
    );
    expect(write({})).toBe("");
  });

  test("throws on a name that is none, and on a line end", () => {
    for (const bad of [{ "": "a" }, { "a b": "" }, { a: "b\r\nVia: c" }, { "a\r\n": "" }]) {
      expect(() => write(bad)).toThrow(RangeError);
    }
    expect(() => write({ "a b": "" })).toThrow('not the name of a parameter: "a b"');
  });
});
