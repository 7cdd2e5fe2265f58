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

  test("A.1: before two in order nothing is known of it, and nothing is lost", () => {
    const source = new ReceivedSource(9, 7);
    expect([source.isValid, source.received, source.lost]).toEqual([false, 0, 0]);
    // Each that is out of order has to be followed by its own next.
    const taken = [7, 9, 11, 20, 21].map((sequence) => source.take(sequence, 0, 0));
    expect(taken).toEqual([undefined, undefined, undefined, undefined, 21]);
    expect([source.isValid, source.received, source.lost]).toEqual([true, 1, 0]);
    expect(genuine(7).isValid).toBe(true);
    expect(genuine(7).lost).toBe(0);
  });

  test("A.1: 2999 packets may be missing and 99 be late, and not one more", () => {
    const after = (first: number, sequence: number) => {
      const source = genuine(first);
      source.take(first, 0, 0);
      return source.take(sequence, 0, 0);
    };
    expect([after(10, 10 + 2999), after(10, 10 + 3000)]).toEqual([3009, undefined]);
    expect([after(5000, 5000 - 99), after(5000, 5000 - 100)]).toEqual([4901, undefined]);
    expect([after(65_000, 463), after(65_000, 2464)]).toEqual([65_536 + 463, undefined]);
    expect(after(20, 65_500)).toBe(65_500 - 65_536);
  });

  test("A.1: after a new beginning it counts from there, its jitter and reports too", () => {
    const source = genuine(10);
    for (const n of [10, 11, 15]) source.take(n, n * 160, n * 160);
    source.report(0, 0);
    expect(source.take(40_000, 5, 9_000_000)).toBeUndefined();
    // Not the one that would show it.
    expect(source.take(40_002, 5, 9_000_000)).toBeUndefined();
    const { jitter } = source;
    expect(source.take(40_003, 5, 9_000_000)).toBe(65_536 + 40_003);
    // It has another time now, which is no jitter.
    expect(source.jitter).toBeCloseTo((jitter * 15) / 16, 9);
    source.take(40_005, 325, 9_000_320);
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 85, cumulativeLost: 1 });
    // Another beginning needs its own two.
    expect(source.take(1000, 0, 0)).toBeUndefined();
    expect(source.take(40_006, 485, 9_000_480)).toBe(65_536 + 40_006);
    expect(source.take(1002, 0, 0)).toBeUndefined();
  });

  test("A.1: a beginning anew after one packet is one as well", () => {
    const source = genuine(10);
    source.take(10, 0, 0);
    source.take(5000, 0, 0);
    expect(source.take(5001, 0, 0)).toBe(65_536 + 5001);
  });

  test("A.3: all of an interval lost is 255 of 256, and counts have their ends", () => {
    const source = genuine(0);
    source.take(0, 0, 0);
    source.report(0, 0);
    source.take(2900, 0, 0);
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 255, cumulativeLost: 2899 });
    source.take(2902, 0, 0);
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 128, cumulativeLost: 2900 });
    source.take(2903, 0, 0);
    expect(source.report(0, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: 2900 });
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
