import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import {
  acceptTypes,
  acceptWrappedTypes,
  formatMsrpUri,
  maxSize,
  parseMsrpUri,
  path,
} from "./msrp.ts";

test("RFC 4975 §8.2: paths", () => {
  const alice = {
    scheme: "msrp",
    userinfo: undefined,
    host: "alice.example.com",
    port: 7394,
    sessionId: "2s93i9ek2a",
    transport: "tcp",
    params: [],
  };
  expect(path.parse("msrp://alice.example.com:7394/2s93i9ek2a;tcp")).toEqual(ok([alice]));
  expect(path.parse("msrps://r@[2001:db8::1]/x;ws;a=b msrp://h;tcp")).toMatchObject({
    value: [
      { scheme: "msrps", userinfo: "r", host: "2001:db8::1", params: ["a=b"] },
      { host: "h", port: undefined, sessionId: undefined },
    ],
  });
  const texts = [
    "",
    "msrp:",
    "msrp://",
    "msrp://h",
    "msrp://h;",
    "http://h;tcp",
    "msrp://h:65536;tcp",
  ];
  for (const text of [...texts, "msrp://h/;tcp", "msrp://@h;tcp", "msrp://h;tcp;"]) {
    expect([text, path.parse(text).ok]).toEqual([text, false]);
  }
});

test("RFC 4975 §8.6: types, any subtype, any type", () => {
  expect(acceptTypes.parse("message/cpim text/* *")).toEqual(ok(["message/cpim", "text/*", "*"]));
  expect(acceptWrappedTypes.parse("text/plain;charset=utf-8").ok).toBe(true);
  for (const text of ["", "text", "text/", "a/b/c", "a/b;"])
    expect(acceptTypes.parse(text).ok).toBe(false);
  expect(maxSize.parse("1048576")).toEqual(ok(1_048_576));
});

test("parse(format(x)) is x", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,9}$/);
  const any = fc.record({
    scheme: fc.constantFrom<"msrp" | "msrps">("msrp", "msrps"),
    userinfo: fc.option(word, { nil: undefined }),
    host: fc.oneof(fc.constant("2001:db8::1"), fc.constant("h.example"), fc.ipV4()),
    port: fc.option(fc.nat(65_535), { nil: undefined }),
    sessionId: fc.option(word, { nil: undefined }),
    transport: word,
    params: fc.array(word, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(ok(parseMsrpUri(formatMsrpUri(x)))).toEqual(ok(x));
    }),
  );
  const list = fc.array(any, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(list, (x) => {
      expect(path.parse(path.format(x))).toEqual(ok(x));
    }),
  );
  const types = fc.array(fc.constantFrom("text/plain", "*", "a/*;b=c"), { minLength: 1 });
  fc.assert(
    fc.property(types, (x) => {
      expect(acceptTypes.parse(acceptTypes.format(x))).toEqual(ok(x));
    }),
  );
  fc.assert(
    fc.property(fc.nat(), (x) => {
      expect(maxSize.parse(maxSize.format(x))).toEqual(ok(x));
    }),
  );
});
