/** The bridge with programs that were not written here: Chromium, baresip, SIPp, rtpengine. */
import { bridgeCalls } from "./bridge-calls.ts";
import { bridgeFamilies } from "./bridge-families.ts";
import { bridgeForks } from "./bridge-forks.ts";
import { bridgeLate } from "./bridge-late.ts";
import { bridgeNat } from "./bridge-nat.ts";
import { bridgePanel } from "./bridge-panel.ts";
import { bridgeRecorded } from "./bridge-recorded.ts";
import { bridgeRtpengine } from "./bridge-rtpengine.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bridgeTransfers } from "./bridge-transfers.ts";
import { bridgeVideo } from "./bridge-video.ts";
import { bridgeWorker } from "./bridge-worker.ts";
import { killChildren } from "./child.ts";
import type { Report } from "./report.ts";

export async function bridge(folder: string, report: Report): Promise<void> {
  const stage = await BridgeStage.open(folder, "bridge", report);
  await bridgeCalls(stage);
  await bridgePanel(stage);
  await bridgeRecorded(stage);
  await bridgeForks(stage);
  await bridgeTransfers(stage);
  await bridgeLate(stage);
  await bridgeWorker(stage);
  await report.check("bridge: the house ran without a fault", () => stage.close());
  killChildren();
  await bridgeVideo(folder, report).finally(killChildren);
  await bridgeRtpengine(folder, report).finally(killChildren);
  await bridgeFamilies(folder, report).finally(killChildren);
  await bridgeNat(folder, report).finally(killChildren);
}
