/** The same calls with rtpengine as the media engine, and a second one that takes over. */
import { bridgeCalls } from "./bridge-calls.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { demand, type Report } from "./report.ts";
import { Rtpengine } from "./rtpengine.ts";

export async function bridgeRtpengine(folder: string, report: Report): Promise<void> {
  const engine = await Rtpengine.start(folder);
  const args = ["--media-engine", `rtpengine ${engine.address}`];
  const stage = await BridgeStage.open(folder, "bridge-rtpengine", report, { args, nth: 85 });
  await bridgeCalls(stage, "rtpengine");
  await report.check(
    "bridge over rtpengine: it was rtpengine, and the house had no fault",
    async () => {
      const offers = engine.log.split("Received command 'offer'").length - 1;
      demand(offers > 0, "rtpengine was asked for nothing");
      return `${offers} offers, ${await stage.close()}`;
    },
  );
  await engine.stop();
}
