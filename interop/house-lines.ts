/** The lines of the house, called by baresip, SIPp and `carillon call`: what is heard of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Baresip } from "./baresip.ts";
import { atRest } from "./baresip-talk.ts";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, type House, SERVER } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { SippRunner } from "./sipp.ts";
import { rms, SAMPLE_RATE_HZ, secondsOf, shareOf, tone } from "./tone.ts";
import { pause, until } from "./until.ts";
import { readWav, rightOf, writeWav } from "./wav.ts";

const PROGRAM = join(import.meta.dirname, "../packages/server/src/main.ts");
/** On a machine that has much else to do. */
const FIRST_MS = 30_000;
const OWN_TONE_HZ = 700;
const OUR_TONE_HZ = 1000;
const CODECS = ["PCMU/8000/1", "PCMA/8000/1", "G722/16000/1", "opus/48000/2"];

export async function houseLines(house: House, folder: string, report: Report): Promise<void> {
  const names = ["Lou", "Mia", "Noa", "Oli", "Pia", "Quin", "Ria"] as const;
  const [lou, ...people] = await house.addDeskPhones(names);
  await firstCall(lou, folder, report);
  for (const [n, codec] of CODECS.entries()) await heardBy(codec, n, lou, folder, report);
  await byNumber(lou, folder, report);
  await many(people, folder, report);
  await fromTheTerminal(lou, folder, report);
}

/** Processes for media begin with the first call that needs them. */
async function firstCall(lou: Credentials, folder: string, report: Report): Promise<void> {
  const phone = await started("PCMU/8000/1", 89, lou, folder);
  await report.check("lines, baresip: the first call starts the processes for media", async () => {
    const since = performance.now();
    await phone.command("dial", `sip:clock@${DOMAIN}`);
    const answered = () =>
      phone.events.some(({ type }) => type === "CALL_ESTABLISHED") || undefined;
    await until("the first call is answered", answered, FIRST_MS);
    const seconds = (performance.now() - since) / 1000;
    await phone.command("hangup");
    return `answered after ${seconds.toFixed(1)} s`;
  });
  await phone.quit();
}

async function started(codec: string, nth: number, credentials: Credentials, folder: string) {
  const phone = await Baresip.start({
    ...{ folder, credentials, nth, codec, toneHz: OWN_TONE_HZ, answers: true },
  });
  await phone.registered();
  return phone;
}

/** What it heard of a call of so many ms; or of one that the other side ends. */
async function call(phone: Baresip, uri: string, ms?: number, during = async () => {}) {
  const [since, recorded] = [phone.events.length, phone.heard.length];
  await phone.command("dial", uri);
  await phone.event("CALL_ESTABLISHED", since);
  await during();
  if (ms !== undefined) {
    await pause(ms);
    await phone.command("hangup");
  }
  const { param } = await phone.event("CALL_CLOSED", since);
  const heard = phone.heard.at(recorded);
  demand(heard !== undefined, `nothing was recorded (${param})`);
  return { heard, why: param };
}

async function heardBy(codec: string, n: number, lou: Credentials, folder: string, report: Report) {
  const phone = await started(codec, 90 + n, lou, folder);
  const [name] = codec.split("/");
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`lines, baresip with ${name}: ${what}`, () =>
      run().catch((error) => atRest([phone], error)),
    );
  await check("the tone, and another by a key", async () => {
    const { heard } = await call(phone, `sip:tone@${DOMAIN}`, 1800, async () => {
      await pause(1800);
      await phone.command("sndcode", "2");
      await phone.command("sndcode", "\u0004");
    });
    const [low, high] = [secondsOf(440, heard), secondsOf(1000, heard)];
    demand(low >= 1.2 && high >= 1, `heard 440 Hz for ${low} s and 1000 Hz for ${high} s`);
    return `440 Hz for ${low.toFixed(1)} s, 1000 Hz for ${high.toFixed(1)} s`;
  });
  await check("an echo: its own tone comes back, half as strong", async () => {
    const { heard } = await call(phone, `sip:echo@${DOMAIN};delay=300`, 3000);
    const seconds = secondsOf(OWN_TONE_HZ, heard);
    const at = heard.length >> 1;
    const level = rms(heard.subarray(at, at + SAMPLE_RATE_HZ / 2)) * Math.SQRT2;
    demand(seconds >= 1.5, `heard ${OWN_TONE_HZ} Hz for ${seconds} s`);
    demand(level > 0.15 && level < 0.35, `at ${level.toFixed(2)}, of 0.5 that it said`);
    return `${seconds.toFixed(1)} s at ${level.toFixed(2)}, of 0.5 that it said`;
  });
  await phone.quit();
}

