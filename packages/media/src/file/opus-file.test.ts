import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tone } from "carillon/rtp";
import { afterAll, expect, test } from "vitest";
import { toneShare } from "../sound/tone-share.ts";
import { openPlayer } from "./open-player.ts";
import { OpusFileSink } from "./opus-file-sink.ts";
import { OpusFileSource } from "./opus-file-source.ts";

const folder = mkdtempSync(join(tmpdir(), "carillon-opus-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

async function record(path: string, seconds: number): Promise<void> {
  const sink = await OpusFileSink.open(path);
  const source = tone({ frequencies: [1000], sampleRate: 48_000 });
  // In pieces that are no frames of Opus.
  for (let nth = 0; nth < seconds * 100; nth++) sink.append(source.read(480) ?? new Int16Array());
  sink.append(new Int16Array(100));
  sink.end();
  sink.end();
  await sink.ended;
}

/** All of it; waits where it is read ahead. */
async function play(source: { read(samples: number): Int16Array | null | undefined }, most = 1e6) {
  const heard: number[] = [];
  for (let pcm = source.read(960); pcm !== null && heard.length < most; pcm = source.read(960)) {
    if (pcm) heard.push(...pcm);
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Int16Array.from(heard);
}

test.each(["a.ogg", "a.opus", "a.webm", "a.mka"])(
  "RFC 7845: what is recorded into %s is played from it",
  async (name) => {
    await record(file(name), 3);
    expect(statSync(file(name)).size).toBeLessThan(20_000);
    const player = await openPlayer(file(name));
    const heard = await play(player);
    expect(Math.abs(heard.length - 3 * 48_000)).toBeLessThanOrEqual(960);
    expect(toneShare(heard.subarray(9600, 57_600), 48_000, 1000)).toBeGreaterThan(0.99);
    expect(player.read(960)).toBeNull();
    player.close();
  },
);

test("RFC 7845 §5.1: an Ogg file begins with the head of one channel", async () => {
  await record(file("head.ogg"), 0.1);
  const octets = readFileSync(file("head.ogg"));
  expect(octets.toString("latin1", 0, 4)).toBe("OggS");
  const head = octets.indexOf("OpusHead");
  expect([octets[head + 8], octets[head + 9]]).toEqual([1, 1]);
});

test("a loop begins again, and is not read further ahead than needed", async () => {
  await record(file("loop.ogg"), 1);
  const player = await OpusFileSource.open(file("loop.ogg"), { loop: true });
  const heard = await play(player, 48_000 * 3);
  expect(heard.length).toBeGreaterThanOrEqual(48_000 * 3);
  player.close();
  expect(player.read(960)).toBeNull();
});

test("what holds no Opus is refused in words, and what is cut off is over there", async () => {
  writeFileSync(file("not.ogg"), "OggS and nothing more");
  await expect(openPlayer(file("not.ogg"))).rejects.toThrow("not.ogg: ");
  await expect(openPlayer(file("none.ogg"))).rejects.toThrow("ENOENT");
  await record(file("whole.ogg"), 3);
  const whole = readFileSync(file("whole.ogg"));
  // As a program that was killed leaves it: without its last page.
  writeFileSync(file("cut.ogg"), whole.subarray(0, whole.lastIndexOf("OggS")));
  const heard = await play(await openPlayer(file("cut.ogg")));
  expect(heard.length).toBeGreaterThan(24_000);
  expect(heard.length).toBeLessThanOrEqual(3 * 48_000);
});

test("a disk that takes no more is told of once, and ends the recording alone", async () => {
  const causes: unknown[] = [];
  const sink = await OpusFileSink.open("/dev/full", { onerror: (cause) => causes.push(cause) });
  for (let nth = 0; nth < 500; nth++)
    sink.append(tone({ frequencies: [440], sampleRate: 48_000 }).read(960) ?? new Int16Array());
  sink.end();
  await sink.ended;
  expect(causes.length).toBeLessThanOrEqual(1);
});
