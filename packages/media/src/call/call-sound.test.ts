import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sink, tone } from "carillon/rtp";
import { afterAll, expect, test } from "vitest";
import { numbered } from "../file/numbered-name.ts";
import { WavSink } from "../file/wav-sink.ts";
import { WavSource } from "../file/wav-source.ts";
import { toneShare } from "../sound/tone-share.ts";
import { CallSound } from "./call-sound.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-sound-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

function written(name: string, hertz: number, seconds: number): string {
  const sink = new WavSink(file(name), { sampleRate: 8000 });
  sink.append(tone({ frequencies: [hertz] }).read(8000 * seconds) ?? new Int16Array());
  sink.end();
  return file(name);
}

/** So many frames of 20 ms at 16 kHz, as a call has them; what was said. */
function call(sound: CallSound, frames: number, heard = 1000): number[] {
  const theirs = tone({ frequencies: [heard], sampleRate: 16_000 });
  const said: number[] = [];
  const rate = sound.source?.sampleRate ?? 16_000;
  for (let nth = 0; nth < frames; nth++) {
    const pcm = sound.source?.read(rate / 50);
    if (pcm) said.push(...pcm);
    sound.sink?.write(theirs.read(320) ?? new Int16Array(), 16_000);
  }
  return said;
}

test("a file is said, then what was given for a microphone; all is recorded", async () => {
  const levels = { said: 0, heard: 0 };
  let played = 0;
  const sound = await CallSound.open(
    {
      play: written("hello.wav", 440, 1),
      source: () => tone({ frequencies: [700], sampleRate: 16_000 }),
      record: { path: file("call.wav"), what: "stereo" },
      onplayed: () => played++,
      onlevel: (side) => levels[side]++,
    },
    1,
  );
  const said = Int16Array.from(call(sound, 100));
  sound.close();
  expect(played).toBe(1);
  expect(toneShare(said.subarray(800, 7200), 8000, 440)).toBeGreaterThan(0.99);
  expect(toneShare(said.subarray(9600, 15_200), 8000, 700)).toBeGreaterThan(0.99);
  expect([levels.said, levels.heard]).toEqual([20, 20]);
  // Stereo is mixed where it is played: half is what was said, half what was heard.
  const recorded = new WavSource(file("call.wav"));
  expect(recorded.seconds).toBeCloseTo(2, 1);
  recorded.read(16_000);
  const second = recorded.read(14_000) ?? new Int16Array();
  expect(toneShare(second, 16_000, 700)).toBeCloseTo(0.5, 1);
  expect(toneShare(second, 16_000, 1000)).toBeCloseTo(0.5, 1);
});

test("without anything to say there is silence, and what is heard is still recorded", async () => {
  const sound = await CallSound.open({ record: file("only.wav") }, 1);
  expect(call(sound, 50)).toEqual([]);
  sound.close();
  const recorded = new WavSource(file("only.wav")).read(16_000) ?? new Int16Array();
  expect(toneShare(recorded.subarray(1600, 14_400), 16_000, 1000)).toBeGreaterThan(0.99);
});

test("each call has its own recording, and a sink that was given ends once", async () => {
  let samples = 0;
  let ends = 0;
  const sink = (): Sink => ({ write: (pcm) => (samples += pcm.length), end: () => ends++ });
  for (const nth of [1, 2]) {
    const sound = await CallSound.open({ record: file("many.wav"), sink }, nth);
    call(sound, 10);
    sound.sink?.end?.();
    sound.close();
  }
  expect(readdirSync(folder).filter((name) => name.startsWith("many"))).toEqual([
    "many-2.wav",
    "many.wav",
  ]);
  expect([samples, ends]).toEqual([2 * 10 * 320, 2]);
  expect(numbered("a.b/call", 3)).toBe("a.b/call-3");
  expect(numbered("/tmp/.wav", 3)).toBe("/tmp/.wav-3");
});

test("what cannot be opened is said in words, and what was opened is let go of", async () => {
  let ends = 0;
  const sink = (): Sink => ({ write() {}, end: () => ends++ });
  await expect(CallSound.open({ play: file("none.wav"), sink }, 1)).rejects.toThrow("ENOENT");
  await expect(CallSound.open({ record: file("no/such/folder.wav"), sink }, 1)).rejects.toThrow(
    "ENOENT",
  );
  expect(ends).toBe(1);
});