/** What a desk phone without letters dials. */
async function byNumber(lou: Credentials, folder: string, report: Report): Promise<void> {
  const phone = await started("PCMU/8000/1", 94, lou, folder);
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`lines, baresip: ${what}`, () => run().catch((error) => atRest([phone], error)));
  await check("*60 is a clock that speaks, and has a tone on the ten full seconds", async () => {
    const from = Date.now();
    // Five seconds of words, and the tone of the ten seconds that follow them.
    const { heard } = await call(phone, `sip:*60@${DOMAIN}`, 16_500);
    const at = pipIn(heard);
    demand(at !== undefined, "no tone of 1000 Hz was heard");
    const before = rms(heard.subarray(0, at));
    demand(before > 0.01, `nobody spoke before it (${before.toFixed(3)})`);
    // The recording begins with the call, within what its signalling takes.
    const off = ((from + (at / SAMPLE_RATE_HZ) * 1000 + 5000) % 10_000) - 5000;
    demand(Math.abs(off) < 700, `it came ${off.toFixed(0)} ms off the ten full seconds`);
    return `spoken at ${before.toFixed(2)}, the tone within ${Math.abs(off).toFixed(0)} ms`;
  });
  await check("*43 says what it is, and then what it hears", async () => {
    const { heard } = await call(phone, `sip:*43@${DOMAIN}`, 8000);
    const speech = rms(heard.subarray(0, 3 * SAMPLE_RATE_HZ));
    const own = secondsOf(OWN_TONE_HZ, heard.subarray(6 * SAMPLE_RATE_HZ));
    demand(speech > 0.02, `it said nothing (${speech.toFixed(3)})`);
    demand(own > 0.8, `then ${OWN_TONE_HZ} Hz for ${own} s`);
    return `spoken at ${speech.toFixed(2)}, then ${OWN_TONE_HZ} Hz for ${own.toFixed(1)} s`;
  });
  await check("an announcement is heard twice, and then it hangs up", async () => {
    const { heard, why } = await call(phone, `sip:annc@${DOMAIN};play=goodbye;repeat=2;delay=500`);
    demand(why === "Connection reset by peer", `it ended by: ${why}`);
    const spoken = blocksOver(heard, 0.03);
    demand(spoken > 0.6, `speech for ${spoken.toFixed(1)} s`);
    return `speech for ${spoken.toFixed(1)} s of ${(heard.length / SAMPLE_RATE_HZ).toFixed(1)} s`;
  });
  await check("an announcement that is not there is 404, a URL likewise", async () => {
    for (const play of ["nothing", "http://127.0.0.1/x.wav", "../../../etc/passwd"]) {
      const [since, before] = [phone.events.length, phone.log.length];
      await phone.command("dial", `sip:annc@${DOMAIN};play=${play}`);
      await phone.event("CALL_CLOSED", since);
      const said = phone.log.slice(before);
      demand(said.includes("404 Announcement content not found"), `${play} was not refused so`);
    }
    return "404 Announcement content not found";
  });
  await phone.quit();
}

/** Where a tone of a quarter of a second and more begins, in samples. */
function pipIn(heard: Float64Array): number | undefined {
  const block = SAMPLE_RATE_HZ / 20;
  let run = 0;
  for (let at = 0; at + block <= heard.length; at += block) {
    run = shareOf(OUR_TONE_HZ, heard.subarray(at, at + block)) > 0.9 ? run + 1 : 0;
    if (run === 5) return at - 4 * block;
  }
  return undefined;
}

/** How long it is louder than that, in seconds. */
function blocksOver(heard: Float64Array, level: number): number {
  const block = SAMPLE_RATE_HZ / 20;
  let blocks = 0;
  for (let at = 0; at + block <= heard.length; at += block) {
    if (rms(heard.subarray(at, at + block)) > level) blocks++;
  }
  return blocks / 20;
}

async function many(people: readonly Credentials[], folder: string, report: Report): Promise<void> {
  const sipp = new SippRunner(folder, 500);
  const ask = (what: string, scenario: string, target: string, calls: number) =>
    report.check(`lines, SIPp: ${what}`, async () => {
      const run = { scenario, target: `${target}@${DOMAIN}`, people, calls, perSecond: 10 };
      const { succeeded, failed, retransmissions, meanMs } = await sipp.ask(run);
      demand(failed === 0, `${failed} of ${calls} failed`);
      return `${succeeded} ok, ${retransmissions} retransmissions, ${meanMs.toFixed(1)} ms`;
    });
  await ask("100 calls to the clock", "call-caller", "clock", 100);
  await ask("100 calls to an echo", "call-caller", "echo", 100);
  await report.check("lines, SIPp: 10 announcements that hang up", async () => {
    const target = `annc@${DOMAIN};play=welcome`;
    const scenario = "callee-hangs-up-caller";
    const { succeeded, failed } = await sipp.ask({
      ...{ scenario, target, people, calls: 10, perSecond: 10 },
    });
    demand(failed === 0, `${failed} failed`);
    return `${succeeded} ok`;
  });
}

async function fromTheTerminal(lou: Credentials, folder: string, report: Report): Promise<void> {
  const play = join(folder, "lines.wav");
  writeFileSync(play, writeWav(tone(OUR_TONE_HZ, 30)));
  for (const codecs of ["opus", "PCMU"]) {
    await report.check(`lines, carillon call sip:echo@… with ${codecs}: a MOS`, async () => {
      const record = join(folder, `lines-${codecs}.wav`);
      const uri = `sip:echo@${DOMAIN};delay=0`;
      const own = [
        "--from",
        `sip:${lou.user}@${DOMAIN}`,
        "--server",
        `sip:${SERVER};transport=udp`,
      ];
      const more = ["--play", play, "--record", record, "--duration", "4", "--json"];
      const child = new Child(
        process.execPath,
        [PROGRAM, "call", uri, ...own, "--codecs", codecs, ...more],
        { log: join(folder, `lines-${codecs}.log`), env: { CARILLON_PASSWORD: lou.password } },
      );
      const code = await child.ended(20_000);
      demand(code === 0, `exit code ${code}: ${child.printed.slice(-300)}`);
      const seconds = secondsOf(OUR_TONE_HZ, readWav(rightOf(readFileSync(record))));
      demand(seconds > 1.5, `its own tone came back for ${seconds} s`);
      const mos = Number(/"mos":\s*([\d.]+)/.exec(child.printed)?.[1]);
      demand(mos > 4, `a MOS of ${mos}: ${child.printed.slice(-300)}`);
      return `MOS ${mos}, ${seconds.toFixed(1)} s came back`;
    });
  }
}
