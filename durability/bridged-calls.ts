/**
 * Many calls between a page-like phone (ICE, DTLS-SRTP, Opus) and a desk phone (RTP, G.711) through
 * the bridge, for as long as it is wanted, while workers of the media engine are killed: memory
 * stays where it is, everybody is heard at the end, and nobody is silent but at the kills.
 */
import { type Call, Phone, type VoiceMedia, type VoicePhoneOptions } from "carillon/node";
import { pcma, tone } from "carillon/rtp";
import { chosenWay } from "carillon-media";
import { DOMAIN, House, type HouseStatus, SERVER_ADDRESS } from "../interop/house.ts";
import { cpuTicks, residentMb, workersOf } from "../interop/media-workers.ts";
import { demand } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { cannedOpus } from "./canned-opus.ts";
import { ToneWatch } from "./tone-watch.ts";

/** How much of it there is. */
export interface BridgedAmount {
  readonly calls: number;
  readonly seconds: number;
  /** Between two kills, and before the first. */
  readonly killEverySeconds: number;
  /** From when on memory has to be flat. */
  readonly flatAfterSeconds: number;
}

const [PAGE_HZ, DESK_HZ] = [440, 1000] as const;
const LOCAL = { host: "127.0.0.1", port: 0 } as const;
/** How long anybody may be silent, and how soon a killed worker's calls have to be heard again. */
const SILENCE_MS = 2000;
/** A silence that begins so long after a kill is that kill's. */
const OF_A_KILL_MS = 1000;
const ANSWERED_MS = 20_000;
const ENDED_MS = 15_000;
const GROWTH = 1.15;
/** What a process may grow by without a reason: V8 gives back when it likes. */
const SLACK_MB = 16;
const SAMPLE_MS = 5000;
/** Long enough to see which worker works. */
const BUSY_MS = 1000;

interface Talk {
  readonly page: ToneWatch;
  readonly desk: ToneWatch;
  readonly call: Call<VoiceMedia>;
}

interface Memory {
  readonly atMs: number;
  /** The program itself. */
  readonly mb: number;
  /** The largest of its workers. */
  readonly workerMb: number;
}

/** Rejects in words for what is not so; resolves to the figures. */
export async function bridgedCalls(folder: string, amount: BridgedAmount): Promise<string> {
  const house = await House.start(folder, { log: "info" });
  const phones: Phone<VoiceMedia>[] = [];
  try {
    const [dan, eve] = await house.addDeskPhones(["Dan", "Eve"] as const);
    const watches: { readonly page: ToneWatch[]; readonly desk: ToneWatch[] } = {
      page: [],
      desk: [],
    };
    const opened = async (options: VoicePhoneOptions): Promise<Phone<VoiceMedia>> => {
      const phone = await Phone.open(options);
      phones.push(phone);
      await phone.register();
      return phone;
    };
    const whole = await cannedOpus(PAGE_HZ);
    const caller = await opened({
      ...{ aor: `sip:${dan.user}@${DOMAIN}`, password: dan.password },
      ...{ server: SERVER_ADDRESS, local: LOCAL },
      voice: {
        way: chosenWay({ address: LOCAL.host, security: "dtls", requireEncryption: true }),
        ...{ address: LOCAL.host, codecs: [whole] },
        source: () => tone({ frequencies: [PAGE_HZ], amplitude: 0.5, sampleRate: 8000 }),
        sink: () => remember(watches.page, new ToneWatch(DESK_HZ)),
      },
    });
    const called = await opened({
      ...{ aor: `sip:${eve.user}@${DOMAIN}`, password: eve.password },
      ...{ server: SERVER_ADDRESS, local: LOCAL },
      voice: {
        ...{ address: LOCAL.host, codecs: [pcma] },
        source: () => tone({ frequencies: [DESK_HZ], amplitude: 0.5, sampleRate: 8000 }),
        sink: () => remember(watches.desk, new ToneWatch(PAGE_HZ)),
      },
    });
    void answerAll(called);
    const talks: Talk[] = [];
    for (let nth = 0; nth < amount.calls; nth++) {
      const call = caller.call(called.aor, { audio: true, video: false });
      const isUp = (): true | undefined => call.state.name === "Established" || undefined;
      await until(`call ${nth} is answered`, isUp, ANSWERED_MS);
      const [page, desk] = [watches.page.at(-1), watches.desk.at(-1)];
      demand(page !== undefined && desk !== undefined, `call ${nth} has no sound`);
      await until(`call ${nth} is heard at both ends`, () => heard(page, desk), ANSWERED_MS);
      talks.push({ page, desk, call });
    }
    const { kills, memory } = await talkOn(house, amount);
    const words = judge(talks, kills, memory, amount);
    await hangUp(house, talks);
    return words;
  } finally {
    await Promise.all(phones.map((phone) => phone.close()));
    await house.stop();
  }
}

function remember(all: ToneWatch[], one: ToneWatch): ToneWatch {
  all.push(one);
  return one;
}

