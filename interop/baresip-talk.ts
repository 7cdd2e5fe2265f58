/** What two phones do in a call, and what has to be heard of it at both ends. */
import type { Baresip } from "./baresip.ts";
import { demand } from "./report.ts";
import { rms, secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";

const TALK_MS = 3000;
/** Of the talk, after the answer has travelled and before the hang-up has. */
const HEARD_SECONDS = 2;
const PACKETS = 100;

/** One check that failed must not make the next ones fail: no phone stays in a call. */
export async function atRest(phones: readonly Baresip[], error: unknown): Promise<never> {
  for (const phone of phones) await phone.command("hangup").catch(() => {});
  throw error;
}

/** Both ends of an established call, dialled at this address; the callee's own if left out. */
export async function established(
  caller: Baresip,
  callee: Baresip,
  uri: string = callee.uri,
): Promise<() => Promise<string>> {
  const [atCaller, atCallee] = [caller.events.length, callee.events.length];
  await caller.command("dial", uri);
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

export async function talk(caller: Baresip, callee: Baresip, leaver: Baresip): Promise<string> {
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

export async function cancel(caller: Baresip, callee: Baresip): Promise<string> {
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

export async function ringing(caller: Baresip, callee: Baresip): Promise<void> {
  const [atCaller, atCallee] = [caller.events.length, callee.events.length];
  await caller.command("dial", callee.uri);
  await callee.event("CALL_INCOMING", atCallee);
  await caller.event("CALL_RINGING", atCaller);
}
