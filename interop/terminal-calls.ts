/** `carillon phone` and `carillon call` with baresip: tones at both ends, and what phones do. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Baresip, type BaresipOptions } from "./baresip.ts";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, type House, SERVER, SERVER_OVER_TLS } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { TerminalPhone } from "./terminal-phone.ts";
import { secondsOf, secondsOfAll, tone } from "./tone.ts";
import { pause } from "./until.ts";
import { readWav, rightOf, writeWav } from "./wav.ts";

const [THEIR_TONE_HZ, OUR_TONE_HZ, THIRD_TONE_HZ] = [440, 1000, 620] as const;
/** A recording is written to its file once a second, so that the last one may not be there yet. */
const TALK_MS = 3500;
/** Of such a talk, at each end. */
const HEARD_SECONDS = 1.8;
const PROGRAM = join(import.meta.dirname, "../packages/server/src/main.ts");

interface Way {
  readonly name: string;
  readonly transport: "udp" | "tcp" | "tls";
  readonly codec: string;
  /** The terminal's name for it. */
  readonly codecs: string;
  readonly isEncrypted: boolean;
}

const WAYS: readonly Way[] = [
  { name: "UDP", transport: "udp", codec: "PCMU/8000/1", codecs: "PCMU", isEncrypted: false },
  { name: "TCP", transport: "tcp", codec: "PCMA/8000/1", codecs: "PCMA", isEncrypted: false },
  { name: "TLS, SDES", transport: "tls", codec: "PCMU/8000/1", codecs: "PCMU", isEncrypted: true },
  { name: "Opus", transport: "udp", codec: "opus/48000/2", codecs: "opus", isEncrypted: false },
];

interface Stage {
  readonly house: House;
  readonly folder: string;
  readonly report: Report;
  readonly play: string;
}

export async function terminalCalls(house: House, folder: string, report: Report): Promise<void> {
  const play = join(folder, "terminal.wav");
  writeFileSync(play, writeWav(tone(OUR_TONE_HZ, 30)));
  const stage = { house, folder, report, play };
  const [kim, lea, max] = await house.addDeskPhones(["Kim", "Lea", "Max"] as const);
  for (const [n, way] of WAYS.entries()) await oneWay(way, n, kim, lea, stage);
  await handedOn(kim, lea, max, stage);
  await oneCall(kim, lea, stage);
}

const serverOf = (transport: Way["transport"]): string =>
  transport === "tls" ? `sips:${SERVER_OVER_TLS}` : `sip:${SERVER};transport=${transport}`;

function theirs(way: Way, credentials: Credentials, nth: number, stage: Stage): BaresipOptions {
  const { transport, codec, isEncrypted } = way;
  return {
    ...{ folder: stage.folder, credentials, nth, toneHz: THEIR_TONE_HZ, answers: true },
    ...{ codec, isEncrypted, believes: stage.house.certificate },
    ...(transport !== "udp" && { transport }),
  };
}

async function oneWay(way: Way, n: number, kim: Credentials, lea: Credentials, stage: Stage) {
  const { folder, play, report, house } = stage;
  const them = await Baresip.start(theirs(way, lea, 40 + n, stage));
  await them.registered();
  const us = await TerminalPhone.start({
    ...{ folder, name: `${kim.user}-${n}`, credentials: kim, play, believes: house.certificate },
    server: serverOf(way.transport),
    // Without a flag baresip is offered encryption, of which it knows nothing.
    more: ["--codecs", way.codecs, ...(way.isEncrypted ? ["--security", "sdes"] : [])],
  });
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`carillon phone, ${way.name}: ${what}`, run);
  await check("calls baresip, and each hears the other's tone", async () => {
    const since = them.events.length;
    await us.order("call", them.uri);
    await us.hears({ event: "call", state: "established" });
    const figure = await talk(us, them);
    await us.order("hangup");
    await them.event("CALL_CLOSED", since);
    return figure;
  });
  await check("is called by baresip, answers, and is hung up on", async () => {
    const since = us.told.length;
    await them.command("dial", us.uri);
    await us.hears({ event: "call", state: "incoming" }, since);
    await us.order("answer");
    const figure = await talk(us, them);
    await them.command("hangup");
    const { end } = await us.hears({ event: "call", state: "ended" }, since);
    demand(end?.by === "remote", `it ended by ${end?.by}`);
    return figure;
  });
  if (n === 0) await check("holds, resumes, and keys go both ways", () => keysAndHold(us, them));
  await check("quits", async () => `exit code ${await us.quit()}`);
  await them.quit();
}

async function talk(us: TerminalPhone, them: Baresip): Promise<string> {
  const before = secondsOf(them.toneHz, us.heard);
  await pause(TALK_MS);
  const { list = [] } = await us.order("stats");
  const [quality] = list;
  const here = secondsOf(them.toneHz, us.heard) - before;
  const there = secondsOf(OUR_TONE_HZ, them.heard.at(-1) ?? new Float64Array());
  demand(here >= HEARD_SECONDS, `we heard ${them.toneHz} Hz for ${here} s`);
  demand(there >= HEARD_SECONDS, `baresip heard ${OUR_TONE_HZ} Hz for ${there} s`);
  const { codec, mos, lossPercent } = quality ?? {};
  const heard = `${there.toFixed(1)} s there, ${here.toFixed(1)} s here`;
  return `${heard}, ${codec}, MOS ${mos}, ${lossPercent}% lost`;
}