async function answerAll(phone: Phone<VoiceMedia>): Promise<void> {
  for await (const call of phone.calls()) {
    // What this phone does not speak it refuses, and then is called by the bridge.
    await call.answer({ audio: true, video: false }).catch(() => {});
  }
}

const heard = (...watches: readonly ToneWatch[]): true | undefined =>
  watches.every((one) => one.isHeard) || undefined;

/** Until the time is over: kills, and what memory there is. */
async function talkOn(house: House, amount: BridgedAmount) {
  const kills: number[] = [];
  const memory: Memory[] = [];
  const startMs = performance.now();
  const isOver = (): boolean => performance.now() - startMs > 1000 * amount.seconds;
  let next = amount.killEverySeconds;
  // The last kill has to be got over, too.
  const lastKill = amount.seconds - amount.killEverySeconds / 2;
  while (!isOver()) {
    await pause(Math.min(SAMPLE_MS, (1000 * amount.killEverySeconds) / 4));
    const seconds = (performance.now() - startMs) / 1000;
    const workers = workersOf(house.pid);
    const workerMb = Math.max(0, ...workers.map(residentMb));
    memory.push({ atMs: 1000 * seconds, mb: residentMb(house.pid), workerMb });
    if (seconds < next || seconds > lastKill) continue;
    next += amount.killEverySeconds;
    const victim = await busiest(workers);
    demand(victim !== undefined, "the house has no workers");
    kills.push(performance.now());
    process.kill(victim, "SIGKILL");
  }
  return { kills, memory };
}

/** The one that has the calls. */
async function busiest(workers: readonly number[]): Promise<number | undefined> {
  const before = workers.map(cpuTicks);
  await pause(BUSY_MS);
  const used = workers.map((pid, nth) => cpuTicks(pid) - (before[nth] ?? 0));
  return workers[used.indexOf(Math.max(...used))];
}

/** That it was as it has to be. */
function judge(
  talks: readonly Talk[],
  kills: readonly number[],
  memory: readonly Memory[],
  amount: BridgedAmount,
): string {
  demand(kills.length > 0, "nothing was killed");
  const ends = talks.flatMap(({ page, desk }) => [page, desk]);
  const silent = ends.filter(({ isHeard }) => !isHeard).length;
  demand(silent === 0, `${silent} of ${ends.length} ends hear nothing any more`);
  const isOfKill = (fromMs: number): boolean =>
    kills.some((at) => fromMs > at - OF_A_KILL_MS && fromMs < at + OF_A_KILL_MS);
  const gaps = ends.flatMap((end) => end.gaps);
  const others = gaps.filter(({ fromMs }) => !isOfKill(fromMs)).map(({ ms }) => ms);
  const atKills = gaps.filter(({ fromMs }) => isOfKill(fromMs)).map(({ ms }) => ms);
  const [worst, atKill] = [largest(others), largest(atKills)];
  const states = new Set(talks.map(({ call }) => call.state.name));
  demand(states.size === 1 && states.has("Established"), `states: ${[...states].join(", ")}`);
  demand(atKills.length >= kills.length, "workers were killed that had no calls");
  const figures =
    `${kills.length} kills, silent for up to ${ms(atKill)} at them (${atKills.length} times) ` +
    `and ${ms(worst)} otherwise (${others.length} times); ${flatness(memory, amount)}`;
  demand(worst < SILENCE_MS && atKill < SILENCE_MS, figures);
  return figures;
}

/** On a starved machine there are more of them than a call may have arguments. */
const largest = (all: readonly number[]): number =>
  all.reduce((one, more) => Math.max(one, more), 0);

/** The program's own memory, and its largest worker's: then and at the end. */
function flatness(memory: readonly Memory[], { seconds, flatAfterSeconds }: BridgedAmount): string {
  const [from, part] = [1000 * flatAfterSeconds, (1000 * (seconds - flatAfterSeconds)) / 4];
  const early = memory.filter(({ atMs }) => atMs >= from && atMs < from + part);
  const late = memory.filter(({ atMs }) => atMs >= 1000 * seconds - part);
  const [before, after] = [median(early, "mb"), median(late, "mb")];
  const [worker, workerAfter] = [median(early, "workerMb"), median(late, "workerMb")];
  const words =
    `${before.toFixed(0)} MB after ${flatAfterSeconds} s and ${after.toFixed(0)} at the end, ` +
    `its largest worker ${worker.toFixed(0)} and ${workerAfter.toFixed(0)}`;
  const isFlat = (one: number, other: number): boolean => other <= GROWTH * one + SLACK_MB;
  demand(isFlat(before, after) && isFlat(worker, workerAfter), `memory grew: ${words}`);
  return words;
}

function median(all: readonly Memory[], which: "mb" | "workerMb"): number {
  const sorted = all.map((one) => one[which]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** And nothing is left of them. */
async function hangUp(house: House, talks: readonly Talk[]): Promise<void> {
  await Promise.all(talks.map(({ call }) => call.hangUp()));
  const isEmpty = async (): Promise<HouseStatus | undefined> => {
    const status = await house.status();
    return status.bridge.calls === 0 ? status : undefined;
  };
  await until("the house has forgotten all bridged calls", isEmpty, ENDED_MS);
}
