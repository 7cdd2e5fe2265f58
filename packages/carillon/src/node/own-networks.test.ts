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
