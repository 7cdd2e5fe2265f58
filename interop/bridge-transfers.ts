/** Transfers between pages and desk phones: who is left talks to whom, heard at both ends. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Baresip } from "./baresip.ts";
import type { BridgeStage } from "./bridge-stage.ts";
import { pageCalls, pageHears, phoneCalls, wireHears } from "./bridge-talk.ts";
import { SERVER } from "./house.ts";
import type { PagePhone } from "./page-phone.ts";
import { TerminalPhone } from "./terminal-phone.ts";
import { tone } from "./tone.ts";
import { writeWav } from "./wav.ts";

const [VIC_HZ, WYN_HZ, XAN_HZ, YUL_HZ] = [440, 620, 1000, 800] as const;

interface Cast {
  readonly vic: PagePhone;
  readonly wyn: PagePhone;
  readonly xan: Baresip;
  readonly yul: Baresip;
}

export async function bridgeTransfers(stage: BridgeStage): Promise<void> {
  const cast: Cast = {
    vic: await stage.page("Vic", VIC_HZ),
    wyn: await stage.page("Wyn", WYN_HZ),
    xan: await stage.phone("Xan", { toneHz: XAN_HZ, codec: "PCMU/8000/1" }),
    yul: await stage.phone("Yul", { toneHz: YUL_HZ, codec: "PCMA/8000/1" }),
  };
  const { vic, wyn, xan, yul } = cast;
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(`bridge, transfers: ${what}`, run, [vic, wyn]);
  await vic.person.sees("Wyn", "Online");
  await check("a page connects the desk phone it talks to with a page it asked", async () => {
    await pageCalls(vic, xan, "Xan");
    await pageAsks(vic, "Wyn", () => answered(wyn, "Vic"));
    await connects(vic);
    return pageAndPhone(wyn, xan);
  });
  await check("a page connects the page it talks to with a desk phone it asked", async () => {
    await vic.person.calls("Wyn", "voice");
    await answered(wyn, "Vic");
    await pageAsks(vic, "Xan", () => xan.event("CALL_ESTABLISHED", 0));
    await connects(vic);
    return pageAndPhone(wyn, xan);
  });
  await check("a page connects two desk phones", async () => {
    await pageCalls(vic, xan, "Xan");
    await pageAsks(vic, "Yul", () => yul.event("CALL_ESTABLISHED", 0));
    await connects(vic);
    return twoPhones(xan, yul);
  });
  await check("a page that was called passes a desk phone on to a page, blind", async () => {
    await phoneCalls(xan, vic, "Xan");
    await passesOn(vic, "Xan", "Wyn");
    await answered(wyn, "Xan");
    return pageAndPhone(wyn, xan);
  });
  await check("a page passes a desk phone on to a desk phone, blind", async () => {
    await pageCalls(vic, xan, "Xan");
    await passesOn(vic, "Xan", "Yul");
    return twoPhones(xan, yul);
  });
  await check("a desk phone passes a page on to a page, blind", async () => {
    await pageCalls(vic, xan, "Xan");
    await xan.command("transfer", wyn.uri);
    await answered(wyn, "Vic");
    const heard = [await pageHears(vic, WYN_HZ), await pageHears(wyn, VIC_HZ)];
    return heard.map((one) => `${one.toFixed(1)} s`).join(" and ");
  });
  await check("a desk phone passes a page on to a desk phone, blind", async () => {
    await phoneCalls(xan, vic, "Xan");
    await xan.command("transfer", yul.uri);
    return pageAndPhone(vic, yul);
  });
  await byTerminal(cast, stage);
}

/**
 * baresip cannot ask somebody first, nor can it be what is replaced; `carillon phone` with plain
 * RTP is a desk phone that can.
 */
async function byTerminal({ vic, wyn }: Cast, stage: BridgeStage): Promise<void> {
  const { folder } = stage;
  const play = join(folder, "transferor.wav");
  writeFileSync(play, writeWav(tone(500, 60)));
  const zac = await TerminalPhone.start({
    ...{ folder, name: "zac", credentials: await stage.house.addDeskPhone("Zac"), play },
    ...{ server: `sip:${SERVER}`, more: ["--codecs", "PCMU", "--security", "none"] },
  });
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(
      `bridge, transfers: ${what}`,
      () => run().finally(() => zac.order("hangup", "all").catch(() => {})),
      [vic, wyn],
    );
  await check("a desk phone connects a page with a page it asked", async () => {
    await terminalCalls(zac, 1, vic);
    await terminalCalls(zac, 2, wyn);
    const since = zac.told.length;
    await zac.order("transfer", "1", "to", "2");
    await zac.hears({ event: "transfer", state: "Transferred" }, since);
    const heard = [await pageHears(vic, WYN_HZ), await pageHears(wyn, VIC_HZ)];
    return `the pages hear each other for ${heard.map((one) => one.toFixed(1)).join(" and ")} s`;
  });
  await zac.quit();
}

async function terminalCalls(phone: TerminalPhone, call: number, page: PagePhone): Promise<void> {
  const since = phone.told.length;
  await phone.order("call", page.uri);
  await answered(page, "Zac");
  await phone.hears({ event: "call", call, state: "established" }, since);
}

async function answered(page: PagePhone, by: string): Promise<void> {
  await page.person.isCalledBy(by, "voice");
  await page.person.answers("voice");
  await page.person.isConnected();
}

/** A second call, while the first waits; `isTaken` resolves when it was answered. */
async function pageAsks(page: PagePhone, name: string, isTaken: () => Promise<unknown>) {
  await page.person.button("More").click();
  await page.person.button("Call somebody else as well").click();
  await page.person.button(`Call ${name}`).click();
  await isTaken();
  await page.person.isInCallWith(name);
  await page.person.isConnected();
}

async function connects(page: PagePhone): Promise<void> {
  await page.person.button("Connect them").click();
  await page.person.isTold(/You passed .* on/);
}

async function passesOn(page: PagePhone, who: string, to: string): Promise<void> {
  await page.person.button("More").click();
  await page.person.button(`Transfer ${who}`).click();
  await page.person.button(`Transfer ${who} to ${to}`).click();
}

async function pageAndPhone(page: PagePhone, phone: Baresip): Promise<string> {
  const there = await wireHears(phone, page.toneHz);
  const here = await pageHears(page, phone.toneHz);
  const heard = `${phone.user} hears ${page.name} for ${there.toFixed(1)} s`;
  return `${heard}, and is heard for ${here.toFixed(1)} s`;
}

async function twoPhones(one: Baresip, other: Baresip): Promise<string> {
  const heard = [await wireHears(one, other.toneHz), await wireHears(other, one.toneHz)];
  const seconds = heard.map((it) => it.toFixed(1)).join(" and ");
  return `${one.user} and ${other.user} hear each other for ${seconds} s`;
}
