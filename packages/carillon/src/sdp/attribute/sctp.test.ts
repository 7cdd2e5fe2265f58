import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, maxMessageSize, sctpPort } from "./sctp.ts";

//= RFC 8841 §5.2
//# The SCTP port range is between 0 and 65535 (both included). Leading zeroes MUST NOT be used.
test("RFC 8841 §5.2, §6.2: numbers without leading zeros", () => {
  expect(sctpPort.parse("5000")).toEqual(ok(5000));
  expect(maxMessageSize.parse("100000")).toEqual(ok(100_000));
  for (const text of ["", "05000", "65536", "-1", "x"]) expect(sctpPort.parse(text).ok).toBe(false);
  expect(maxMessageSize.parse("0100").ok).toBe(false);
  expect(maxMessageSize.parse("99999999999999999999").ok).toBe(false);
  expect(DEFAULT_MAX_MESSAGE_BYTES).toBe(64 * 1024);
});

test("parse(format(x)) is x", () => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.constantFrom(sctpPort, maxMessageSize), (x, type) => {
      expect(type.parse(type.format(x))).toEqual(ok(x));
    }),
  );
});
