import { describe, expect, test } from "vitest";
import { parseRtp } from "./packet.ts";
import { deterministicIntervalMs, intervalMs, meanOctetsWith } from "./rtcp-interval.ts";
import { RtpSender } from "./rtp-sender.ts";

function sender() {
  const numbers = [0xaaaa_aaaa, 0xffff, 0xffff_ff00, 0xaaaa_aaaa, 0xbbbb_bbbb];
  return new RtpSender(() => numbers.shift() ?? 0);
}

const SENT = { payloadType: 0, payload: new Uint8Array(160), duration: 160 };

const read = (bytes: Uint8Array) => {
  const packet = parseRtp(bytes);
  if (!packet.ok) throw new Error(packet.error.message);
  return packet.value;
};

describe("a source that sends", () => {
  test("§5.1: numbers go up by one and time by what was sent, from where chance put them", () => {
    const one = sender();
    const first = read(one.packet({ ...SENT, marker: true }));
    expect(first).toMatchObject({
      marker: true,
      sequence: 0x7fff,
      timestamp: 0xffff_ff00,
      ssrc: 0xaaaa_aaaa,
    });
    expect(read(one.packet(SENT))).toMatchObject({
      marker: false,
      sequence: 0x8000,
      timestamp: 0xffff_ffa0,
    });
    expect(read(one.packet(SENT))).toMatchObject({ sequence: 0x8001, timestamp: 0x40 });
    expect([one.packets, one.octets]).toEqual([3, 480]);
  });

  test("§5.1: silence that is not sent takes time and no number", () => {
    const one = sender();
    one.packet(SENT);
    //= RFC 3550 §5.1
    //# the timestamp would be increased by 160 for each such block, regardless of whether the block
    //# is transmitted in a packet or dropped as silent.
    one.skip(320);
    expect(read(one.packet(SENT))).toMatchObject({
      sequence: 0x8000,
      timestamp: 0xffff_ff00 + 480 - 2 ** 32,
    });
  });

  test("§8.2: who has our SSRC makes us take another", () => {
    const one = sender();
    one.packet(SENT);
    //= RFC 3550 §8.2
    //# If a source discovers at any time that another source is using the same SSRC identifier as
    //# its own, it MUST send an RTCP BYE packet for the old identifier and choose another random
    //# one.
    expect(one.collided()).toBe(0xaaaa_aaaa);
    expect([one.ssrc, one.packets, one.octets]).toEqual([0xbbbb_bbbb, 0, 0]);
  });
});

describe("the interval of RTCP", () => {
  const TWO = {
    ...{ members: 2, senders: 2, isSender: true, octetsPerSecond: 400, meanOctets: 100 },
    isInitial: false,
  };

  test("§6.2: two people in a call report every five seconds, and first after half of that", () => {
    expect(deterministicIntervalMs(TWO)).toBe(5000);
    expect(deterministicIntervalMs({ ...TWO, isInitial: true })).toBe(2500);
    expect(intervalMs(TWO, 0.5)).toBeCloseTo(5000 / 1.21828, 1);
    expect([intervalMs(TWO, 0), intervalMs(TWO, 1)].map(Math.round)).toEqual([2052, 6156]);
  });

  test("§6.3.1: a crowd shares five percent, and its few senders have a quarter of that", () => {
    const crowd = { ...TWO, members: 1000, senders: 10 };
    expect(deterministicIntervalMs({ ...crowd, isSender: true })).toBe((1000 * 100 * 10) / 100);
    expect(deterministicIntervalMs({ ...crowd, isSender: false })).toBe((1000 * 100 * 990) / 300);
    expect(deterministicIntervalMs({ ...crowd, senders: 600 })).toBe((1000 * 100 * 1000) / 400);
  });

  test("§6.3.3: the mean size follows slowly", () => {
    expect(meanOctetsWith(160, 160)).toBe(160);
    expect(meanOctetsWith(160, 320)).toBe(170);
  });
});
