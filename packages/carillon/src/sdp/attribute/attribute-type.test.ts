import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import * as door from "../index.ts";
import type { Line } from "../line.ts";
import {
  type AttributeType,
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

/** Every attribute that the door exports. */
const types = (Object.values(door) as readonly unknown[]).filter(
  (each): each is AttributeType<unknown> =>
    typeof each === "object" && each !== null && "parse" in each && "format" in each,
);
/** A file-selector may select nothing: RFC 5547 §6. */
const mayBeBare = (type: AttributeType<unknown>) => type.name === "file-selector";
const flags = types.filter((type) => type.parse(undefined).ok && !mayBeBare(type));

test("a property is there or not, and has no value", () => {
  expect(flags.map(({ name }) => name).toSorted()).toEqual([
    ...["bundle-only", "end-of-candidates", "extmap-allow-mixed", "ice-lite", "ice-mismatch"],
    ...["inactive", "recvonly", "rtcp-mux", "rtcp-mux-only", "rtcp-rsize", "sendonly", "sendrecv"],
  ]);
  for (const flag of flags) {
    expect(flag.parse(flag.format(true))).toEqual(ok(true));
    expect([flag.name, flag.parse("").ok, flag.parse("1").ok]).toEqual([flag.name, false, false]);
  }
});

test("an attribute with a value is refused without one, and written as one line", () => {
  const values = ["1", "a", "96 VP8/90000", "1 1 UDP 1 192.0.2.1 9 typ host", "send 1"];
  for (const type of types) {
    if (!flags.includes(type) && !mayBeBare(type))
      expect([type.name, type.parse(undefined).ok]).toEqual([type.name, false]);
    for (const value of values) {
      const read = type.parse(value);
      if (read.ok) expect(type.parse(type.format(read.value))).toEqual(read);
    }
  }
});
