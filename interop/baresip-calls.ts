/** Calls between desk phones through the server: signalling by its words, audio by its samples. */
import { Baresip, type BaresipEvent } from "./baresip.ts";
import { overStreams } from "./baresip-streams.ts";
import { atRest, cancel, established, ringing, talk } from "./baresip-talk.ts";
import { type Credentials, DOMAIN, type House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

export async function baresipCalls(house: House, folder: string, report: Report): Promise<void> {
  const names = ["Ann", "Ben", "Cat", "Dan"] as const;
  const [annsOwn, bensOwn, catsOwn, dansOwn] = await house.addDeskPhones(names);
  const base = { folder, answers: true };
  const ann = await Baresip.start({ ...base, credentials: annsOwn, nth: 1, toneHz: 440 });
  const ben = await Baresip.start({ ...base, credentials: bensOwn, nth: 2, toneHz: 1000 });
  const ringsOnly = { ...base, answers: false };
  const cat = await Baresip.start({ ...ringsOnly, credentials: catsOwn, nth: 3, toneHz: 700 });
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`baresip: ${name}`, () => run().catch((error) => atRest([ann, ben, cat], error)));
  await check("three desk phones register with digest", async () => {
    for (const phone of [ann, ben, cat]) await phone.registered();
    return "401, then 200";
  });
  await check("a wrong password is refused", () => wrongPassword(dansOwn, folder));
  await check("who is not online is not reached", () => notReached(ann, "Dan", 480));
  await check("who does not live here is unknown", () => notReached(ann, "zoe", 404));
  await check("Ann calls Ben, and Ann hangs up", () => talk(ann, ben, ann));
  await check("Ben calls Ann, and Ann hangs up", () => talk(ben, ann, ann));
  await check("while two talk a third finds it busy", () => busy(ann, ben, cat));
  await check("the caller gives up while it rings", () => cancel(ann, cat));
  await check("the callee declines", () => decline(ben, cat));
  await check("a re-INVITE from each side", () => reinvite(ann, ben));
  await check("who has unregistered is not reached", async () => {
    await ben.quit();
    return notReached(ann, "ben", 480);
  });
  for (const phone of [ann, cat]) await phone.quit();
  await overStreams(house, folder, [annsOwn, bensOwn, catsOwn], report);
}

async function wrongPassword(own: Credentials, folder: string): Promise<string> {
  const credentials = { ...own, password: "not-the-password" };
  const dan = await Baresip.start({ credentials, folder, nth: 4, toneHz: 500, answers: true });
  const refusals = (): number => dan.log.split("SIP/2.0 401 Unauthorized").length - 1;
  await until("two 401", () => refusals() >= 2 || undefined, 5000);
  const givenUp = `reg: ${dan.uri}: 401 Unauthorized`;
  await until("Dan gives up", () => dan.log.includes(givenUp) || undefined, 5000);
  const state = await dan.command("reginfo");
  demand(!/\bOK\b/.test(state), `Dan is registered: ${state}`);
  demand(!/^SIP\/2\.0 200 /m.test(dan.log), "Dan was told 200");
  const count = refusals();
  await dan.quit();
  return `401 ${count} times`;
}

async function notReached(caller: Baresip, user: string, status: number): Promise<string> {
  const uri = `sip:${user.toLowerCase()}@${DOMAIN}`;
  return refused(await dialled(caller, uri), status);
}

/** Calls somebody and waits for the end. */
async function dialled(caller: Baresip, uri: string): Promise<BaresipEvent> {
  const since = caller.events.length;
  await caller.command("dial", uri);
  return caller.event("CALL_CLOSED", since);
}

function refused({ param = "" }: BaresipEvent, status: number): string {
  demand(param.startsWith(`${status} `), `the call ended with ${param}, not with ${status}`);
  return param;
}

async function busy(one: Baresip, other: Baresip, third: Baresip): Promise<string> {
  const ended = await established(one, other);
  const figure = refused(await dialled(third, one.uri), 486);
  demand((await one.command("listcalls")).includes(other.uri), "the call in progress is gone");
  await one.command("hangup");
  await ended();
  return figure;
}

async function decline(caller: Baresip, callee: Baresip): Promise<string> {
  const since = caller.events.length;
  await ringing(caller, callee);
  await callee.command("hangup");
  return refused(await caller.event("CALL_CLOSED", since), 486);
}

/** A target refresh in each direction finds its way by the Route of the dialog. */
async function reinvite(caller: Baresip, callee: Baresip): Promise<string> {
  const ended = await established(caller, callee);
  for (const [phone, other] of [
    [callee, caller],
    [caller, callee],
  ] as const) {
    const since = other.events.length;
    await phone.command("reinvite");
    await other.event("CALL_REMOTE_SDP", since, "offer");
  }
  await caller.command("hangup");
  return ended();
}
