import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SteadyStream } from "./steady-stream.ts";

function stream(): SteadyStream {
  let next = 1000;
  return new SteadyStream(() => next++, 42);
}

/** What goes out for a packet: its numbers, or nothing. */
function passed(
  out: SteadyStream,
  sequence: number,
  { ssrc = 1, now = sequence * 20, timestamp = sequence * 160 } = {},
): readonly [number, number] | undefined {
  const goes = out.pass(
    { ssrc, sequence: sequence & 0xffff, timestamp: timestamp >>> 0 },
    8000,
    now,
  );
  return goes ? [out.sequence, out.timestamp] : undefined;
}

describe("RFC 3550 §7.1: a translator", () => {
  test("gaps and reordering go through as they came, so that losses are seen", () => {
    const out = stream();
    const [first = 0, at = 0] = passed(out, 500) ?? [];
    expect(out.isFirst).toBe(true);
    expect(passed(out, 503)).toEqual([first + 3, at + 480]);
    expect(out.isFirst).toBe(false);
    expect(passed(out, 501)).toEqual([first + 1, at + 160]);
    expect(passed(out, 504)).toEqual([first + 4, at + 640]);
  });

  test("nothing goes out twice, so that SRTP never encrypts two packets alike", () => {
    const out = stream();
    passed(out, 500);
    expect(passed(out, 500)).toBeUndefined();
    passed(out, 501);
    expect(passed(out, 500)).toBeUndefined();
  });

  test("what is dropped leaves no gap, and what is said in between pushes the rest on", () => {
    const out = stream();
    const [first = 0] = passed(out, 500) ?? [];
    out.drop({ ssrc: 1, sequence: 501, timestamp: 0 });
    expect(passed(out, 502)?.[0]).toBe(first + 1);
    out.insert(77);
    expect([out.sequence, out.timestamp]).toEqual([first + 2, 77]);
    expect(passed(out, 503)?.[0]).toBe(first + 3);
    expect(out.sequenceOf(first + 3)).toBe(503);
  });
});

describe("one steady stream, whoever is heard", () => {
  //= RFC 3550 §5.1
  //# the timestamp would be increased by 160 for each such block, regardless of whether the block
  //# is transmitted in a packet or dropped as silent.
  test("RFC 3550 §5.1: after a hold what is said has the time that it is by then", () => {
    const out = stream();
    out.own(160, 8000, 10_000);
    const before = out.timestamp;
    out.own(160, 8000, 10_021);
    expect([out.timestamp - before, out.isFirst]).toEqual([160, false]);
    out.own(160, 8000, 11_021);
    expect([out.timestamp - before, out.isFirst]).toEqual([160 + 8000, true]);
  });

  test("another source goes on where the one before ended, a frame later at least", () => {
    const out = stream();
    const [first = 0, at = 0] = passed(out, 500, { now: 10_000 }) ?? [];
    expect(passed(out, 9000, { ssrc: 2, now: 10_005 })).toEqual([first + 1, at + 160]);
    expect(out.isFirst).toBe(true);
    expect(passed(out, 9001, { ssrc: 2, now: 10_025 })).toEqual([first + 2, at + 320]);
    expect(passed(out, 3, { ssrc: 3, now: 11_025 })).toEqual([first + 3, at + 320 + 8000]);
  });

  test("our own packets follow each other by their duration, and a source after them", () => {
    const out = stream();
    const [first = 0, at = 0] = passed(out, 500, { now: 10_000 }) ?? [];
    out.own(160, 8000, 10_100);
    expect([out.sequence, out.timestamp, out.isFirst]).toEqual([first + 1, at + 800, true]);
    out.own(160, 8000, 10_123);
    expect([out.sequence, out.timestamp, out.isFirst]).toEqual([first + 2, at + 960, false]);
    out.skip(160, 10_140);
    out.own(160, 8000, 10_160);
    expect(out.timestamp).toBe(at + 1280);
    expect(passed(out, 700, { now: 10_180 })).toEqual([first + 4, at + 1440]);
  });

  test("who begins anew with other numbers is heard on, and his clock is put right", () => {
    const out = stream();
    const [first = 0, at = 0] = passed(out, 500, { now: 10_000 }) ?? [];
    expect(passed(out, 40_000, { now: 10_020, timestamp: 5 })).toEqual([first + 1, at + 160]);
    expect(passed(out, 40_001, { now: 10_040, timestamp: 4e9 })).toEqual([first + 2, at + 320]);
  });

  test("RFC 3550 §6.4.1: a report's time is that of the moment it is made", () => {
    const out = stream();
    const [, at = 0] = passed(out, 500, { now: 10_000 }) ?? [];
    expect(out.timestampAt(10_500)).toBe(at + 4000);
  });
});

test("RFC 4733 §2.5.1.2: a clock by which nothing was sent runs from its first look", () => {
  const out = stream();
  const first = out.timestampAt(5000);
  out.insert(first);
  expect(out.timestampAt(5180)).toBe(first + 1440);
  out.own(160, 8000, 5200);
  expect(out.timestamp).toBe(first + 1600);
});

test("whatever comes, no number goes out twice, and nothing throws", () => {
  const event = fc.record({
    what: fc.constantFrom("pass", "pass", "pass", "drop", "own", "insert", "skip"),
    ssrc: fc.nat(2),
    sequence: fc.oneof(fc.nat(300), fc.nat(65_535)),
    timestamp: fc.oneof(fc.nat(50_000), fc.nat(0xffff_ffff)),
    later: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300, size: "max" }), (events) => {
      const out = stream();
      const sent = new Set<number>();
      let now = 0;
      for (const { what, later, ...packet } of events) {
        now += later;
        let goes = true;
        if (what === "pass") goes = out.pass(packet, 8000, now);
        else if (what === "own") out.own(160, 8000, now);
        else if (what === "insert") out.insert(5);
        else goes = false;
        if (what === "drop") out.drop(packet);
        if (what === "skip") out.skip(160, now);
        if (!goes) continue;
        expect(sent.has(out.sequence)).toBe(false);
        sent.add(out.sequence);
      }
    }),
  );
});
