import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { rtcp, rtcpMux, rtcpMuxOnly, rtcpRsize } from "./rtcp.ts";

test("RFC 3605 §2.1: a port, and an address", () => {
  expect(rtcp.parse("53020")).toEqual(ok({ port: 53_020, where: undefined }));
  const where = { netType: "IN", addressType: "IP6", address: "2001:db8::1" };
  expect(rtcp.parse("53020 IN IP6 2001:db8::1")).toEqual(ok({ port: 53_020, where }));
  for (const text of ["", "65536", "1 IN", "1 IN IP4", "1 IN IP4 a b", "01", "1  IN IP4 a"]) {
    expect([text, rtcp.parse(text).ok]).toEqual([text, false]);
  }
});

test("properties have no value", () => {
  for (const type of [rtcpMux, rtcpMuxOnly, rtcpRsize]) {
    expect(type.parse(undefined)).toEqual(ok(true));
    expect(type.parse("").ok).toBe(false);
    expect(type.format(true)).toBeUndefined();
  }
});

test("parse(format(x)) is x", () => {
  const where = fc.record({
    netType: fc.constant("IN"),
    addressType: fc.constantFrom("IP4", "IP6"),
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
  });
  const any = fc.record({
    port: fc.nat(65_535),
    where: fc.option(where, { nil: undefined }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(rtcp.parse(rtcp.format(x))).toEqual(ok(x));
    }),
  );
});
