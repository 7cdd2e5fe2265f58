import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReceivedSource } from "./received-source.ts";

/** A source whose first packet is this one, known to be genuine. */
const genuine = (sequence: number) => new ReceivedSource(9, sequence, 0);

describe("a source that is received", () => {
  test("A.1: it counts once two packets came in order", () => {
    const source = new ReceivedSource(9, 100);
    const taken = [100, 102, 103, 104].map((sequence) => source.take(sequence, 0, 0));
    expect(taken).toEqual([undefined, undefined, 103, 104]);
    expect([source.received, source.lost]).toEqual([2, 0]);
  });

  test("A.1: numbers go on where sixteen bits end", () => {
    const source = genuine(65_534);
    const taken = [65_534, 65_535, 1, 0, 2].map((sequence) => source.take(sequence, 0, 0));
    expect(taken).toEqual([65_534, 65_535, 65_537, 65_536, 65_538]);
    expect(source.highestSequence).toBe(65_538);
    // One from before the end that comes late.
    expect(source.take(65_533, 0, 0)).toBe(65_533);
  });

  test("A.1: one packet from far away is not heard, two in order are a new beginning", () => {
    const source = genuine(10);
    source.take(10, 0, 0);
    expect(source.take(30_000, 0, 0)).toBeUndefined();
    expect(source.take(11, 0, 0)).toBe(11);
    expect(source.take(40_000, 0, 0)).toBeUndefined();
    expect(source.take(40_001, 0, 0)).toBe(65_536 + 40_001);
    expect([source.received, source.lost]).toEqual([1, 0]);
  });

  test("A.3: what was lost since the last report, and in all", () => {
    const source = genuine(0);
    const from = (...sequences: number[]) => {
      for (const n of sequences) source.take(n, 0, 0);
    };
    from(0, 1, 2, 4);
    expect(source.report(5, 6)).toMatchObject({
      ...{ ssrc: 9, fractionLost: 51, cumulativeLost: 1, highestSequence: 4 },
      ...{ lastReport: 5, delaySinceReport: 6 },
    });
    from(5, 6, 7, 8);
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: 1 });
    from(3, 3, 3, 9);
    // Late and double ones: fewer than none are lost.
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: -2 });
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 0 });
  });

  test("§6.4.1, A.8: jitter is the mean deviation of the transit", () => {
    //= RFC 3550 §6.4.1
    //# The jitter calculation MUST conform to the formula specified here in order to allow
    //# profile-independent monitors to make valid interpretations of reports coming from different
    //# implementations.
    const source = genuine(0);
    let jitter = 0;
    const late = [0, 40, 0, 80, 80, 16];
    for (const [n, by] of late.entries()) {
      source.take(n, n * 160, n * 160 + by);
      const difference = n === 0 ? 0 : Math.abs(by - (late[n - 1] ?? 0));
      jitter += (difference - jitter) / 16;
      expect(source.jitter).toBeCloseTo(jitter, 9);
    }
    expect(source.report(0, 0).jitter).toBe(Math.floor(jitter));
  });

  test("§6.4.1: timestamps and arrivals that go round are no jitter", () => {
    const source = genuine(0);
    source.take(0, 0xffff_ff00, 5_000_000_000);
    source.take(1, (0xffff_ff00 + 512) >>> 0, 5_000_000_512);
    expect(source.jitter).toBe(0);
  });

  test("any packets: a report stays within its fields", () => {
    const packet = fc.tuple(fc.nat(65_535), fc.integer(), fc.integer());
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 200 }), fc.nat(65_535), (packets, first) => {
        const source = new ReceivedSource(1, first);
        for (const [sequence, timestamp, arrival] of packets)
          source.take(sequence, timestamp, arrival);
        const { fractionLost, cumulativeLost, highestSequence, jitter } = source.report(0, 0);
        expect(fractionLost).toBeGreaterThanOrEqual(0);
        expect(fractionLost).toBeLessThanOrEqual(255);
        expect(Math.abs(cumulativeLost)).toBeLessThanOrEqual(0x80_0000);
        expect(highestSequence).toBeGreaterThanOrEqual(0);
        expect(jitter).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
