import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JitterBuffer, type Taken } from "./jitter-buffer.ts";

const FRAME_MS = 20;
const FRAME = 160;
/** What a player cuts out of a frame that is to be hurried. */
const HURRIED_MS = 6;

interface Sent {
  readonly sequence: number;
  readonly sentMs: number;
  readonly arrivalMs: number;
}

const packet = ({ sequence, sentMs }: Pick<Sent, "sequence" | "sentMs">) => ({
  sequence,
  timestamp: (sentMs * 8) >>> 0,
  payloadType: 0,
  payload: new Uint8Array(FRAME),
});

/** The same numbers from 0 to 1 in every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

/** So many packets, each late by what `late` says; undefined: it is lost. */
function line(count: number, late: (n: number) => number | undefined): readonly Sent[] {
  return Array.from({ length: count }, (_, n) => ({ n, by: late(n) })).flatMap(({ n, by }) =>
    by === undefined ? [] : [{ sequence: n, sentMs: n * FRAME_MS, arrivalMs: n * FRAME_MS + by }],
  );
}

interface Heard {
  readonly atMs: number;
  readonly taken: Taken;
}

/** Plays what comes, as a player does: a take for every 20 ms that are to be heard. */
function play(sent: readonly Sent[], buffer = new JitterBuffer({ clockRate: 8000 })) {
  const arrivals = [...sent].sort((a, b) => a.arrivalMs - b.arrivalMs);
  const heard: Heard[] = [];
  const endMs = (arrivals.at(-1)?.arrivalMs ?? 0) + 300;
  let next = 0;
  for (let atMs = 7; atMs < endMs; atMs += FRAME_MS) {
    for (let one = arrivals[next]; one && one.arrivalMs <= atMs; one = arrivals[++next]) {
      buffer.put(packet(one), one.arrivalMs);
    }
    const taken = buffer.take(atMs);
    heard.push({ atMs, taken });
    if (taken.kind === "Frame" && taken.hurry) atMs -= HURRIED_MS;
  }
  return { buffer, heard };
}

const frames = (heard: readonly Heard[]) =>
  heard.flatMap(({ atMs, taken }) =>
    taken.kind === "Frame" ? [{ sequence: taken.packet.sequence, atMs }] : [],
  );

const between = (heard: readonly Heard[], fromMs: number, toMs: number) =>
  heard.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

/** The longest stretch without a frame of the sender's, from the first to the last, in ms. */
function longestGapMs(heard: readonly Heard[]): number {
  const all = frames(heard).map(({ atMs }) => atMs);
  return Math.max(...all.slice(1).map((atMs, n) => atMs - (all[n] ?? 0) - FRAME_MS));
}

/** How long after it was sent each frame is heard, on average. */
function delayMs(heard: readonly Heard[]): number {
  const all = frames(heard);
  return all.reduce((sum, each) => sum + each.atMs - each.sequence * FRAME_MS, 0) / all.length;
}

