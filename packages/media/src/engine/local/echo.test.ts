import { tone } from "carillon/rtp";
import { expect, test } from "vitest";
import { levelDbfs } from "../../sound/level.ts";
import { Echo } from "./echo.ts";

const WANTED = { sampleRate: 8000, opus: false };
const pcmOf = (echo: Echo): Int16Array => {
  const said = echo.next(WANTED);
  return said?.kind === "Pcm" ? said.pcm : new Int16Array(160);
};

test("two echoes that call each other fall silent, whatever a room adds", () => {
  for (const gain of [1, 1.9]) {
    const [one, other] = [new Echo(100), new Echo(100)];
    const burst = tone({ frequencies: [700], amplitude: 1, lengthMs: 200 });
    const room = (pcm: Int16Array) => pcm.map((sample) => sample * gain);
    const levels: number[] = [];
    for (let frame = 0; frame < 1500; frame++) {
      const [a, b] = [room(pcmOf(one)), pcmOf(other)];
      other.hear(a, 8000);
      one.hear(frame < 10 ? (burst.read(160) ?? b) : b, 8000);
      levels.push(levelDbfs(a));
    }
    expect(Math.max(...levels)).toBeGreaterThan(-20);
    expect(Math.max(...levels.slice(1200))).toBeLessThan(-60);
  }
});

test("too loud comes back at a quarter of full scale; clocks that differ do not add up", () => {
  const echo = new Echo(0);
  pcmOf(echo);
  echo.hear(new Int16Array(160).fill(-32_768), 8000);
  expect([...new Set(pcmOf(echo))]).toEqual([-8192]);
  for (let frame = 0; frame < 500; frame++) echo.hear(new Int16Array(160).fill(frame), 8000);
  // A tenth of a second at most: what is read next was heard lately.
  expect(pcmOf(echo)[0]).toBeGreaterThan(240);
  echo.close();
  expect(echo.next(WANTED)).toBeNull();
});
