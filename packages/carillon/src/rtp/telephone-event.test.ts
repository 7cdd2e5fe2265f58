import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EventReceiver,
  EventSender,
  eventOf,
  parseTones,
  type ReceivedEvent,
  readTelephoneEvents,
  toneOf,
  writeTelephoneEvent,
} from "./telephone-event.ts";

const FRAME = 160;

/** What a sender sends for these tones, a row for each 20 ms. */
function sent(tones: readonly (readonly [event: number, ms: number])[], ticks = 60, start = 1000) {
  const sender = new EventSender(8000);
  for (const [event, ms] of tones) sender.push(event, ms, 60);
  return Array.from({ length: ticks }, (_, n) => {
    const timestamp = (start + n * FRAME) >>> 0;
    return { timestamp, ...sender.tick(timestamp, FRAME) };
  });
}

const packets = (rows: ReturnType<typeof sent>) =>
  rows.flatMap((row) => row.packets.map((packet) => ({ ...packet, ...event(packet.payload) })));

function event(payload: Uint8Array) {
  const [one] = readTelephoneEvents(payload);
  if (!one) throw new Error("no event");
  return one;
}

function received(all: ReturnType<typeof packets>, receiver = new EventReceiver(8000)) {
  return all.flatMap(({ timestamp, payload }, n) => receiver.receive(timestamp, payload, n * 20));
}

