/** Calls between a page in Chromium and a desk phone, through the bridge: each way, both ends. */
import type { Baresip } from "./baresip.ts";
import type { BridgeStage, PhoneOptions } from "./bridge-stage.ts";
import {
  bothHear,
  pageCalls,
  pageHears,
  pageHearsNothing,
  phoneCalls,
  wireHears,
  wireHearsNothing,
} from "./bridge-talk.ts";
import type { PagePhone } from "./page-phone.ts";
import { shareOf } from "./tone.ts";
import { until } from "./until.ts";

const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
const WAIT_MS = 5000;

interface Kind extends Omit<PhoneOptions, "toneHz"> {
  readonly name: string;
  readonly label: string;
}

const KINDS: readonly Kind[] = [
  { name: "Ida", label: "G.711 µ-law", codec: "PCMU/8000/1" },
  { name: "Jon", label: "G.711 A-law, SDES-SRTP", codec: "PCMA/8000/1", isEncrypted: true },
  { name: "Kim", label: "G.722", codec: "G722/16000/1" },
  { name: "Lea", label: "Opus, SDES-SRTP", codec: "opus/48000/2", isEncrypted: true },
];

/** `over`: the media engine, where that is not our own. */
export async function bridgeCalls(stage: BridgeStage, over?: string): Promise<void> {
  const mia = await stage.page("Mia", PAGE_HZ);
  for (const [n, { name, label, ...kind }] of KINDS.entries()) {
    const phone = await stage.phone(name, { ...kind, toneHz: PHONE_HZ });
    const check = (what: string, run: () => Promise<string>): Promise<void> =>
      stage.check(`bridge${over ? ` over ${over}` : ""}, ${label}: ${what}`, run, [mia]);
    await check("a page calls a desk phone, and the page hangs up", async () => {
      const since = phone.events.length;
      const figure = await bothHear(mia, phone, await pageCalls(mia, phone, name));
      await mia.person.hangsUp();
      await phone.event("CALL_CLOSED", since);
      return figure;
    });
    await check("a desk phone calls a page, and the phone hangs up", async () => {
      const figure = await bothHear(mia, phone, await phoneCalls(phone, mia, name));
      await phone.command("hangup");
      await mia.person.reads(`${name} hung up.`);
      return figure;
    });
    if (n > 0) continue;
    await check("keys both ways", () => keys(mia, phone, name));
    await check("the page holds, and then the phone", () => holds(mia, phone, name));
  }
}

async function keys(page: PagePhone, phone: Baresip, name: string): Promise<string> {
  const since = phone.events.length;
  await pageCalls(page, phone, name);
  await pageHears(page, phone.toneHz);
  await page.presses("42#");
  for (const key of "42#") await phone.event("CALL_DTMF_START", since, key);
  await page.listen();
  await phone.command("sndcode", "1");
  const share = await until("the page hears the key 1", () => keyHeard(page, 697, 1209), WAIT_MS);
  return `42# there, 1 here (${(100 * share).toFixed(0)} % of 100 ms)`;
}

/** How much of some tenth of a second is these two tones, and each of them. */
async function keyHeard(page: PagePhone, low: number, high: number): Promise<number | undefined> {
  const heard = await page.heard();
  for (let at = 0; at + 800 <= heard.length; at += 200) {
    const block = heard.subarray(at, at + 800);
    const [one, other] = [shareOf(low, block), shareOf(high, block)];
    if (one > 0.1 && other > 0.1) return one + other;
  }
  return undefined;
}

async function holds(page: PagePhone, phone: Baresip, name: string): Promise<string> {
  const { person } = page;
  await pageCalls(page, phone, name);
  await pageHears(page, phone.toneHz);
  await person.button("Hold the call").click();
  await person.reads("On hold");
  const first = [await pageHearsNothing(page), await wireHearsNothing(phone)];
  await person.button("Hold the call").click();
  await person.isConnected();
  const back = [await pageHears(page, phone.toneHz), await wireHears(phone, page.toneHz)];

  await phone.command("hold");
  await person.reads("You are on hold");
  const second = [await pageHearsNothing(page), await wireHearsNothing(phone)];
  await phone.command("resume");
  await person.isConnected();
  const again = [await pageHears(page, phone.toneHz), await wireHears(phone, page.toneHz)];
  const seconds = [...back, ...again].map((one) => one.toFixed(1)).join(", ");
  return `silence: ${[...first, ...second].join(", ")}; sound after: ${seconds} s`;
}
