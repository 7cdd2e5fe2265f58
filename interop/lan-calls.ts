/** Two `carillon phone`s and a baresip at machines of their own, on a network with no server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Baresip } from "./baresip.ts";
import { Lan, type LanHost } from "./lan.ts";
import { demand, type Report } from "./report.ts";
import { TerminalPhone } from "./terminal-phone.ts";
import { secondsOf, tone } from "./tone.ts";
import { pause, until } from "./until.ts";
import { writeWav } from "./wav.ts";

const [UNA_HZ, VIC_HZ, PAT_HZ] = [1000, 620, 440] as const;
const TALK_MS = 3500;
/** Of such a talk, at each end: a recording is written to its file once a second. */
const HEARD_SECONDS = 1.8;
/** How soon two phones know of each other once they are up. */
const FOUND_MS = 3000;

export async function lanCalls(folder: string, report: Report): Promise<void> {
  const own = join(folder, "lan");
  mkdirSync(own);
  const lan = Lan.make(own);
  try {
    const [una, vic, pat] = [await lan.plugIn(), await lan.plugIn(), await lan.plugIn()];
    await calls(own, report, { una, vic, pat });
  } finally {
    await lan.remove();
  }
}

type Machines = Readonly<Record<"una" | "vic" | "pat", LanHost>>;

async function calls(folder: string, report: Report, machines: Machines): Promise<void> {
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`no server, each phone at a machine of its own: ${what}`, run);
  const una = await start(folder, "una", UNA_HZ, machines.una);
  const vic = await start(folder, "vic", VIC_HZ, machines.vic);
  const upMs = performance.now();
  await check("two carillon phones find each other within 3 s", async () => {
    const found = (one: TerminalPhone, name: string) =>
      until(`${one.name} finds ${name}`, () => lists(one, name), 2 * FOUND_MS);
    const uri = await found(una, "vic");
    const herMs = performance.now() - upMs;
    await found(vic, "una");
    const hisMs = performance.now() - upMs;
    demand(Math.max(herMs, hisMs) <= FOUND_MS, `it took ${herMs} and ${hisMs} ms`);
    demand(uri.includes(`@${machines.vic.address}`), `vic is found at ${uri}`);
    return `${herMs.toFixed(0)} and ${hisMs.toFixed(0)} ms after the second was up`;
  });
  await check("one calls the other by name", () => talk(una, vic, "vic"));
  await check("and is called by address", () => talk(vic, una, una.addressAt(machines.una)));
  const credentials = { user: "pat", password: "none" };
  const own = { isAlone: true, answers: true, toneHz: PAT_HZ, nth: 1, host: machines.pat };
  const baresip = await Baresip.start({ folder, credentials, ...own });
  await check("calls baresip at its address", () => talksToBaresip(una, baresip));
  await check("baresip calls it at its address", () =>
    answersBaresip(vic, baresip, vic.addressAt(machines.vic)),
  );
  await Promise.all([una.quit(), vic.quit(), baresip.quit()]);
}

function start(folder: string, name: string, hz: number, host: LanHost): Promise<TerminalPhone> {
  const play = join(folder, `${name}.wav`);
  writeFileSync(play, writeWav(tone(hz, 60)));
  return TerminalPhone.start({ folder, name, play, host, more: ["--codecs", "PCMU"] });
}

async function lists(one: TerminalPhone, name: string): Promise<string | undefined> {
  const { list = [] } = await one.order("neighbours");
  return list.find((neighbour) => neighbour.name === name)?.uri;
}

const toneOf = new Map([
  ["una", UNA_HZ],
  ["vic", VIC_HZ],
]);
const hzOf = ({ name }: TerminalPhone): number => toneOf.get(name) ?? 0;

async function talk(caller: TerminalPhone, callee: TerminalPhone, whom: string): Promise<string> {
  const [since, before] = [caller.told.length, callee.told.length];
  await caller.order("call", whom);
  await callee.hears({ event: "call", state: "incoming" }, before);
  await callee.order("answer");
  await caller.hears({ event: "call", state: "established" }, since);
  const was = [secondsOf(hzOf(callee), caller.heard), secondsOf(hzOf(caller), callee.heard)];
  await pause(TALK_MS);
  const here = secondsOf(hzOf(callee), caller.heard) - (was[0] ?? 0);
  const there = secondsOf(hzOf(caller), callee.heard) - (was[1] ?? 0);
  await caller.order("hangup");
  await callee.hears({ event: "call", state: "ended" }, before);
  return measured(here, there);
}

async function talksToBaresip(us: TerminalPhone, them: Baresip): Promise<string> {
  const since = us.told.length;
  await us.order("call", them.address);
  await us.hears({ event: "call", state: "established" }, since);
  const figure = await heardAtBaresip(us, them);
  await us.order("hangup");
  return figure;
}

async function answersBaresip(us: TerminalPhone, them: Baresip, at: string): Promise<string> {
  const since = us.told.length;
  await them.command("dial", `sip:${at}`);
  await us.hears({ event: "call", state: "incoming" }, since);
  await us.order("answer");
  await us.hears({ event: "call", state: "established" }, since);
  const figure = await heardAtBaresip(us, them);
  await them.command("hangup");
  await us.hears({ event: "call", state: "ended" }, since);
  return figure;
}

async function heardAtBaresip(us: TerminalPhone, them: Baresip): Promise<string> {
  const before = secondsOf(them.toneHz, us.heard);
  await pause(TALK_MS);
  const here = secondsOf(them.toneHz, us.heard) - before;
  return measured(here, secondsOf(hzOf(us), them.heard.at(-1) ?? new Float64Array()));
}

function measured(here: number, there: number): string {
  const figure = `${there.toFixed(1)} s there, ${here.toFixed(1)} s here`;
  demand(here >= HEARD_SECONDS && there >= HEARD_SECONDS, `they heard ${figure}`);
  return figure;
}
