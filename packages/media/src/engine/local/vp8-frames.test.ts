import fc from "fast-check";
import { expect, test } from "vitest";
import { Vp8Line, vp8Frame } from "./testing-vp8.ts";
import { type Vp8Frame, Vp8Frames } from "./vp8-frames.ts";

function taken(frames: Vp8Frames, packets: readonly Uint8Array[]): readonly Vp8Frame[] {
  return packets.flatMap((packet) => [...frames.take(packet)]);
}

test("RFC 7741 §4.2: frames come out as they were coded, in whatever packets they came", () => {
  const [line, frames] = [new Vp8Line(), new Vp8Frames(96)];
  const all = [true, false, false].map((isKey, n) => line.frame(isKey, 100 + n * 2000));
  const got = taken(frames, all.flat());
  expect(got.map(({ isKey }) => isKey)).toEqual([true, false, false]);
  expect(got.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([640, 480]));
  expect(got[2]?.data).toEqual(vp8Frame(false, 4100));
  expect(((got[1]?.timestamp ?? 0) - (got[0]?.timestamp ?? 0)) >>> 0).toBe(2970);
});

test("out of order and twice is as good as in order and once", () => {
  const [line, frames] = [new Vp8Line(), new Vp8Frames(96)];
  const packets = [
    line.frame(true),
    line.frame(false),
    line.frame(false),
    line.frame(false),
  ].flat();
  const first = packets.slice(0, 1);
  const mixed = packets.slice(1).reverse();
  expect(taken(frames, [...first, ...mixed, ...mixed])).toHaveLength(4);
});

test("after a loss nothing is handed out before the next key frame, which is asked for", () => {
  const [line, frames] = [new Vp8Line(), new Vp8Frames(96)];
  let asked = 0;
  frames.onbroken = () => asked++;
  expect(taken(frames, line.frame(true))).toHaveLength(1);
  asked = 0;
  line.frame(false);
  const after = Array.from({ length: 30 }, () => line.frame(false)).flat();
  expect(taken(frames, after)).toEqual([]);
  expect(asked).toBe(1);
  const again = [line.frame(true), line.frame(false)].flat();
  expect(taken(frames, again).map(({ isKey }) => isKey)).toEqual([true, false]);
});

test("another sender begins anew, and what is another codec is none", () => {
  const [line, frames] = [new Vp8Line(), new Vp8Frames(96)];
  expect(taken(frames, line.frame(true))).toHaveLength(1);
  line.ssrc = 8;
  line.sequence = 100;
  expect(taken(frames, line.frame(false))).toEqual([]);
  expect(taken(frames, line.frame(true))).toHaveLength(1);
  expect(taken(new Vp8Frames(97), line.frame(true))).toEqual([]);
});

test("whatever comes, it neither throws nor holds more than its limits", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          sequence: fc.integer({ min: 0, max: 0xffff }),
          payload: fc.uint8Array({ maxLength: 40 }),
          marker: fc.boolean(),
          timestamp: fc.integer({ min: 0, max: 3 }),
        }),
        { maxLength: 200 },
      ),
      (packets) => {
        const frames = new Vp8Frames(96);
        for (const { sequence, payload, marker, timestamp } of packets) {
          const head = [0x80, 96 | (marker ? 0x80 : 0), sequence >> 8, sequence & 0xff];
          const rest = [0, 0, 0, timestamp, 0, 0, 0, 1];
          for (const frame of frames.take(Uint8Array.from([...head, ...rest, ...payload]))) {
            expect(frame.width * frame.height).toBeGreaterThan(0);
          }
        }
      },
    ),
  );
});

test("a frame without end is dropped at two megabytes", () => {
  const [line, frames] = [new Vp8Line(), new Vp8Frames(96)];
  const endless = line.frame(true, 5_000_000, 20_000).slice(0, -1);
  expect(taken(frames, endless)).toEqual([]);
  const next = Array.from({ length: 80 }, (_, n) => line.frame(n % 40 === 0, 100)).flat();
  expect(taken(frames, next).length).toBeGreaterThan(30);
  line.sequence = 0;
  const anew = Array.from({ length: 160 }, (_, n) => line.frame(n % 40 === 0, 100)).flat();
  expect(taken(frames, anew).length).toBeGreaterThan(10);
});
