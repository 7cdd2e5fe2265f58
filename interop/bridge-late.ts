/** Late offers: SIPp calls a page without one, and answers in its ACK. RFC 3261 §13.2.1 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toMuLaw } from "carillon/rtp";
import type { BridgeStage } from "./bridge-stage.ts";
import { pageHears, wireHears } from "./bridge-talk.ts";
import { type Credentials, DOMAIN } from "./house.ts";
import type { PagePhone } from "./page-phone.ts";
import { SippRunner } from "./sipp.ts";
import { tone } from "./tone.ts";

const [ZOE_HZ, SIPP_HZ] = [440, 1000] as const;
/** Of its own choice. */
const SIPPS_PORTS = [6000, 6100] as const;

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
  // Where SIPp runs, by the name that stands in its scenario.
  const sound = join(stage.folder, "sound.ulaw");
  const samples = tone(SIPP_HZ, 10).map((sample) => Math.round(sample * 0x7fff));
  writeFileSync(sound, Uint8Array.from(samples, toMuLaw));
  const asking = sipp.ask({ ...run, target: `zoe@${DOMAIN}` });
  asking.catch(() => {});
  await zoe.person.isCalledBy("Abe", "voice");
  await zoe.person.answers("voice");
  await zoe.person.isConnected();
  const there = await wireHears({ user: own.user, rtpPorts: SIPPS_PORTS }, ZOE_HZ);
  const here = await pageHears(zoe, SIPP_HZ);
  await asking;
  await zoe.person.reads("hung up");
  return `SIPp hears the page for ${there.toFixed(1)} s, and is heard for ${here.toFixed(1)} s`;
}