async function keysAndHold(us: TerminalPhone, them: Baresip): Promise<string> {
  const [ours, since] = [us.told.length, them.events.length];
  await us.order("call", them.uri);
  await us.hears({ event: "call", state: "established" }, ours);
  await us.order("tones", "42#");
  for (const key of "42#") await them.event("CALL_DTMF_START", since, key);
  await them.command("sndcode", "7");
  await us.hears({ event: "tone", tone: "7" }, ours);
  await us.order("hold");
  await us.hears({ event: "call", held: "ByUs" }, ours);
  await pause(500);
  const before = us.heard;
  await pause(800);
  const loud = us.heard.subarray(before.length).filter((sample) => Math.abs(sample) > 0.01).length;
  demand(loud === 0, `${loud} samples were heard while the call was held`);
  await us.order("resume");
  // baresip takes nothing down any more once it was offered something new.
  const silent = secondsOf(them.toneHz, us.heard);
  await pause(TALK_MS);
  const here = secondsOf(them.toneHz, us.heard) - silent;
  demand(here >= HEARD_SECONDS, `we heard ${them.toneHz} Hz for ${here} s after the hold`);
  await us.order("hangup");
  await them.event("CALL_CLOSED", since);
  return `42# there, 7 here, silence on hold, then ${here.toFixed(1)} s here`;
}

/** Kim in the terminal talks to Lea, calls Max, and hands Lea on: attended, then blind. */
async function handedOn(kim: Credentials, lea: Credentials, max: Credentials, stage: Stage) {
  const { folder, play, report } = stage;
  const [plain] = WAYS;
  if (!plain) return;
  const one = await Baresip.start(theirs(plain, lea, 50, stage));
  const other = await Baresip.start({ ...theirs(plain, max, 51, stage), toneHz: THIRD_TONE_HZ });
  await Promise.all([one.registered(), other.registered()]);
  const us = await TerminalPhone.start({
    ...{ folder, name: `${kim.user}-hands-on`, credentials: kim, play },
    ...{ server: serverOf("udp"), more: ["--codecs", "PCMU"] },
  });
  await report.check("carillon phone hands baresip on to another baresip, blind", async () => {
    const since = us.told.length;
    await us.order("call", one.uri);
    await us.hears({ event: "call", state: "established" }, since);
    await us.order("transfer", other.uri);
    await us.hears({ event: "transfer", state: "Transferred" }, since);
    const figure = await theyTalk(one, other);
    await one.command("hangup");
    return figure;
  });
  await report.check(
    "carillon phone joins the two calls it has: three hear each other",
    async () => {
      const since = us.told.length;
      await us.order("call", one.uri);
      await us.hears({ event: "call", call: 1, state: "established" }, since);
      await us.order("call", other.uri);
      await us.hears({ event: "call", call: 2, state: "established" }, since);
      await us.order("merge");
      await pause(TALK_MS);
      // Lea's baresip has been offered something new, and takes nothing down any more.
      const there = secondsOfAll(
        [OUR_TONE_HZ, THEIR_TONE_HZ],
        other.heard.at(-1) ?? new Float64Array(),
      );
      const here = secondsOfAll([THEIR_TONE_HZ, THIRD_TONE_HZ], us.heard);
      demand(there >= 1.5, `Max heard Kim and Lea at once for ${there} s`);
      demand(here >= 1.5, `Kim heard Lea and Max at once for ${here} s`);
      await us.order("hangup", "all");
      const max = `Max heard Kim and Lea at once for ${there.toFixed(1)} s`;
      return `${max}, Kim heard Lea and Max for ${here.toFixed(1)} s`;
    },
  );
  await us.quit();
  await one.quit();
  await other.quit();
}

async function theyTalk(one: Baresip, other: Baresip): Promise<string> {
  await pause(TALK_MS);
  const here = secondsOf(other.toneHz, one.heard.at(-1) ?? new Float64Array());
  const there = secondsOf(one.toneHz, other.heard.at(-1) ?? new Float64Array());
  demand(here >= 1.5 && there >= 1.5, `they heard each other for ${here} and ${there} s`);
  return `they heard each other for ${here.toFixed(1)} and ${there.toFixed(1)} s`;
}

/** `carillon call`: one call from a script, by its files and its exit code. */
async function oneCall(kim: Credentials, lea: Credentials, stage: Stage): Promise<void> {
  const { folder, play, report } = stage;
  const [plain] = WAYS;
  if (!plain) return;
  const them = await Baresip.start(theirs(plain, lea, 55, stage));
  await them.registered();
  await report.check(
    "carillon call: plays, records, hangs up in time, and exits with 0",
    async () => {
      const record = join(folder, "one-call.wav");
      const code = await call(them.uri, ["--play", play, "--record", record, "--duration", "3"]);
      demand(code === 0, `exit code ${code}`);
      const here = secondsOf(them.toneHz, readWav(rightOf(readFileSync(record))));
      const there = secondsOf(OUR_TONE_HZ, them.heard.at(-1) ?? new Float64Array());
      demand(here >= 2.4 && there >= 2.4, `heard: ${here} s here and ${there} s there`);
      return `${there.toFixed(1)} s there, ${here.toFixed(1)} s here`;
    },
  );
  await report.check("carillon call: nobody of that name is exit code 13", async () => {
    const code = await call(`sip:nobody@${DOMAIN}`, ["--play", "silence"]);
    demand(code === 13, `exit code ${code}`);
    return "exit code 13";
  });
  await them.quit();

  function call(uri: string, more: readonly string[]): Promise<number> {
    const own = ["--from", `sip:${kim.user}@${DOMAIN}`, "--server", serverOf("udp")];
    const args = [PROGRAM, "call", uri, ...own, "--codecs", "PCMU", ...more];
    const child = new Child(process.execPath, args, {
      log: join(folder, "one-call.log"),
      env: { CARILLON_PASSWORD: kim.password },
    });
    return child.ended(20_000);
  }
}
