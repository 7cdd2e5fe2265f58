import { expect, test } from "vitest";
import { watchAddresses } from "./own-networks.ts";

test("a machine that cannot be looked at for a while is looked at again", async () => {
  const heard: (readonly string[])[] = [];
  let look = (): readonly string[] => ["a"];
  const stop = watchAddresses(
    (now) => heard.push(now),
    5,
    () => look(),
  );
  const pause = () => new Promise((done) => setTimeout(done, 40));
  let asked = 0;
  look = () => {
    asked++;
    throw new Error("EMFILE");
  };
  await pause();
  expect(asked).toBeGreaterThan(0);
  expect(heard).toEqual([]);
  look = () => ["b"];
  await pause();
  stop();
  expect(heard).toEqual([["b"]]);
});

test("a machine that has slept is as good as one with another network", async () => {
  const heard: (readonly string[])[] = [];
  let aheadMs = 1_000_000;
  const stop = watchAddresses(
    (now) => heard.push(now),
    5,
    () => ["a"],
    () => aheadMs,
  );
  const pause = () => new Promise((done) => setTimeout(done, 40));
  // A calendar that is put right a little, or back, is no sleep.
  aheadMs += 400;
  await pause();
  aheadMs -= 3_600_000;
  await pause();
  expect(heard).toEqual([]);
  aheadMs += 8 * 3_600_000;
  await pause();
  stop();
  expect(heard).toEqual([["a"]]);
});
