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

  test("§2.5.2.2: an end that a relay repeats with a later timestamp is no other key", () => {
    // As rtpengine 10.5 writes the third end, which comes behind the first sound after the key,
    // where it transcodes that.
    const at = (timestamp: number, isEnd: boolean, duration: number, n: number) => {
      const payload = writeTelephoneEvent({ event: 4, isEnd, volume: 10, duration });
      return receiver.receive(timestamp, payload, n * 20).map(({ kind }) => kind);
    };
    const receiver = new EventReceiver(8000);
    const press = (from: number, n: number) => [
      ...[
        ...at(from, false, 160, n),
        ...at(from, false, 640, n + 1),
        ...at(from, true, 800, n + 2),
      ],
      ...[...at(from, true, 800, n + 3), ...at(from + FRAME, true, 800, n + 4)],
    ];
    //= RFC 4733 §2.5.2.2
    //# The receiver MAY determine on the basis of retained history and the timestamp and event code
    //# of the current packet that it corresponds to an event already played out and lapsed.  In
    //# that case, further reports for the event MUST be ignored, as indicated in the previous
    //# paragraph.
    expect(press(4000, 0)).toEqual(["Begun", "Ended"]);
    // The same key again, as soon as it can be: of which all but an end may have been lost.
    expect(press(4800, 5)).toEqual(["Begun", "Ended"]);
    expect(at(5600, true, 800, 10)).toEqual(["Begun", "Ended"]);
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

describe("what is made of packets of tones", () => {
  const told = (
    rows: readonly (readonly [timestamp: number, event: number, duration: number, end?: "end"])[],
  ) => {
    const receiver = new EventReceiver(8000);
    const all = rows.flatMap(([timestamp, event, duration, end], n) => {
      const payload = writeTelephoneEvent({ event, isEnd: end === "end", volume: 1, duration });
      return receiver.receive(timestamp, payload, n * 20);
    });
    const rest = receiver.tick(100_000);
    return [...all, ...rest].map((each) =>
      each.kind === "Begun" ? `+${each.event}` : `-${each.event} ${each.durationMs}`,
    );
  };

  test("§2.5.1.2: updates that overtake each other leave it as long as the longest says", () => {
    expect(
      told([
        [80, 5, 320],
        [80, 5, 160],
        [80, 5, 640],
        [80, 5, 480],
      ]),
    ).toEqual(["+5", "-5 80"]);
  });

  test("the next tone ends the one before, whichever key it is", () => {
    expect(
      told([
        [80, 5, 320],
        [800, 5, 160, "end"],
      ]),
    ).toEqual(["+5", "-5 40", "+5", "-5 20"]);
    expect(
      told([
        [80, 5, 320],
        [800, 6, 160, "end"],
      ]),
    ).toEqual(["+5", "-5 40", "+6", "-6 20"]);
    // Another key at the very same time is another tone.
    expect(
      told([
        [80, 5, 320],
        [80, 6, 160, "end"],
      ]),
    ).toEqual(["+5", "-5 40", "+6", "-6 20"]);
  });

  test("what is left of a tone that is over, or was before this one, is nothing", () => {
    expect(
      told([
        [80, 5, 160, "end"],
        [80, 5, 160, "end"],
        [80, 5, 80],
      ]),
    ).toEqual(["+5", "-5 20"]);
    expect(
      told([
        [800, 5, 160],
        [80, 4, 160],
        [79, 5, 160, "end"],
        [799, 5, 160],
      ]),
    ).toEqual([...["+5", "-5 20"]]);
    expect(
      told([
        [800, 5, 160, "end"],
        [80, 4, 160, "end"],
      ]),
    ).toEqual(["+5", "-5 20"]);
    // Timestamps go round.
    expect(
      told([
        [0xffff_ff00, 1, 160, "end"],
        [0x100, 2, 160, "end"],
      ]),
    ).toEqual([...["+1", "-1 20", "+2", "-2 20"]]);
  });

  test("§2.5.1.3: only what follows a full segment at once goes on with it", () => {
    const full = 0xffff;
    expect(
      told([
        [100, 3, full],
        [100 + full, 3, 801, "end"],
      ]),
    ).toEqual(["+3", "-3 8292"]);
    expect(
      told([
        [100, 3, full],
        [101 + full, 3, 801, "end"],
      ]),
    ).toEqual([...["+3", "-3 8192", "+3", "-3 100"]]);
    expect(
      told([
        [100, 3, 8000],
        [100 + full, 3, 800, "end"],
      ]),
    ).toEqual([...["+3", "-3 1000", "+3", "-3 100"]]);
    expect(
      told([
        [100, 3, full],
        [100 + full, 3, 400],
        [100 + full, 3, 800, "end"],
      ]),
    ).toEqual([...["+3", "-3 8292"]]);
  });

  test("§2.5.1.5: several in one packet are one after the other", () => {
    const payload = Uint8Array.from([
      ...writeTelephoneEvent({ event: 1, isEnd: true, volume: 0, duration: 400 }),
      ...writeTelephoneEvent({ event: 1, isEnd: true, volume: 0, duration: 800 }),
      ...writeTelephoneEvent({ event: 2, isEnd: false, volume: 0, duration: 160 }),
    ]);
    const receiver = new EventReceiver(8000);
    const kinds = receiver
      .receive(0xffff_ff00, payload, 0)
      .map(({ kind, event: e }) => `${kind} ${e}`);
    expect(kinds).toEqual(["Begun 1", "Ended 1", "Begun 1", "Ended 1", "Begun 2"]);
    const later = writeTelephoneEvent({ event: 2, isEnd: true, volume: 0, duration: 320 });
    // It began where the two before it ended.
    expect(receiver.receive(0xffff_ff00 + 1200 - 2 ** 32, later, 20)).toEqual([
      { kind: "Ended", event: 2, durationMs: 40 },
    ]);
  });

  test("§2.5.1.3: a segment is full to its last unit, and as loud as every tone", () => {
    const sender = new EventSender(8000);
    sender.push(4, 0xffff / 8, 20);
    const all = Array.from({ length: 420 }, (_, n) => sender.tick(n * 160, 160).packets).flat();
    const [first] = all;
    const last = all.at(-1);
    if (!first || !last) throw new Error("packets");
    expect(event(first.payload)).toEqual({ event: 4, isEnd: false, volume: 10, duration: 160 });
    expect(event(last.payload)).toEqual({ event: 4, isEnd: true, volume: 10, duration: 0xffff });
    expect(new Set(all.map(({ timestamp }) => timestamp))).toEqual(new Set([0]));
    // One that begins in a packet of sound so long that it holds a whole segment.
    const long = new EventSender(8000);
    long.push(4, 10_000, 20);
    const [full, rest] = long.tick(0, 70_000).packets;
    expect([full?.marker, rest?.marker, rest?.timestamp]).toEqual([true, false, 0xffff]);
  });
});
