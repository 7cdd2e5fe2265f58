/** The lines of the house, called from a page in Chromium: its own sound comes back. */
import { BridgeStage } from "./bridge-stage.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand, type Report } from "./report.ts";
import { rms, SAMPLE_RATE_HZ, secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";

const OWN_HZ = 620;
/** What the echo says first takes five seconds, and the way there one. */
const WAIT_MS = 20_000;

export async function pageLines(folder: string, report: Report): Promise<void> {
  const stage = await BridgeStage.open(folder, "lines", report, { nth: 96 });
  const ida = await stage.page("Ida", OWN_HZ);
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(`lines, Chromium: ${what}`, run, [ida]);
  const hears = async (): Promise<string> => {
    await ida.person.button("Test your sound").first().click();
    await ida.listen();
    const seconds = await until(`${OWN_HZ} Hz comes back`, () => back(ida), WAIT_MS);
    const spoken = loudestBefore(OWN_HZ, await ida.heard());
    demand(spoken > 0.01, `it said nothing before (${spoken.toFixed(3)})`);
    const { codec, local } = await ida.way();
    await ida.person.hangsUp();
    return `spoken at ${spoken.toFixed(2)}, ${seconds.toFixed(1)} s came back, ${codec}, ${local}`;
  };
  await check("“Test your sound” says what it is, and then what it hears", hears);
  await check("and a second time", hears);
  await report.check("lines, Chromium: the house had no fault", () => stage.close());
}

/** The loudest half second before this tone is heard. */
function loudestBefore(toneHz: number, heard: Float64Array): number {
  const block = SAMPLE_RATE_HZ / 2;
  let loudest = 0;
  for (let at = 0; at + block <= heard.length; at += block) {
    const piece = heard.subarray(at, at + block);
    if (secondsOf(toneHz, piece) > 0.2) break;
    loudest = Math.max(loudest, rms(piece));
  }
  return loudest;
}

/** Once a second of it was heard. */
async function back(page: PagePhone): Promise<number | undefined> {
  await pause(200);
  const seconds = await page.heardSeconds(OWN_HZ);
  return seconds >= 1 ? seconds : undefined;
}
