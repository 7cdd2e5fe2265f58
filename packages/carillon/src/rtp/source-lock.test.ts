import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SourceLock } from "./source-lock.ts";

const PHONE = { host: "192.0.2.7", port: 4000 };
const NAT = { host: "198.51.100.1", port: 61_000 };
const SPRAYER = { host: "203.0.113.66", port: 666 };

/** A packet as the lock sees it: whether it was let through. */
function comes(
  lock: SourceLock,
  from: { readonly host: string; readonly port: number },
  sequence: number,
  { ssrc = 1, now = sequence * 20, isAuthentic = false } = {},
): boolean {
  return lock.isPossible(from, now) && lock.take({ from, ssrc, sequence, isAuthentic }, now);
}

function lockFor(isBehindNat: boolean, likelyHosts: readonly string[] = []): SourceLock {
  const lock = new SourceLock();
  lock.expect({ remote: PHONE, isBehindNat, likelyHosts }, 0);
  return lock;
}

describe("RTP bleed (CVE-2017-14099, CVE-2025-53399)", () => {
  test("without a NAT nothing goes anywhere but to the address in the description", () => {
    const lock = lockFor(false);
    for (let n = 0; n < 100; n++) expect(comes(lock, SPRAYER, n)).toBe(false);
    expect(lock.target).toEqual(PHONE);
    expect(comes(lock, PHONE, 1)).toBe(true);
    for (let n = 0; n < 100; n++) expect(comes(lock, SPRAYER, n)).toBe(false);
    expect(lock.target).toEqual(PHONE);
  });

  test("behind a NAT whoever sprays single packets at all ports gets nothing", () => {
    const lock = lockFor(true);
    for (let n = 0; n < 100; n += 2) expect(comes(lock, SPRAYER, n)).toBe(false);
    expect(lock.target).toEqual(PHONE);
    const heard = [0, 1, 2, 3, 4, 5].map((n) => comes(lock, NAT, n, { ssrc: 9 }));
    expect(heard).toEqual([false, false, false, false, true, true]);
    expect(lock.target).toEqual(NAT);
  });

  test("once locked, it stays so, however well another one behaves", () => {
    const lock = lockFor(true);
    for (let n = 0; n < 5; n++) comes(lock, NAT, n, { ssrc: 9 });
    for (let n = 5; n < 500; n++) {
      expect(comes(lock, SPRAYER, n)).toBe(false);
      expect(comes(lock, NAT, n, { ssrc: 9 })).toBe(true);
    }
    expect(lock.target).toEqual(NAT);
  });

  test("the address in the description is believed at its first packet, with a NAT too", () => {
    const lock = lockFor(true);
    comes(lock, SPRAYER, 0);
    expect(comes(lock, PHONE, 0)).toBe(true);
    for (let n = 1; n < 100; n++) expect(comes(lock, SPRAYER, n)).toBe(false);
  });

  test("without a NAT too it is listened to, though its neighbour was quicker", () => {
    const lock = lockFor(false);
    const neighbour = { ...PHONE, port: 666 };
    for (let n = 0; n < 5; n++) comes(lock, neighbour, n);
    expect(lock.locked).toEqual(neighbour);
    expect(comes(lock, PHONE, 0, { ssrc: 2, now: 300 })).toBe(true);
    expect(comes(lock, neighbour, 16, { now: 320 })).toBe(false);
  });

  test("where its SIP comes from is believed before a stranger who began earlier", () => {
    const lock = lockFor(true, [NAT.host]);
    for (let n = 0; n < 3; n++) expect(comes(lock, SPRAYER, n)).toBe(false);
    expect(comes(lock, NAT, 0, { now: 60 })).toBe(false);
    expect(comes(lock, NAT, 1, { now: 80 })).toBe(true);
    expect(comes(lock, SPRAYER, 4)).toBe(false);
  });

  test("packets that are far apart prove nothing: five within three seconds do", () => {
    const lock = lockFor(true);
    for (let n = 0; n < 50; n++) expect(comes(lock, NAT, n, { now: n * 1000 })).toBe(false);
  });

  test("an authentic packet proves it alone", () => {
    const lock = lockFor(true);
    expect(comes(lock, NAT, 0, { isAuthentic: true })).toBe(true);
    expect(lock.target).toEqual(NAT);
  });

  test("after a new description a NAT that has moved is followed, if the old is silent", () => {
    const lock = lockFor(true);
    for (let n = 0; n < 10; n++) comes(lock, NAT, n, { ssrc: 9 });
    const moved = { ...NAT, port: 62_000 };
    for (let n = 10; n < 30; n++) expect(comes(lock, moved, n, { ssrc: 9 })).toBe(false);
    lock.expect({ remote: PHONE, isBehindNat: true }, 1000);
    const heard = [50, 51, 52, 53, 54].map((n) => comes(lock, moved, n, { ssrc: 9 }));
    expect(heard).toEqual([false, false, false, false, true]);
    expect(lock.target).toEqual(moved);
  });

  test("nothing is sent and nobody is heard where the description names no address", () => {
    const lock = new SourceLock();
    lock.expect({ remote: undefined, isBehindNat: true }, 0);
    for (let n = 0; n < 10; n++) expect(comes(lock, NAT, n)).toBe(false);
    expect(lock.target).toBeUndefined();
  });
});

