import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import type { Line } from "../line.ts";
import {
  attributeLine,
  flagLine,
  hasAttribute,
  readAttribute,
  readAttributes,
} from "./attribute-type.ts";
import { rtcpMux } from "./rtcp.ts";
import { rtpmap } from "./rtpmap.ts";

const line = (name: string, value?: string): Line => ({ kind: "a", name, value });

test("what is broken is passed over, what comes twice is there twice", () => {
  const lines = [
    line("rtpmap", "31 LPC"),
    line("rtpmap"),
    line("rtpmap", "0 PCMU/8000"),
    line("rtpmap", "0 PCMA/8000"),
    line("RTPMAP", "1 x/1"),
    { kind: "s", text: "rtpmap" } satisfies Line,
  ];
  expect(readAttribute(lines, rtpmap)?.encoding).toBe("PCMU");
  expect(readAttributes(lines, rtpmap).map(({ encoding }) => encoding)).toEqual(["PCMU", "PCMA"]);
  expect(readAttribute([line("rtpmap", "x")], rtpmap)).toBeUndefined();
});

test("names of Object's own are not there unless they are written", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    expect(hasAttribute([], name)).toBe(false);
    expect(hasAttribute([line(name, "x")], name)).toBe(true);
  }
});

test("lines of attributes", () => {
  expect(flagLine(rtcpMux)).toEqual({ kind: "a", name: "rtcp-mux", value: undefined });
  fc.assert(
    fc.property(fc.nat(127), (payloadType) => {
      const value = { payloadType, encoding: "x", clockRateHz: 1, channels: undefined };
      expect(ok(readAttribute([attributeLine(rtpmap, value)], rtpmap))).toEqual(ok(value));
    }),
  );
});
