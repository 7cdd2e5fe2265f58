import { expect, test } from "vitest";
import { playHealing } from "../testing/healing/story.ts";

/** A thousand of them: `npm run healing`. */
const SEEDS = 20;

test(`all devices show the same once the weather is fair, over ${SEEDS} seeds`, async () => {
  let [written, restarts] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const healed = await playHealing(seed);
    expect(healed.wrong, `seed ${seed}`).toEqual([]);
    written += healed.written;
    restarts += healed.restarts;
  }
  expect(written, "people wrote").toBeGreaterThan(10 * SEEDS);
  expect(restarts, "programs ended").toBeGreaterThan(3 * SEEDS);
}, 240_000);
