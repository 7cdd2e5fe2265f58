/** Calls between desk phones through the server: signalling by its words, audio by its samples. */
import { Baresip, type BaresipEvent } from "./baresip.ts";
import { type Credentials, DOMAIN, type House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { rms, secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";

const TALK_MS = 3000;
/** Of the talk, after the answer has travelled and before the hang-up has. */
const HEARD_SECONDS = 2;
const PACKETS = 100;

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
  await overStreams(
    house,
    { ...base, credentials: annsOwn },
    { ...base, credentials: bensOwn },
    report,
  );
}

/** One phone on TCP and one on TLS, whose certificate it checks. */
async function overStreams(
  { certificate }: House,
  anns: Own,
  bens: Own,
  report: Report,
): Promise<void> {
  const eve = await Baresip.start({ ...anns, nth: 4, toneHz: 440, transport: "tcp" });
  const tls = { transport: "tls", believes: certificate } as const;
  const fay = await Baresip.start({ ...bens, nth: 5, toneHz: 1000, ...tls });
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`baresip: ${name}`, () => run().catch((error) => atRest([eve, fay], error)));
  await check("a desk phone registers over TCP, another over TLS", async () => {
    for (const phone of [eve, fay]) await phone.registered();
    const [tcp, secure] = [eve, fay].map(({ log }) => /SIP\/2\.0\/(?:TCP|TLS)/.exec(log)?.[0]);
    demand(tcp === "SIP/2.0/TCP" && secure === "SIP/2.0/TLS", `they went over ${tcp}, ${secure}`);
    return "401, then 200, on their connections";
  });
  await check("a call from TCP to TLS, and the caller hangs up", () => talk(eve, fay, eve));
  await check("a call from TLS to TCP, and the callee hangs up", () => talk(fay, eve, eve));
  for (const phone of [eve, fay]) await phone.quit();
}

type Own = Omit<Parameters<typeof Baresip.start>[0], "nth" | "toneHz">;

/** One check that failed must not make the next ones fail: no phone stays in a call. */
async function atRest(phones: readonly Baresip[], error: unknown): Promise<never> {
  for (const phone of phones) await phone.command("hangup").catch(() => {});
  throw error;
}

/** Both ends of an established call. */
async function established(caller: Baresip, callee: Baresip): Promise<() => Promise<string>> {
  const [atCaller, atCallee] = [caller.events.length, callee.events.length];
  await caller.command("dial", callee.uri);
  await caller.event("CALL_ESTABLISHED", atCaller);
  await callee.event("CALL_ESTABLISHED", atCallee);
  return async () => {
    const events = [
      await caller.event("CALL_CLOSED", atCaller),
      await callee.event("CALL_CLOSED", atCallee),
    ];
    for (const phone of [caller, callee]) {
      const left = await phone.command("listcalls");
      demand(!left.includes("sip:"), `${phone.user} still has a call: ${left.trim()}`);
    }
    return events.map(({ param }) => param).join(", ");
  };
}

async function talk(caller: Baresip, callee: Baresip, leaver: Baresip): Promise<string> {
  const stayer = leaver === caller ? callee : caller;
  const recorded = [caller, callee].map((phone) => phone.heard.length);
  const ended = await established(caller, callee);
  await pause(TALK_MS);
  const packets = [await rtp(caller), await rtp(callee)];
  await leaver.command("hangup");
  await ended();
  const by = stayer.events.findLast(({ type }) => type === "CALL_CLOSED")?.param;
  demand(by === "Connection reset by peer", `${stayer.user} heard of no hang-up but: ${by}`);
  const tones = [heard(caller, callee, recorded[0]), heard(callee, caller, recorded[1])];
  return [...packets, ...tones].join(", ");
}

/** The packets that this end counted. */
async function rtp(phone: Baresip): Promise<string> {
  const text = await phone.command("audio_debug");
  const count = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? -1);
  const sent = count(/TX: packets=(\d+)/);
  const received = count(/\brcvd=(\d+)/);
  const lost = count(/\blost=(-?\d+)/);
  const counted = `${phone.user} sent ${sent} and received ${received} packets`;
  demand(sent >= PACKETS && received >= PACKETS, `${counted}, fewer than ${PACKETS}`);
  demand(lost === 0, `${counted} and lost ${lost}`);
  return counted;
}

/** What one recorded is the other's tone, and not its own. */
function heard(phone: Baresip, other: Baresip, nth: number | undefined): string {
  const recording = phone.heard.at(nth ?? -1);
  demand(recording !== undefined, `${phone.user} recorded nothing`);
  const seconds = secondsOf(other.toneHz, recording);
  const own = secondsOf(phone.toneHz, recording);
  const level = rms(recording);
  const how = `for ${seconds.toFixed(1)} s at ${level.toFixed(2)}`;
  const words = `${phone.user} heard ${other.toneHz} Hz ${how}`;
  demand(seconds >= HEARD_SECONDS, `${words}, less than ${HEARD_SECONDS} s`);
  demand(own === 0, `${words}, and its own tone for ${own} s`);
  demand(level > 0.2, `${words}, which is too quiet`);
  return words;
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

async function cancel(caller: Baresip, callee: Baresip): Promise<string> {
  const [atCaller, atCallee] = [caller.events.length, callee.events.length];
  const before = caller.log.length;
  await ringing(caller, callee);
  await caller.command("hangup");
  await caller.event("CALL_CLOSED", atCaller);
  const { param } = await callee.event("CALL_CLOSED", atCallee);
  const terminated = (): true | undefined =>
    caller.log.slice(before).includes("SIP/2.0 487 ") || undefined;
  await until("the caller gets 487", terminated, 5000);
  return `487, ${callee.user} stopped ringing: ${param}`;
}

async function ringing(caller: Baresip, callee: Baresip): Promise<void> {
  const [atCaller, atCallee] = [caller.events.length, callee.events.length];
  await caller.command("dial", callee.uri);
  await callee.event("CALL_INCOMING", atCallee);
  await caller.event("CALL_RINGING", atCaller);
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
