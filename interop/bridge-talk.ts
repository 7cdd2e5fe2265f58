/** What a page and a desk phone do in a call through the bridge, and what is heard at both ends. */
import type { Baresip } from "./baresip.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand } from "./report.ts";
import { rms, secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";
import { WireEar } from "./wire-ear.ts";

/** At each end, in all; a machine that does much else beside it takes longer to get there. */
const HEARD_SECONDS = 1.8;
const TALK_MS = 15_000;
/** The first call may have to wait for a media worker that is being started. */
export const ESTABLISHED_MS = 20_000;
const SETTLE_MS = 600;
const SILENT_MS = 1200;
/** Of full scale; the tones are at half of it. */
const SILENCE = 0.003;

/** The page calls; resolves once both sides are in the call. */
export async function pageCalls(page: PagePhone, phone: Baresip, name: string): Promise<number> {
  const since = phone.events.length;
  const recorded = phone.heard.length;
  await page.person.sees(name, "Online");
  await page.person.calls(name, "voice");
  await phone.event("CALL_ESTABLISHED", since, undefined, ESTABLISHED_MS);
  await page.person.isConnected();
  return recorded;
}

/** The phone calls, and the page answers. */
export async function phoneCalls(phone: Baresip, page: PagePhone, name: string): Promise<number> {
  const since = phone.events.length;
  const recorded = phone.heard.length;
  await phone.command("dial", page.uri);
  await page.person.isCalledBy(name, "voice");
  await page.person.answers("voice");
  await phone.event("CALL_ESTABLISHED", since, undefined, ESTABLISHED_MS);
  await page.person.isConnected();
  return recorded;
}

/** Resolves to how long each heard the other's tone, once that is long enough. */
export async function bothHear(page: PagePhone, phone: Baresip, recorded: number): Promise<string> {
  await page.listen();
  let [here, there] = [0, 0];
  const isHeard = async (): Promise<true | undefined> => {
    here = await page.heardSeconds(phone.toneHz);
    there = secondsOf(page.toneHz, phone.heard.at(recorded) ?? new Float64Array());
    return (here >= HEARD_SECONDS && there >= HEARD_SECONDS) || undefined;
  };
  await until("both hear the other's tone", isHeard, TALK_MS).catch((late: Error) => {
    throw new Error(`${late.message}: the page ${here} s, the phone ${there} s`);
  });
  const own = await page.heardSeconds(page.toneHz);
  demand(own === 0, `the page heard its own tone for ${own} s`);
  const level = rms((await page.heard()).subarray(-8000));
  demand(level > 0.1, `the page heard at ${level.toFixed(3)}, which is too quiet`);
  const { codec, local } = await page.way();
  const heard = `the phone ${page.toneHz} Hz for ${there.toFixed(1)} s`;
  return `${heard}, the page (${codec}, ${local}) ${phone.toneHz} Hz for ${here.toFixed(1)} s`;
}

/** Waits until the page hears this again; resolves to the seconds. */
export async function pageHears(page: PagePhone, toneHz: number): Promise<number> {
  await page.listen();
  let seconds = 0;
  const isHeard = async (): Promise<true | undefined> => {
    seconds = await page.heardSeconds(toneHz);
    return seconds >= 1 || undefined;
  };
  await until(`${page.name} hears ${toneHz} Hz`, isHeard, TALK_MS);
  return seconds;
}

type OnTheWire = Pick<Baresip, "user" | "rtpPorts">;

/** The same of what comes to a desk phone that speaks G.711, by the wire. */
export async function wireHears(phone: OnTheWire, toneHz: number): Promise<number> {
  const ear = new WireEar(phone.rtpPorts);
  try {
    const isHeard = (): true | undefined => ear.heardSeconds(toneHz) >= 1 || undefined;
    const late = (): string => `${ear.packets} packets, ${ear.heardSeconds(toneHz)} s`;
    await until(`${phone.user} hears ${toneHz} Hz`, isHeard, TALK_MS).catch((error: Error) => {
      throw new Error(`${error.message} (${late()})`);
    });
    return ear.heardSeconds(toneHz);
  } finally {
    ear.close();
  }
}

/** What comes to such a phone in a while: a tone is not among it. */
export async function wireHearsNothing(phone: OnTheWire): Promise<string> {
  await pause(SETTLE_MS);
  const ear = new WireEar(phone.rtpPorts);
  await pause(SILENT_MS);
  const [level, packets] = [rms(ear.heard), ear.packets];
  ear.close();
  demand(level < SILENCE, `${phone.user} heard something at ${level.toFixed(4)} while it was held`);
  return `${phone.user} at ${level.toFixed(4)} in ${packets} packets`;
}

/** A while in which the page hears nothing; resolves to how loud that was. */
export async function pageHearsNothing(page: PagePhone): Promise<string> {
  await pause(SETTLE_MS);
  await page.listen();
  await pause(SILENT_MS);
  const level = rms(await page.heard());
  demand(level < SILENCE, `the page heard something at ${level.toFixed(4)} while it was held`);
  return `the page at ${level.toFixed(4)}`;
}
