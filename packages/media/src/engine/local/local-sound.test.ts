import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "carillon/rtp";
import { afterAll, expect, test } from "vitest";
import { OpusFileSink } from "../../file/opus-file-sink.ts";
import { WavSink } from "../../file/wav-sink.ts";
import { OpusDecoder } from "../../opus/opus-decoder.ts";
import { promptPath } from "../../prompts/prompts.ts";
import { toneShare } from "../../sound/tone-share.ts";
import type { LocalSource } from "../transport.ts";
import { Clip } from "./clip.ts";
import { ClipShelf } from "./clip-shelf.ts";
import { LocalSound, localSound } from "./local-sound.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-local-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const shelf = new ClipShelf();
const RATES = [8000, 16_000, 48_000];

/** What is heard in so long, or until it is over. */
async function heard(source: LocalSource, seconds = 60): Promise<Int16Array> {
  const frame = source.sampleRate / 50;
  const pcm: number[] = [];
  for (let nth = 0; nth < seconds * 50; nth++) {
    const read = source.read(frame);
    if (read === null) break;
    pcm.push(...(read ?? new Int16Array(frame)));
    await untilNext(read);
  }
  return Int16Array.from(pcm);
}

/** Files come between two frames, and quicker than these are read; until then it is quiet. */
function untilNext(read: Int16Array | undefined): Promise<void> {
  const isQuiet = !read?.some((sample) => sample !== 0);
  return new Promise((resolve) => setTimeout(resolve, isQuiet ? 10 : 0));
}

/** Where a tone begins, in ms. */
function begins(pcm: Int16Array, rate: number, hertz: number): readonly number[] {
  const block = rate / 50;
  const found: number[] = [];
  let run = 0;
  for (let at = 0; at + block <= pcm.length; at += block) {
    run = toneShare(pcm.subarray(at, at + block), rate, hertz) > 0.9 ? run + 1 : 0;
    if (run === 10) found.push((at / block - 9) * 20);
  }
  return found;
}

async function opusFile(name: string, seconds: number): Promise<string> {
  const sink = await OpusFileSink.open(file(name));
  const source = tone({ frequencies: [1000], sampleRate: 48_000 });
  sink.append(source.read(48_000 * seconds) ?? new Int16Array());
  sink.end();
  await sink.ended;
  return file(name);
}

function wavFile(name: string): string {
  const sink = new WavSink(file(name), { sampleRate: 16_000 });
  sink.append(tone({ frequencies: [440], sampleRate: 16_000 }).read(16_000) ?? new Int16Array());
  sink.end();
  return file(name);
}

test.each(RATES)("at %d Hz: a tone is as long as it should be", async (sampleRate) => {
  const pcm = await heard(
    localSound({ kind: "Tone", hz: 440, durationMs: 1000 }, { sampleRate, shelf }),
  );
  expect(pcm.length).toBe(sampleRate);
  expect(toneShare(pcm, sampleRate, 440)).toBeGreaterThan(0.99);
});

test("silence is silent, and is over", async () => {
  const pcm = await heard(
    localSound({ kind: "Silence", durationMs: 300 }, { sampleRate: 8000, shelf }),
  );
  expect([pcm.length, Math.max(...pcm)]).toEqual([2400, 0]);
});

test.each(RATES)("at %d Hz: files follow each other, again and again", async (sampleRate) => {
  const paths = [wavFile("440.wav"), await opusFile(`${sampleRate}.opus`, 1)];
  const what = { kind: "Files", paths, repeat: 2, delayMs: 400 } as const;
  const pcm = await heard(localSound(what, { sampleRate, shelf }));
  const [low, high] = [440, 1000].map((hertz) => begins(pcm, sampleRate, hertz));
  expect([low?.length, high?.length]).toEqual([2, 2]);
  expect(Math.abs((low?.[1] ?? 0) - (low?.[0] ?? 0) - 2400)).toBeLessThan(150);
  expect(Math.abs((high?.[0] ?? 0) - (low?.[0] ?? 0) - 1000)).toBeLessThan(100);
});

