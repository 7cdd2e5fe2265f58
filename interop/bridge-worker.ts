/** A worker of the media engine is killed in the middle of a call: how long nobody is heard. */
import { readdirSync } from "node:fs";
import type { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import { workersOf } from "./media-workers.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand } from "./report.ts";
import { secondsOf } from "./tone.ts";
import { until } from "./until.ts";
import { WireEar } from "./wire-ear.ts";

const [DAN_HZ, EVE_HZ] = [440, 1000] as const;
/** Must be heard again by then. */
const BACK_MS = 2000;
const GIVEN_UP_MS = 12_000;
/** Of sound, before it counts as being back; taken off again. */
const HEARD_SECONDS = 0.2;
/** After the kill; what was kept before is played until then. */
const SETTLED_MS = 300;

export async function bridgeWorker(stage: BridgeStage): Promise<void> {
  const dan = await stage.page("Dan", DAN_HZ);
  const eve = await stage.phone("Eve", { codec: "PCMU/8000/1", toneHz: EVE_HZ });
  for (const [who, call] of [
    ["a page called", () => pageCalls(dan, eve, "Eve")],
    ["a desk phone called", () => phoneCalls(eve, dan, "Eve")],
  ] as const) {
    const what = `bridge, ${who}, and the worker is killed: both hear again within ${BACK_MS} ms`;
    const run = async (): Promise<string> => {
      await bothHear(dan, eve, await call());
      // The one that has the call has its sockets open.
      const [pid] = workersOf(stage.house.pid).toSorted((one, other) => open(other) - open(one));
      demand(pid !== undefined, "the house has no workers");
      const startMs = performance.now();
      process.kill(pid, "SIGKILL");
      const [there, here] = await Promise.all([
        phoneBack(eve.rtpPorts, startMs),
        pageBack(dan, startMs),
      ]);
      const words = `the phone after ${there.toFixed(0)} ms, the page after ${here.toFixed(0)} ms`;
      demand(there <= BACK_MS && here <= BACK_MS, words);
      return words;
    };
    await stage.check(what, run, [dan]);
  }
}

const open = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Packets of before may still be on their way: what counts begins a moment after. */
async function phoneBack(ports: readonly [number, number], startMs: number): Promise<number> {
  const ear = new WireEar(ports);
  const isBack = (): number | undefined =>
    ear.heardSeconds(DAN_HZ) >= HEARD_SECONDS ? performance.now() - startMs : undefined;
  const backMs = await until("the phone hears the page again", isBack, GIVEN_UP_MS).finally(() =>
    ear.close(),
  );
  return backMs - 1000 * HEARD_SECONDS;
}

/** It may have another connection by then, and then the ear is put to that. */
async function pageBack(page: PagePhone, startMs: number): Promise<number> {
  await page.listen();
  let listeningMs = performance.now();
  const isBack = async (): Promise<number | undefined> => {
    const heard = await page.heard();
    // What the page had kept for itself when the worker died is no sound that is back.
    const fresh = heard.subarray(Math.max(0, 8 * (startMs + SETTLED_MS - listeningMs)));
    if (secondsOf(EVE_HZ, fresh) >= HEARD_SECONDS) return performance.now() - startMs;
    if (!(await page.isListening())) {
      await page.listen();
      listeningMs = performance.now();
    }
    return undefined;
  };
  const backMs = await until("the page hears the phone again", isBack, GIVEN_UP_MS);
  return backMs - 1000 * HEARD_SECONDS;
}