describe("a jitter buffer", () => {
  test("on a steady line every packet is heard in order, with little delay", () => {
    const { heard, buffer } = play(line(500, () => 30));
    expect(frames(heard).map(({ sequence }) => sequence)).toEqual(
      line(500, () => 0).map((s) => s.sequence),
    );
    expect(buffer.counts).toMatchObject({
      played: 500,
      lost: 0,
      late: 0,
      stretched: 5,
    });
    // From what it begins with to what is enough here.
    expect(buffer.counts.hurried).toBeLessThan(5);
    expect(longestGapMs(heard)).toBe(0);
    expect(delayMs(heard)).toBeLessThan(30 + 60);
  });

  test("100 ms of jitter are absorbed", () => {
    const random = dice(1);
    const { heard, buffer } = play(line(3000, () => 20 + 100 * random()));
    // All but one in a hundred of a minute, and from the first second on none longer than a frame.
    expect(buffer.counts.late).toBeLessThan(40);
    expect(buffer.counts.lost).toBeLessThan(40);
    expect(longestGapMs(between(heard, 1000, 61_000))).toBeLessThanOrEqual(FRAME_MS);
    expect(delayMs(between(heard, 5000, 60_000))).toBeLessThan(20 + 160);
  });

  test("after the jitter it holds less again", () => {
    const random = dice(2);
    const calm = 500;
    const { heard, buffer } = play(line(4000, (n) => 20 + (n < calm ? 100 * random() : 0)));
    expect(delayMs(between(heard, 5000, 9500))).toBeGreaterThan(100);
    expect(delayMs(between(heard, 70_000, 80_000))).toBeLessThan(20 + 50);
    expect(buffer.counts.hurried).toBeGreaterThan(5);
    expect(longestGapMs(between(heard, 15_000, 80_000))).toBe(0);
  });

  test("of 10 % random loss each packet is made up on its own: no gap over 60 ms", () => {
    const random = dice(3);
    const sent = line(3000, () => (random() < 0.1 ? undefined : 20 + 10 * random()));
    const { heard, buffer } = play(sent);
    expect(buffer.counts.played).toBe(sent.length);
    expect(buffer.counts.lost + sent.length).toBeGreaterThan(2990);
    expect(longestGapMs(heard)).toBeLessThanOrEqual(60);
  });

  test("the packet after a lost one is told, for its FEC", () => {
    const { heard } = play(line(100, (n) => (n === 50 || n === 60 || n === 61 ? undefined : 20)));
    const lost = heard.flatMap(({ taken }) => (taken.kind === "Lost" ? [taken] : []));
    expect(lost.map(({ next }) => next?.sequence)).toEqual([51, undefined, 62]);
    expect(lost.map(({ duration }) => duration)).toEqual([FRAME, FRAME, FRAME]);
  });

  test("packets that overtake each other are put in order, and of two alike one is heard", () => {
    const late = (n: number) => (n % 5 === 0 ? 50 : 20);
    const twice = line(400, late).flatMap((each) => [
      each,
      { ...each, arrivalMs: each.arrivalMs + 15 },
    ]);
    const { heard, buffer } = play(twice);
    const sequences = frames(heard).map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(buffer.counts.duplicates + buffer.counts.late).toBe(twice.length - sequences.length);
    expect(buffer.counts.duplicates).toBe(400);
    expect(sequences.length).toBeGreaterThan(395);
  });

  test("between talk spurts there is nothing, and no spurt begins with a gap", () => {
    // Half a second of speech, two of silence: numbers go on, time leaps.
    const sent = Array.from({ length: 250 }, (_, n) => {
      const sentMs = Math.floor(n / 25) * 2500 + (n % 25) * FRAME_MS;
      return { sequence: n, sentMs, arrivalMs: sentMs + 20 };
    });
    const { heard, buffer } = play(sent);
    expect(buffer.counts).toMatchObject({ played: 250, lost: 0, late: 0, restarts: 0 });
    const all = frames(heard);
    for (let spurt = 0; spurt < 10; spurt++) {
      const own = all.slice(spurt * 25, spurt * 25 + 25);
      expect((own.at(-1)?.atMs ?? 0) - (own[0]?.atMs ?? 0)).toBeLessThanOrEqual(24 * FRAME_MS);
    }
    expect(heard.filter(({ taken }) => taken.kind === "Nothing").length).toBeGreaterThan(800);
  });

  test("a sender who begins anew, by number or by time, is heard again at once", () => {
    for (const jump of [
      { by: 0x4000_0000, sequence: 0 },
      { by: 0, sequence: 70_000 },
      { by: -0x4000_0000, sequence: 0 },
    ]) {
      const buffer = new JitterBuffer({ clockRate: 8000 });
      let [heard, waited] = [0, 0];
      for (let n = 0; n < 200; n++) {
        const atMs = n * FRAME_MS;
        const isAfter = n >= 100;
        const sequence = n + (isAfter ? jump.sequence : 0);
        const timestamp = (n * FRAME + (isAfter ? jump.by : 0)) >>> 0;
        buffer.put({ sequence, timestamp, payloadType: 0, payload: new Uint8Array(FRAME) }, atMs);
        const isFrame = buffer.take(atMs + 1).kind === "Frame";
        if (isFrame) heard++;
        else if (isAfter) waited++;
      }
      expect(buffer.counts.restarts).toBe(1);
      expect(heard).toBeGreaterThan(190);
      expect(waited).toBeLessThan(5);
    }
  });

  test("a line that stood still for two seconds does not stay two seconds late", () => {
    const stood = (n: number) => (n >= 200 && n < 300 ? 20 + (300 - n) * FRAME_MS : 20);
    const { heard, buffer } = play(line(1500, stood));
    expect(buffer.counts.dropped).toBeGreaterThan(50);
    expect(delayMs(between(heard, 20_000, 29_000))).toBeLessThan(600);
  });

  test("a sender whose clock is faster or slower by a thousandth stays near", () => {
    for (const drift of [1.001, 0.999]) {
      const sent = Array.from({ length: 30_000 }, (_, n) => ({
        ...{ sequence: n, sentMs: n * FRAME_MS, arrivalMs: n * FRAME_MS * drift + 20 },
      }));
      const { heard, buffer } = play(sent);
      const last = frames(heard).slice(-500);
      const delays = last.map(({ sequence, atMs }) => atMs - sequence * FRAME_MS * drift);
      expect(Math.max(...delays)).toBeLessThan(150);
      expect(Math.min(...delays)).toBeGreaterThan(0);
      expect(buffer.counts.restarts).toBe(0);
    }
  });

  test("numbers that carry nothing are not missing", () => {
    const buffer = new JitterBuffer({ clockRate: 8000 });
    const kinds: string[] = [];
    for (let n = 0; n < 40; n++) {
      const one = packet({ sequence: n, sentMs: n * FRAME_MS });
      // A tone: ten packets at the time when it began.
      if (n >= 10 && n < 20) buffer.pass({ ...one, timestamp: 10 * FRAME }, n * FRAME_MS);
      else buffer.put(one, n * FRAME_MS);
      kinds.push(buffer.take(n * FRAME_MS + 1).kind);
    }
    expect(kinds).not.toContain("Lost");
    expect(buffer.counts).toMatchObject({ lost: 0, late: 0, restarts: 0 });
    expect(kinds.slice(35)).toEqual(["Frame", "Frame", "Frame", "Frame", "Frame"]);
  });

  test("a flood is held to 256 packets, whatever it says", () => {
    const buffer = new JitterBuffer({ clockRate: 8000 });
    for (let n = 0; n < 100_000; n++) {
      buffer.put(packet({ sequence: n, sentMs: n }), 5);
      expect(buffer.waitingMs).toBeLessThanOrEqual(256 * 120);
    }
  });

  test("any packets at any time: what is heard has its order, and nothing throws", () => {
    const move = fc.oneof(
      fc.record({ sequence: fc.nat(60), sentMs: fc.nat(2000), isEmpty: fc.boolean() }),
      fc.record({ takeAfterMs: fc.nat(100) }),
      fc.record({ sequence: fc.integer(), sentMs: fc.integer(), isEmpty: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 300 }), (moves) => {
        const buffer = new JitterBuffer({ clockRate: 8000 });
        let [now, last] = [0, Number.NEGATIVE_INFINITY];
        for (const each of moves) {
          if ("takeAfterMs" in each) {
            now += each.takeAfterMs;
            const taken = buffer.take(now);
            if (taken.kind !== "Frame") continue;
            expect(taken.packet.sequence).toBeGreaterThan(last);
            last = taken.packet.sequence;
          } else {
            const put = each.isEmpty
              ? buffer.pass(packet(each), now)
              : buffer.put(packet(each), now);
            if (put === "Restarted") last = Number.NEGATIVE_INFINITY;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
