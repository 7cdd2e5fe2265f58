import { tone } from "carillon/rtp";
import { expect, test } from "vitest";
import { levelDbfs } from "../../sound/level.ts";
import { toneShare } from "../../sound/tone-share.ts";
import { Echo } from "./echo.ts";

const NOTHING = new Int16Array(160);

test("who speaks to an echo hears themselves, so much later and half as strong", () => {
  const echo = new Echo(500, 8000);
  const source = tone({ frequencies: [1000], amplitude: 0.2 });
  const heard: number[] = [];
  for (let frame = 0; frame < 80; frame++) {
    echo.write(source.read(160) ?? NOTHING);
    heard.push(...(echo.read(160) ?? NOTHING));
  }
  expect(heard.findIndex((sample) => sample !== 0)).toBe(4001);
  expect(toneShare(Int16Array.from(heard.slice(4000)), 8000, 1000)).toBeGreaterThan(0.99);
  expect(Math.max(...heard)).toBeCloseTo(32_767 * 0.1, -2);
});

test("two echoes that call each other fall silent, whatever a room adds", () => {
  for (const gain of [1, 1.9]) {
    const [one, other] = [new Echo(100, 8000), new Echo(100, 8000)];
    const burst = tone({ frequencies: [700], amplitude: 1, lengthMs: 200 });
    const room = (pcm: Int16Array) => pcm.map((sample) => sample * gain);
    const levels: number[] = [];
    for (let frame = 0; frame < 1500; frame++) {
      const [a, b] = [room(one.read(160) ?? NOTHING), other.read(160) ?? NOTHING];
      other.write(a);
      one.write(frame < 10 ? (burst.read(160) ?? b) : b);
      levels.push(levelDbfs(a));
    }
    expect(Math.max(...levels)).toBeGreaterThan(-20);
    expect(Math.max(...levels.slice(1200))).toBeLessThan(-60);
  }
});

test("too loud comes back at a quarter of full scale; clocks that differ do not add up", () => {
  const echo = new Echo(0, 8000);
  echo.write(new Int16Array(160).fill(-32_768));
  expect([...new Set(echo.read(160))]).toEqual([-8192]);
  for (let frame = 0; frame < 500; frame++) echo.write(new Int16Array(160).fill(frame));
  // A tenth of a second at most: what is read next was heard lately.
  expect(echo.read(160)?.[0]).toBeGreaterThan(240);
  echo.close();
  echo.write(NOTHING);
  expect(echo.read(160)).toBeNull();
});

test("after a gap it begins again with the whole delay", () => {
  const echo = new Echo(40, 8000);
  echo.write(new Int16Array(160).fill(100));
  expect([echo.read(160)?.[0], echo.read(160)?.[0], echo.read(160)?.[0]]).toEqual([0, 0, 50]);
  expect(echo.read(160)).toBeUndefined();
  echo.write(new Int16Array(160).fill(200));
  expect([echo.read(160)?.[0], echo.read(160)?.[0], echo.read(160)?.[0]]).toEqual([0, 0, 100]);
});
