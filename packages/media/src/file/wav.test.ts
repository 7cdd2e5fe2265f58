import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "carillon/rtp";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { levelDbfs } from "../sound/level.ts";
import { toneShare } from "../sound/tone-share.ts";
import { readWavFormat, WavError } from "./wav-format.ts";
import { WavSink } from "./wav-sink.ts";
import { WavSource } from "./wav-source.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-wav-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** A file of one chunk of format and one of sound. */
function wav(tag: number, channels: number, rate: number, bits: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const messageOf = (octets: Uint8Array): string => {
  try {
    readWavFormat(octets, octets.length);
    return "it was taken";
  } catch (cause) {
    return cause instanceof WavError ? cause.message : `no WavError: ${cause}`;
  }
};

test.each([8000, 16_000, 48_000])(
  "what is written at %d Hz is read back sample by sample",
  (sampleRate) => {
    const path = file(`back-${sampleRate}.wav`);
    const pcm =
      tone({ frequencies: [440], sampleRate }).read(sampleRate * 2 + 77) ?? new Int16Array();
    const sink = new WavSink(path, { sampleRate });
    for (let at = 0; at < pcm.length; at += 333) sink.append(pcm.subarray(at, at + 333));
    expect(sink.seconds).toBeCloseTo(2, 1);
    sink.end();
    sink.end();
    const source = new WavSource(path);
    expect(source.sampleRate).toBe(sampleRate);
    const back: number[] = [];
    for (let part = source.read(160); part; part = source.read(160)) back.push(...part);
    expect(Int16Array.from(back)).toEqual(pcm);
  },
);

test("a recording can be played while it is written, and after its program was killed", () => {
  const path = file("open.wav");
  const sink = new WavSink(path, { sampleRate: 8000 });
  const pcm = tone({ frequencies: [1000], sampleRate: 8000 }).read(20_000) ?? new Int16Array();
  sink.append(pcm);
  // Two of the two and a half seconds were flushed.
  expect(new WavSource(path).seconds).toBe(2);
  sink.end();
  expect(new WavSource(path).seconds).toBe(2.5);
});

test("two channels are mixed into one, and a loop begins again", () => {
  const data = Buffer.from(Int16Array.of(100, 300, -50, 50, 7, 8).buffer);
  writeFileSync(file("stereo.wav"), wav(1, 2, 8000, 16, data));
  expect([...(new WavSource(file("stereo.wav")).read(10) ?? [])]).toEqual([200, 0, 8]);
  const loop = new WavSource(file("stereo.wav"), { loop: true });
  expect([2, 2, 2].flatMap((count) => [...(loop.read(count) ?? [])])).toEqual([200, 0, 8, 200, 0]);
  loop.close();
  expect(loop.read(1)).toBeNull();
});

test("8 and 24 bits, floats, A-law and µ-law are played", () => {
  const samplesOf = (tag: number, bits: number, octets: number[]) => {
    writeFileSync(file("kind.wav"), wav(tag, 1, 8000, bits, Uint8Array.from(octets)));
    return [...(new WavSource(file("kind.wav")).read(100) ?? [])];
  };
  expect(samplesOf(1, 8, [0, 128, 255])).toEqual([-32_768, 0, 32_512]);
  expect(samplesOf(1, 24, [255, 0, 1, 0, 0, 0x80])).toEqual([256, -32_768]);
  const floats = Buffer.from(Float32Array.of(1, -0.5, 7, Number.NaN).buffer);
  expect(samplesOf(3, 32, [...floats])).toEqual([32_767, -16_383, 32_767, 0]);
  // ITU-T G.711: 0xd5 and 0xff are the smallest positive values.
  expect(samplesOf(6, 8, [0xd5, 0x55])).toEqual([8, -8]);
  expect(samplesOf(7, 8, [0xff, 0x80, 0x00])).toEqual([0, 32_124, -32_124]);
});

test("chunks that are not known are skipped, padding and all", () => {
  const whole = wav(1, 1, 8000, 16, Uint8Array.of(1, 0, 2, 0));
  const list = Buffer.from("LIST\x03\0\0\0abc\0", "latin1");
  writeFileSync(file("list.wav"), Buffer.concat([whole.subarray(0, 36), list, whole.subarray(36)]));
  expect([...(new WavSource(file("list.wav")).read(9) ?? [])]).toEqual([1, 2]);
});

test("a size of nothing or of all bits means what is there, and too large a size too", () => {
  for (const size of [0, 0xffffffff, 0x7ffffff0]) {
    const octets = wav(1, 1, 8000, 16, Uint8Array.of(1, 0, 2, 0, 9));
    octets.writeUInt32LE(size, 40);
    writeFileSync(file("size.wav"), octets);
    expect([...(new WavSource(file("size.wav")).read(9) ?? [])]).toEqual([1, 2]);
  }
});

test("what is no WAV file, or none that is played, is refused in words", () => {
  const data = new Uint8Array(8);
  expect(messageOf(Buffer.from("OggS and so on, and so on"))).toContain("no WAV file");
  expect(messageOf(new Uint8Array())).toContain("no WAV file");
  expect(messageOf(wav(2, 1, 8000, 4, data))).toContain("format 2 with 4 bits");
  expect(messageOf(wav(1, 6, 48_000, 16, data))).toContain("6 channels");
  expect(messageOf(wav(1, 0, 48_000, 16, data))).toContain("0 channels");
  for (const rate of [0, 7919, 192_001]) {
    expect(messageOf(wav(1, 1, rate, 16, data))).toContain(`at ${rate} Hz`);
  }
  expect(messageOf(wav(1, 1, 8000, 16, data).subarray(0, 30))).toContain("cut off");
  expect(messageOf(wav(1, 1, 8000, 16, data).subarray(0, 38))).toContain("no sound");
  const noFormat = Buffer.concat([
    wav(1, 1, 8000, 16, data).subarray(0, 12),
    Buffer.from("data\x08\0\0\0"),
  ]);
  expect(messageOf(noFormat)).toContain("says nothing of its format");
  writeFileSync(file("not.wav"), "not at all");
  expect(() => new WavSource(file("not.wav"))).toThrow(/not\.wav: this is no WAV file/);
  expect(() => new WavSource(file("absent.wav"))).toThrow("ENOENT");
});

test("any octets are read or refused, in the time that their length takes", () => {
  const spoilt = fc.uint8Array({ minLength: 0, maxLength: 200 });
  const head = wav(1, 1, 8000, 16, new Uint8Array(8));
  fc.assert(
    fc.property(spoilt, fc.nat(44), (octets, keep) => {
      const all = Buffer.concat([head.subarray(0, keep), octets]);
      const message = messageOf(all);
      expect(message).not.toContain("no WavError");
    }),
    { numRuns: 2000 },
  );
  // Sixteen thousand empty chunks: not all are looked at.
  const many = Buffer.concat([head.subarray(0, 12), Buffer.alloc(65_536 - 12)]);
  expect(messageOf(many)).toContain("no sound");
});

test("an empty file is over at once, also in a loop; one that is cut off ends in silence", () => {
  writeFileSync(file("empty.wav"), wav(1, 1, 8000, 16, new Uint8Array()));
  expect(new WavSource(file("empty.wav"), { loop: true }).read(160)).toBeNull();
  const path = file("cut.wav");
  writeFileSync(path, wav(1, 1, 8000, 16, new Uint8Array(1000).fill(1)));
  const source = new WavSource(path);
  source.read(100);
  truncateSync(path, 300);
  appendFileSync(path, "");
  expect(source.read(400)?.at(-1)).toBe(0);
});

test("a disk that takes no more is told of once, and ends the recording alone", () => {
  const causes: unknown[] = [];
  const sink = new WavSink("/dev/full", {
    sampleRate: 8000,
    onerror: (cause) => causes.push(cause),
  });
  for (let nth = 0; nth < 100; nth++) sink.append(new Int16Array(8000));
  sink.end();
  expect(causes).toHaveLength(1);
  expect(String(causes[0])).toContain("ENOSPC");
  expect(() => new WavSink("/dev/full")).toThrow("ENOSPC");
});

test("other programs find a plain header", () => {
  const path = file("head.wav");
  const sink = new WavSink(path, { sampleRate: 8000, channels: 2 });
  sink.append(Int16Array.of(1, 2, 3, 4));
  sink.end();
  const octets = readFileSync(path);
  expect(octets.subarray(0, 44)).toEqual(wav(1, 2, 8000, 16, new Uint8Array(8)).subarray(0, 44));
  expect(levelDbfs(Int16Array.of(1))).toBeLessThan(-80);
  expect(toneShare(new Int16Array(8), 8000, 1000)).toBe(0);
});
