import { expect, test } from "vitest";
import { toneShare } from "../../sound/tone-share.ts";
import { ClipShelf } from "./clip-shelf.ts";
import { SpeakingClock } from "./speaking-clock.ts";

const RATE = 8000;
const shelf = new ClipShelf();

/** What is heard in so long, from this time on. */
async function heard(from: number, seconds: number): Promise<Int16Array> {
  let now = from;
  const clock = await SpeakingClock.open(shelf, () => now);
  const pcm = new Int16Array(seconds * RATE);
  for (let at = 0; at < pcm.length; at += 160, now += 20) {
    const said = clock.next({ sampleRate: RATE, opus: false });
    if (said?.kind === "Pcm") pcm.set(said.pcm.subarray(0, 160), at);
  }
  clock.close();
  expect(clock.next({ sampleRate: RATE, opus: true })).toBeNull();
  return pcm;
}

/** Where tones of a tenth of a second and more begin, in ms. */
function pips(pcm: Int16Array): readonly number[] {
  const block = RATE / 100;
  const begins: number[] = [];
  let run = 0;
  for (let at = 0; at + block <= pcm.length; at += block) {
    run = toneShare(pcm.subarray(at, at + block), RATE, 1000) > 0.98 ? run + 1 : 0;
    if (run === 20) begins.push((at / block - 19) * 10);
  }
  return begins;
}

test.each([0, 1, 3, 4.98, 7, 9.999])(
  "begun %d s after ten full seconds, it speaks at once, and its tones are on the next ones",
  async (after) => {
    const from = Date.parse("2026-11-28T22:42:00") + after * 1000;
    const pcm = await heard(from, 45);
    const begins = pips(pcm).map((ms) => from + ms);
    expect(begins.length).toBeGreaterThanOrEqual(3);
    for (const at of begins) {
      const off = ((at + 5000) % 10_000) - 5000;
      expect(Math.abs(off)).toBeLessThanOrEqual(20);
    }
    const early = pcm.subarray(0, RATE / 2);
    expect(early.some((sample) => Math.abs(sample) > 3000)).toBe(true);
  },
);

test("clips are read once, and no more of them are held than fit", async () => {
  const small = new ClipShelf(4000);
  const { promptPath } = await import("../../prompts/prompts.ts");
  const first = await small.clip(promptPath("one"));
  expect(await small.clip(promptPath("one"))).toBe(first);
  for (const name of ["two", "three", "four"]) await small.clip(promptPath(name));
  expect(small.bytes).toBeLessThanOrEqual(4000);
  expect(await small.clip(promptPath("one"))).not.toBe(first);
  await expect(small.clip("/nowhere/at.all")).rejects.toThrow("ENOENT");
});
