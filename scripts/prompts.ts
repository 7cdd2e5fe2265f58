// Makes the words and announcements of packages/media/src/prompts anew, with espeak-ng: `npm run
// prompts`. They are committed, so that nobody needs espeak-ng to run or to build anything.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resampler } from "carillon/rtp";
import {
  ANNOUNCEMENTS,
  CLOCK_WORDS,
  OpusFileSink,
  PROMPTS,
  promptPath,
  WavSource,
} from "carillon-media";

const VOICE = ["-v", "en-gb", "-s", "145", "-p", "45"];
const RATE = 48_000;
const BITRATE = 20_000;
/** Quieter than this at both ends is nothing. */
const QUIET = 300;
const [BEFORE_MS, AFTER_MS] = [20, 40];
/** The loudest sample of each. */
const PEAK = 16_000;

const folder = mkdtempSync(join(tmpdir(), "carillon-prompts-"));
mkdirSync(PROMPTS, { recursive: true });
let total = 0;
for (const [name, text] of [...CLOCK_WORDS, ...ANNOUNCEMENTS]) {
  const wav = join(folder, `${name}.wav`);
  const { status, stderr } = spawnSync("espeak-ng", [...VOICE, "-w", wav, text]);
  if (status !== 0) throw new Error(`espeak-ng did not say ${name}: ${stderr}`);
  await write(promptPath(name), framed(levelled(spoken(wav))));
  total += statSync(promptPath(name)).size;
}
rmSync(folder, { recursive: true });
console.log(`${CLOCK_WORDS.size + ANNOUNCEMENTS.size} prompts, ${Math.ceil(total / 1024)} KiB`);

/** What was said, without the quiet before and after it. */
function spoken(wav: string): Int16Array {
  const source = new WavSource(wav);
  const pcm = new Resampler(source.sampleRate, RATE).process(
    source.read(Math.round(source.seconds * source.sampleRate)) ?? new Int16Array(),
  );
  source.close();
  const isLoud = (sample: number): boolean => Math.abs(sample) > QUIET;
  return pcm.subarray(pcm.findIndex(isLoud), pcm.findLastIndex(isLoud) + 1);
}

function levelled(pcm: Int16Array): Int16Array {
  const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  return pcm.map((sample) => Math.round((sample * PEAK) / peak));
}

/** Whole frames, with a little quiet around, so that words can follow each other. */
function framed(pcm: Int16Array): Int16Array {
  const [before, after] = [BEFORE_MS, AFTER_MS].map((ms) => (ms * RATE) / 1000) as [number, number];
  const frame = RATE / 50;
  const whole = new Int16Array(Math.ceil((before + pcm.length + after) / frame) * frame);
  whole.set(pcm, before);
  return whole;
}

async function write(path: string, pcm: Int16Array): Promise<void> {
  const sink = await OpusFileSink.open(path, { bitrate: BITRATE });
  sink.append(pcm);
  sink.end();
  await sink.ended;
}
