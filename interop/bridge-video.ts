/** Two pages, one of them behind the bridge: sound, and then a picture by re-INVITE. */
import type { Page } from "playwright-core";
import { arrived } from "../e2e/media.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { pageHears } from "./bridge-talk.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const [BEA_HZ, CAL_HZ] = [440, 1000] as const;
const FRAMES = 30;
const PICTURE_MS = 15_000;

export async function bridgeVideo(folder: string, report: Report): Promise<void> {
  const args = ["--media", "always"];
  const stage = await BridgeStage.open(folder, "bridge-video", report, { args, nth: 80 });
  const bea = await stage.page("Bea", BEA_HZ);
  const cal = await stage.page("Cal", CAL_HZ);
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(`bridge, between two pages: ${what}`, run, [bea, cal]);
  await check("one calls with voice, and adds a picture; so does the other", async () => {
    await bea.person.sees("Cal", "Online");
    await bea.person.calls("Cal", "voice");
    await cal.person.isCalledBy("Bea", "voice");
    await cal.person.answers("voice");
    await Promise.all([bea.person.isConnected(), cal.person.isConnected()]);
    const heard = [await pageHears(bea, CAL_HZ), await pageHears(cal, BEA_HZ)];
    demandBridge(await ways(bea, cal));
    await bea.person.button("Share your screen").click();
    const there = await picture(cal.page, "Cal sees Bea");
    await cal.person.button("Share your screen").click();
    const here = await picture(bea.page, "Bea sees Cal");
    heard.push(await pageHears(bea, CAL_HZ), await pageHears(cal, BEA_HZ));
    return `${there}, ${here}; sound ${heard.map((one) => one.toFixed(1)).join(", ")} s`;
  });
  await check("a call with a picture from its start", async () => {
    await cal.person.calls("Bea", "video");
    await bea.person.isCalledBy("Cal", "video");
    await bea.person.answers("video");
    await Promise.all([bea.person.isConnected(), cal.person.isConnected()]);
    const seen = [await picture(cal.page, "Cal sees Bea"), await picture(bea.page, "Bea sees Cal")];
    const heard = [await pageHears(bea, CAL_HZ), await pageHears(cal, BEA_HZ)];
    demandBridge(await ways(bea, cal));
    return `${seen.join(", ")}; sound ${heard.map((one) => one.toFixed(1)).join(", ")} s`;
  });
  await report.check("bridge: the house of these ran without a fault", () => stage.close());
}

/** Where each of the two sends to, and where each is. */
async function ways(one: PagePhone, other: PagePhone) {
  return { one: await one.way(), other: await other.way() };
}

/** Else this would show a call between two pages, and no bridge. */
function demandBridge({ one, other }: Awaited<ReturnType<typeof ways>>): void {
  const isStraight = one.remote === other.at || other.remote === one.at;
  demand(!isStraight, `they talk straight to each other: ${one.at} and ${one.remote}`);
}

/** Waits for a second of frames since now. */
async function picture(page: Page, what: string): Promise<string> {
  const before = (await arrived(page)).framesDecoded;
  let now = await arrived(page);
  const isSeen = async (): Promise<true | undefined> => {
    now = await arrived(page);
    return now.framesDecoded - before >= FRAMES || undefined;
  };
  await until(what, isSeen, PICTURE_MS).catch((late: Error) => {
    throw new Error(`${late.message}: ${now.framesDecoded - before} frames`);
  });
  return `${what}: ${now.framesDecoded - before} frames of ${now.width}×${now.height}`;
}
