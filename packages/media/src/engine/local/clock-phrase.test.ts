import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { promptPath } from "../../prompts/prompts.ts";
import { CLOCK_WORDS, clockPhrase } from "./clock-phrase.ts";

const said = (hours: number, minutes: number, seconds: number) =>
  clockPhrase({ hours, minutes, seconds })
    .slice(1)
    .map((word) => CLOCK_WORDS.get(word))
    .join(" ");

test("the time is said as people say it", () => {
  expect(said(0, 0, 0)).toBe("twelve o'clock precisely");
  expect(said(22, 42, 20)).toBe("ten forty two and twenty seconds");
  expect(said(13, 5, 10)).toBe("one oh five and ten seconds");
  expect(said(12, 20, 0)).toBe("twelve twenty precisely");
  expect(said(9, 15, 50)).toBe("nine fifteen and fifty seconds");
});

test("there is a file for each word of each time of day", () => {
  const words = new Set<string>();
  for (let second = 0; second < 86_400; second += 10) {
    const minutes = Math.floor(second / 60);
    const time = { hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: second % 60 };
    for (const word of clockPhrase(time)) words.add(word);
  }
  expect([...words].filter((word) => !CLOCK_WORDS.has(word))).toEqual([]);
  expect([...words].filter((word) => !existsSync(promptPath(word)))).toEqual([]);
  expect(words.size).toBeGreaterThan(25);
});
