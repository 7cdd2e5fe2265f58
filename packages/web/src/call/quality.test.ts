import type { MediaStatistics } from "carillon";
import { expect, test } from "vitest";
import { detailsOf, qualityOf } from "./quality.ts";

const audio = {
  ...{ codec: "opus", bitsPerSecond: 32_000, lossFraction: 0.004, jitterMs: 3.6 },
  concealedFraction: 0,
};
const seen: MediaStatistics = {
  ...{ atMs: 1, roundTripMs: 41.2, mos: 4.38, received: { audio }, sent: { audio } },
  path: { local: "host", remote: "srflx", protocol: "udp" },
};

test("a call's quality is four bars and a word", () => {
  const words = [4.38, 4, 3.5, 3, 1.2].map((mos) => qualityOf({ ...seen, mos })?.word);
  expect(words).toEqual(["Very good", "Good", "Fair", "Poor", "Bad"]);
  expect([4.38, 4, 3.5, 3, 1.2].map((mos) => qualityOf({ ...seen, mos })?.bars)).toEqual([
    ...[4, 3, 2, 1, 0],
  ]);
});

test("while nothing comes it is no opinion on the way, and before that nothing is said", () => {
  const { mos: _, ...silent } = seen;
  expect(qualityOf(silent)?.word).toBe("No sound");
  expect(qualityOf({ atMs: 1, received: {}, sent: {} })).toBeUndefined();
});

test("the numbers are told with what they mean", () => {
  const told = Object.fromEntries(detailsOf(seen).map(({ name, value }) => [name, value]));
  expect(told).toEqual({
    ...{ "Sounds like": "4.4 of 4.4", Sound: "Opus, full band", "Comes in": "32 kbit/s" },
    ...{ "Goes out": "32 kbit/s", "Lost on the way": "0.4 %", "Uneven by": "4 ms" },
    ...{ "There and back": "41 ms", Way: "Straight to each other" },
  });
});

test("a picture and a relay are told, and what is not known is left out", () => {
  const picture = { width: 640, height: 480, framesPerSecond: 29.7, frames: 100 };
  const video = { ...audio, codec: "VP8", bitsPerSecond: 400_000, picture };
  const path = { local: "relay", remote: "host", protocol: "udp" } as const;
  const told = detailsOf({ atMs: 1, path, received: { audio, video }, sent: {} });
  expect(told).toContainEqual({ name: "Picture", value: "640 × 480, 30/s" });
  expect(told).toContainEqual({ name: "Comes in", value: "432 kbit/s" });
  expect(told).toContainEqual({ name: "Way", value: "Through a relay" });
  expect(told.map(({ name }) => name)).not.toContain("There and back");
});

test("a camera that is off has no picture, whatever size it was before", () => {
  const picture = { width: 640, height: 480, framesPerSecond: 0, frames: 100 };
  const video = { ...audio, codec: "VP8", bitsPerSecond: 0, picture };
  const told = detailsOf({ atMs: 1, received: { audio, video }, sent: {} });
  expect(told.map(({ name }) => name)).not.toContain("Picture");
});

test("where the house stands in between, the way ends there", () => {
  const wayOf = (isBridged: boolean) =>
    detailsOf(seen, isBridged).find(({ name }) => name === "Way")?.value;
  expect([wayOf(true), wayOf(false)]).toEqual(["Straight to the house", "Straight to each other"]);
});