test("Opus in a file is handed out as it is in the file, where that is asked for", async () => {
  const path = await opusFile("a.opus", 2);
  await shelf.clip(path);
  const source = localSound({ kind: "Files", paths: [path] }, { sampleRate: 48_000, shelf });
  const decoder = new OpusDecoder({ sampleRate: 48_000 });
  const [packets, pcm]: [string[], number[]] = [[], []];
  for (let nth = 0; nth < 200; nth++) {
    const coded = source.coded?.();
    if (coded) {
      packets.push(Buffer.from(coded).toString("hex"));
      pcm.push(...decoder.decode(coded));
    } else if (source.read(960) === null) break;
    await (coded ? undefined : untilNext(undefined));
  }
  expect(packets).toHaveLength(100);
  expect(toneShare(Int16Array.from(pcm).subarray(9600, 57_600), 48_000, 1000)).toBeGreaterThan(
    0.99,
  );
  const inFile: string[] = [];
  const clip = (await Clip.read(path)).say();
  for (let said = clip.next({ sampleRate: 48_000, opus: true }); said; ) {
    if (said.kind === "Opus") inFile.push(Buffer.from(said.payload).toString("hex"));
    said = clip.next({ sampleRate: 48_000, opus: true });
  }
  expect(packets).toEqual(inFile);
});

test("what is asked for as Opus and is none is not lost", async () => {
  const what = { kind: "Files", paths: [wavFile("opus.wav")] } as const;
  const source = localSound(what, { sampleRate: 48_000, shelf });
  let samples = 0;
  for (let nth = 0; nth < 100; nth++) {
    expect(source.coded?.()).toBeUndefined();
    const pcm = source.read(960);
    if (pcm === null) break;
    if (pcm?.some((sample) => Math.abs(sample) > 1000)) samples += pcm.length;
    await untilNext(pcm);
  }
  expect(Math.abs(samples - 48_000)).toBeLessThanOrEqual(960);
});

test("a file is cut off after its time, and one that is not there is told of", async () => {
  const told: string[] = [];
  const options = { sampleRate: 8000, shelf, onerror: (words: string) => told.push(words) };
  const paths = [await opusFile("long.opus", 3)];
  const repeat = Number.POSITIVE_INFINITY;
  const long = localSound({ kind: "Files", paths, repeat, durationMs: 5000 }, options);
  expect((await heard(long)).length).toBe(5 * 8000);
  expect(told).toEqual([]);
  const none = localSound({ kind: "Files", paths: [file("none.opus")], repeat: 1000 }, options);
  expect((await heard(none)).length).toBeLessThan(8000);
  // Of a thousand rounds the first that says nothing is the last, and the next was made ready.
  expect(told[0]).toContain("ENOENT");
  expect(told.length).toBeLessThan(4);
  writeFileSync(file("bad.opus"), "OggS and nothing more");
  await heard(localSound({ kind: "Files", paths: [file("bad.opus")] }, options));
  expect(told.at(-1)).toContain("bad.opus: ");
});

test("every prompt is speech of a usual length, as loud as the others", async () => {
  const { ANNOUNCEMENTS } = await import("../../prompts/prompts.ts");
  const { CLOCK_WORDS } = await import("./clock-phrase.ts");
  for (const [name, text] of [...CLOCK_WORDS, ...ANNOUNCEMENTS]) {
    const pcm = await heard(new LocalSound((await Clip.read(promptPath(name))).say(), 8000));
    const seconds = pcm.length / 8000;
    expect(seconds, name).toBeGreaterThan(0.25);
    expect(seconds, name).toBeLessThan(1 + text.length / 10);
    const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak, name).toBeGreaterThan(8000);
    expect(peak, name).toBeLessThan(25_000);
  }
});

test("what was closed says nothing more", async () => {
  const source = localSound({ kind: "Clock" }, { sampleRate: 8000, shelf });
  await heard(source, 0.5);
  source.close?.();
  expect([source.read(160), source.coded?.()]).toEqual([null, undefined]);
});
