import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type BridgeTold, formatBridgeTold, isCarillon, parseBridgeTold } from "./bridge-told.ts";

test("Carillon-Bridge is read as it is written", () => {
  const told: BridgeTold = {
    why: "they have no format in common",
    here: "opus DTLS-SRTP",
    there: "PCMA RTP",
    video: "dropped",
    videoWhy: 'they have "no" camera',
  };
  const value = formatBridgeTold(told);
  expect(value).toBe(
    '"they have no format in common";here="opus DTLS-SRTP";there="PCMA RTP";video=dropped;' +
      'video-why="they have \\"no\\" camera"',
  );
  expect(parseBridgeTold(value)).toEqual({ ok: true, value: told });
});

test("Carillon-Bridge stays one header line, whatever stands in it, and is read back", () => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(fc.record({ why: text, here: text, there: text, videoWhy: text }), (told) => {
      const value = formatBridgeTold({ ...told, video: "passed" });
      expect(value).not.toMatch(/[\r\n\0]/);
      const read = parseBridgeTold(value);
      expect(read.ok).toBe(true);
      if (read.ok) expect(formatBridgeTold(read.value)).toBe(value);
    }),
  );
});

test("Carillon-Bridge of a stranger is a value or an error, never a throw", () => {
  for (const value of ["", "why", '"why', '"why" here', '"a";here="b', `"${"a".repeat(3000)}"`]) {
    expect(parseBridgeTold(value)).toMatchObject({ ok: false, error: { code: "bad-bridge" } });
  }
  expect(parseBridgeTold('"a";video=maybe;other=1')).toEqual({ ok: true, value: { why: "a" } });
  fc.assert(fc.property(fc.string(), (value) => typeof parseBridgeTold(value).ok === "boolean"));
});

test("Only a product called Carillon is told", () => {
  expect(["Carillon/0.1.0", "carillon", "Carillon/1 (page)"].map(isCarillon)).toEqual([
    ...[true, true, true],
  ]);
  expect(["Carillonic/1", "baresip v1", ""].map(isCarillon)).toEqual([false, false, false]);
});