describe("injection", () => {
  test("another SSRC from the very same address is nobody while the first one speaks", () => {
    const lock = lockFor(false);
    for (let n = 0; n < 200; n++) {
      expect(comes(lock, PHONE, n)).toBe(true);
      expect(comes(lock, PHONE, n + 7, { ssrc: 2, now: n * 20 + 1 })).toBe(false);
    }
  });

  test("a transfer behind a PBX, with another SSRC once the old one is silent, goes on", () => {
    const lock = lockFor(false);
    for (let n = 0; n < 10; n++) comes(lock, PHONE, n);
    const heard = [70, 71, 72].map((n) => comes(lock, PHONE, n, { ssrc: 2, now: 300 + n }));
    expect(heard).toEqual([false, true, true]);
    // He was only on hold: who is taken back is heard at once.
    expect(comes(lock, PHONE, 10, { now: 400 })).toBe(true);
  });

  test("RFC 3550 A.1: a number far off is not believed, and two in order are", () => {
    const lock = lockFor(false);
    for (let n = 0; n < 10; n++) comes(lock, PHONE, n);
    expect(comes(lock, PHONE, 30_000, { now: 200 })).toBe(false);
    expect(comes(lock, PHONE, 10, { now: 201 })).toBe(true);
    expect(comes(lock, PHONE, 20_000, { now: 220 })).toBe(false);
    expect(comes(lock, PHONE, 20_001, { now: 240 })).toBe(true);
  });

  test("numbers go round without anybody noticing", () => {
    const lock = lockFor(false);
    for (let n = 65_500; n < 65_600; n++) expect(comes(lock, PHONE, n & 0xffff)).toBe(true);
  });
});

test("whatever strangers send, without a NAT they are never heard and never sent to", () => {
  const packet = fc.record({
    from: fc.record({
      host: fc.ipV4().filter((host) => host !== PHONE.host),
      port: fc.nat(65_535),
    }),
    ssrc: fc.nat(3),
    sequence: fc.nat(65_535),
    isOurs: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 200 }), (packets) => {
      const lock = lockFor(false);
      let sequence = 0;
      for (const { from, ssrc, sequence: theirs, isOurs } of packets) {
        if (isOurs) expect(comes(lock, PHONE, sequence++, { ssrc: 7 })).toBe(true);
        else expect(comes(lock, from, theirs, { ssrc, now: sequence * 20 })).toBe(false);
        expect(lock.target).toEqual(PHONE);
      }
    }),
  );
});