describe("telephone events", () => {
  test("§3.2: keys and their numbers", () => {
    expect(parseTones("0159*#aD").map(eventOf)).toEqual([0, 1, 5, 9, 10, 11, 12, 15]);
    expect([toneOf(11), toneOf(15), toneOf(16)]).toEqual(["#", "D", undefined]);
    expect(() => parseTones("12x")).toThrow(RangeError);
  });

  test("§2.3: a payload, and R is nobody's", () => {
    const one = { event: 3, isEnd: true, volume: 10, duration: 800 };
    expect([...writeTelephoneEvent(one)]).toEqual([3, 0x8a, 3, 0x20]);
    //= RFC 4733 §2.3.3
    //# The sender MUST set it to zero, and the receiver MUST ignore it.
    expect(readTelephoneEvents(Uint8Array.of(3, 0xca, 3, 0x20))).toEqual([one]);
    expect(readTelephoneEvents(Uint8Array.of(3, 0xca, 3))).toEqual([]);
    expect(readTelephoneEvents(new Uint8Array(400))).toHaveLength(8);
  });

  test("§2.5.1.2: one tone, packet by packet", () => {
    const rows = sent([[5, 100]]);
    const all = packets(rows);
    //= RFC 4733 §2.5.1.2
    //# The update packets MUST have the same RTP timestamp value as the initial packet for the
    //# event, but the duration MUST be increased to reflect the total cumulative duration since the
    //# beginning of the event.
    expect(new Set(all.map(({ timestamp }) => timestamp))).toEqual(new Set([1000]));
    //= RFC 4733 §2.5.1.4
    //# The final packet for each event and for each segment SHOULD be sent a total of three times
    //# at the interval used by the source for updates.
    expect(all.map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    //= RFC 4733 §2.5.1.2
    //# The first packet for an event MUST have the M bit set. The final packet for an event MUST
    //# have the E bit set
    expect(all.map(({ marker }) => marker)).toEqual([true, ...Array(6).fill(false)]);
    expect(all.map(({ isEnd }) => isEnd)).toEqual([false, false, false, false, true, true, true]);
    expect(rows.slice(0, 8).map(({ packets: { length } }) => length)).toEqual([
      1, 1, 1, 1, 1, 1, 1, 0,
    ]);
    // Sound goes on where the tone ends, and the repeated ends go beside it.
    expect(rows.slice(0, 7).map(({ isToneOn }) => isToneOn)).toEqual([
      ...[true, true, true, true, true, false, false],
    ]);
  });

  test("§2.5: tones one after the other, with a pause, arrive as they were sent", () => {
    const rows = sent([
      [1, 100],
      [1, 60],
      [11, 200],
    ]);
    const starts = packets(rows).filter(({ marker }) => marker);
    expect(starts.map(({ timestamp }) => (timestamp - 1000) / 8)).toEqual([0, 160, 280]);
    expect(received(packets(rows))).toEqual([
      ...[
        { kind: "Begun", event: 1 },
        { kind: "Ended", event: 1, durationMs: 100 },
      ],
      ...[
        { kind: "Begun", event: 1 },
        { kind: "Ended", event: 1, durationMs: 60 },
      ],
      ...[
        { kind: "Begun", event: 11 },
        { kind: "Ended", event: 11, durationMs: 200 },
      ],
    ]);
  });

  test("§2.5.1.3: a tone of ten seconds has segments", () => {
    const all = packets(sent([[9, 10_000]], 600));
    const full = all.filter(({ duration }) => duration === 0xffff);
    expect(full.map(({ isEnd, timestamp }) => [isEnd, timestamp])).toEqual([[false, 1000]]);
    //= RFC 4733 §2.5.1.3
    //# If an event persists beyond the maximum duration expressible in the duration field (0xFFFF),
    //# the sender MUST send a packet reporting this maximum duration but MUST NOT set the E bit in
    //# this packet. The sender MUST then begin reporting a new "segment" with the RTP timestamp set
    //# to the time at which the previous segment ended and the duration set to the cumulative
    //# duration of the new segment. The M bit of the first packet reporting the new segment MUST
    //# NOT be set.
    const second = all.filter(({ timestamp }) => timestamp === 1000 + 0xffff);
    expect(second[0]).toMatchObject({ marker: false, isEnd: false, duration: 65_600 - 0xffff });
    expect(second.at(-1)).toMatchObject({ isEnd: true, duration: 80_000 - 0xffff });
    expect(received(all)).toEqual([
      { kind: "Begun", event: 9 },
      { kind: "Ended", event: 9, durationMs: 10_000 },
    ]);
  });

  test("§2.5.2.2: whatever packets are lost or doubled, each tone is heard once", () => {
    const all = packets(
      sent(
        [
          [1, 100],
          [2, 100],
          [3, 100],
        ],
        60,
        0xffff_ff00,
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 21, maxLength: 21 }),
        (copies) => {
          const come = all.flatMap((packet, n) => Array(copies[n]).fill(packet) as typeof all);
          const receiver = new EventReceiver(8000);
          const told: ReceivedEvent[] = [...received(come, receiver), ...receiver.tick(10_000)];
          const groups = new Set(come.map((packet) => packet.event));
          expect(told.filter(({ kind }) => kind === "Begun").map((each) => each.event)).toEqual([
            ...groups,
          ]);
          expect(told.filter(({ kind }) => kind === "Ended").map((each) => each.event)).toEqual([
            ...groups,
          ]);
        },
      ),
    );
  });

  test("a tone whose ends are all lost is over after a while", () => {
    const receiver = new EventReceiver(8000);
    const [first, second] = packets(sent([[7, 100]]));
    if (!first || !second) throw new Error("two packets");
    receiver.receive(first.timestamp, first.payload, 0);
    receiver.receive(second.timestamp, second.payload, 20);
    expect(receiver.tick(219)).toEqual([]);
    expect(receiver.tick(220)).toEqual([{ kind: "Ended", event: 7, durationMs: 40 }]);
    expect(receiver.receive(second.timestamp, second.payload, 230)).toEqual([]);
  });

  test("§2.3.5: a tone of no length is none", () => {
    const payload = writeTelephoneEvent({ event: 1, isEnd: false, volume: 0, duration: 0 });
    //= RFC 4733 §2.3.5
    //# The receiver SHOULD ignore an event report with zero duration if the event is not a state.
    expect(new EventReceiver(8000).receive(5, payload, 0)).toEqual([]);
  });

  test("throws when far too many keys wait", () => {
    const sender = new EventSender(8000);
    for (let n = 0; n < 256; n++) sender.push(1, 100, 100);
    expect(() => sender.push(1, 100, 100)).toThrow(RangeError);
  });
});
