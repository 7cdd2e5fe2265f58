/** Somebody with a page and a desk phone is called: both ring, either answers, the other stops. */
import type { Baresip } from "./baresip.ts";
import type { BridgeStage } from "./bridge-stage.ts";
import { bothHear, ESTABLISHED_MS, pageHears, wireHears } from "./bridge-talk.ts";
import type { PagePhone } from "./page-phone.ts";

const [SAM_HZ, SAMS_PHONE_HZ, TOM_HZ, ULI_HZ] = [440, 1000, 620, 800] as const;

export async function bridgeForks(stage: BridgeStage): Promise<void> {
  const sam = await stage.page("Sam", SAM_HZ);
  const tom = await stage.page("Tom", TOM_HZ);
  const own = { codec: "PCMA/8000/1", toneHz: SAMS_PHONE_HZ, answers: false };
  const desk = await stage.phone("Sam", own);
  const uli = await stage.phone("Uli", { codec: "PCMA/8000/1", toneHz: ULI_HZ });
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(`bridge, a page and a desk phone ring at once: ${what}`, run, [sam, tom]);
  await check("a page calls, the page answers", async () => {
    const since = await tomCalls(tom, sam, desk);
    await sam.person.answers("voice");
    await desk.event("CALL_CLOSED", since);
    await tom.person.isConnected();
    const heard = [await pageHears(tom, SAM_HZ), await pageHears(sam, TOM_HZ)];
    return `${seconds(heard)} at the two pages`;
  });
  await check("a page calls, the desk phone answers", async () => {
    const recorded = desk.heard.length;
    await tomCalls(tom, sam, desk);
    await desk.command("accept");
    await sam.person.isNotRung();
    await tom.person.isConnected();
    return bothHear(tom, desk, recorded);
  });
  await check("a desk phone calls, the page answers", async () => {
    const [since, recorded] = [desk.events.length, uli.heard.length];
    await uliCalls(uli, sam, desk, since);
    await sam.person.answers("voice");
    await desk.event("CALL_CLOSED", since);
    await sam.person.isConnected();
    return bothHear(sam, uli, recorded);
  });
  await check("a desk phone calls, the desk phone answers", async () => {
    const since = desk.events.length;
    await uliCalls(uli, sam, desk, since);
    await desk.command("accept");
    await sam.person.isNotRung();
    await desk.event("CALL_ESTABLISHED", since);
    const heard = [await wireHears(uli, SAMS_PHONE_HZ), await wireHears(desk, ULI_HZ)];
    return `${seconds(heard)} at the two phones`;
  });
}

async function tomCalls(tom: PagePhone, sam: PagePhone, desk: Baresip): Promise<number> {
  const since = desk.events.length;
  await tom.person.sees("Sam", "Online");
  await tom.person.calls("Sam", "voice");
  const ringing = desk.event("CALL_INCOMING", since, undefined, ESTABLISHED_MS);
  await Promise.all([sam.person.isCalledBy("Tom", "voice"), ringing]);
  return since;
}

async function uliCalls(uli: Baresip, sam: PagePhone, desk: Baresip, since: number): Promise<void> {
  await uli.command("dial", sam.uri);
  await Promise.all([sam.person.isCalledBy("Uli", "voice"), desk.event("CALL_INCOMING", since)]);
}

const seconds = (heard: readonly number[]): string =>
  heard.map((one) => `${one.toFixed(1)} s`).join(" and ");
