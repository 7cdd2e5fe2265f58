/** Late offers: SIPp calls a page without one, and answers in its ACK. RFC 3261 §13.2.1 */
import type { BridgeStage } from "./bridge-stage.ts";
import { pageHears } from "./bridge-talk.ts";
import { type Credentials, DOMAIN } from "./house.ts";
import type { PagePhone } from "./page-phone.ts";
import { SippRunner } from "./sipp.ts";

const ZOE_HZ = 440;

export async function bridgeLate(stage: BridgeStage): Promise<void> {
  const zoe = await stage.page("Zoe", ZOE_HZ);
  const own = await stage.house.addDeskPhone("Abe");
  await stage.check(
    "bridge: SIPp calls a page without an offer, and answers the one it gets",
    () => lateCall(stage, zoe, own),
    [zoe],
  );
}

async function lateCall(stage: BridgeStage, zoe: PagePhone, own: Credentials): Promise<string> {
  const sipp = new SippRunner(stage.folder, 40);
  const run = { scenario: "bridge-late-caller", calls: 1, lastsMs: 5000, people: [own] };
  // It sends back what it gets.
  const asking = sipp.ask({ ...run, target: `zoe@${DOMAIN}`, echoes: true });
  asking.catch(() => {});
  await zoe.person.isCalledBy("Abe", "voice");
  await zoe.person.answers("voice");
  await zoe.person.isConnected();
  const seconds = await pageHears(zoe, ZOE_HZ);
  await asking;
  await zoe.person.reads("hung up");
  return `the page hears its own ${ZOE_HZ} Hz come back for ${seconds.toFixed(1)} s`;
}
