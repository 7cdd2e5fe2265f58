/** `carillon record`: a call of a page and a desk phone is recorded, and both are told. RFC 7866 */
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { OpusFileSource } from "carillon-media";
import type { BridgeStage } from "./bridge-stage.ts";
import { pageCalls } from "./bridge-talk.ts";
import { demand } from "./report.ts";
import { secondsOf, secondsOfAll } from "./tone.ts";
import { pause, until } from "./until.ts";

const PROGRAM = join(import.meta.dirname, "../packages/server/src/main.ts");
const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
/** What a recorded line has said for a hundred years. */
const TOLD_HZ = 1400;
const RECORDED_MS = 4000;
const HEARD_SECONDS = 2;
const TOLD_MS = 10_000;
const PROGRAM_MS = 20_000;

export async function bridgeRecorded(stage: BridgeStage): Promise<void> {
  const rosa = await stage.page("Rosa", PAGE_HZ);
  const hal = await stage.phone("Hal", { codec: "PCMU/8000/1", toneHz: PHONE_HZ });
  const carillon = async (...args: readonly string[]): Promise<string> => {
    const data = join(stage.folder, "house", "data");
    const all = [PROGRAM, ...args, "--data", data];
    return (await promisify(execFile)(process.execPath, all, { timeout: PROGRAM_MS })).stdout;
  };
  const check = async (): Promise<string> => {
    const nth = await pageCalls(rosa, hal, "Hal");
    const begun = await carillon("record", "hal");
    const path = /^ {2}(\/.*\.ogg)$/m.exec(begun)?.[1] ?? "";
    const line = rosa.page.getByTestId("recording");
    await line.waitFor({ timeout: TOLD_MS });
    const said = await line.innerText();
    const tone = () => secondsOf(TOLD_HZ, hal.heard.at(nth) ?? new Float64Array()) > 0 || undefined;
    await until("the phone hears the tone of a recorded line", tone, TOLD_MS);
    await pause(RECORDED_MS);
    await carillon("record", "hal", "--stop");
    await line.waitFor({ state: "detached", timeout: TOLD_MS });
    await rosa.person.hangsUp();
    const samples = await soundOf(path);
    const both = secondsOfAll([PAGE_HZ, PHONE_HZ], samples);
    demand(both >= HEARD_SECONDS, `both tones are in the recording for ${both} s`);
    const mode = statSync(path).mode & 0o777;
    demand(mode === 0o600, `others may read the recording: ${mode.toString(8)}`);
    return `“${said}” ${PAGE_HZ} and ${PHONE_HZ} Hz for ${both.toFixed(1)} s in ${path}`;
  };
  await stage.check("bridge: carillon record has both in a file, and both are told", check, [rosa]);
}

/** All of it, at 8000 Hz. */
async function soundOf(path: string): Promise<Float64Array> {
  const source = await OpusFileSource.open(path);
  const samples: number[] = [];
  for (;;) {
    const pcm = source.read(EVERY * 160);
    if (pcm === null) break;
    if (pcm === undefined) await pause(5);
    else
      for (let at = 0; at + EVERY <= pcm.length; at += EVERY) samples.push((pcm[at] ?? 0) / 32_768);
  }
  source.close();
  return Float64Array.from(samples);
}

/** 48 kHz to 8: the tones are far below what that would fold. */
const EVERY = 6;
