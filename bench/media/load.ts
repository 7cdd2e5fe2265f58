/** Calls through a relay: makes them, has `generator.ts` send their packets, and measures. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { cpuSeconds } from "../proxy/server.ts";
import type { Costing } from "../turns.ts";
import type { Described, Kind, Relay, Told } from "./relay.ts";

const [NEAR_PORT, FAR_PORT] = [7000, 7002] as const;
const CORE = "1";
/** Compilers have compiled, and buffers have filled. */
const WARM_SECONDS = 8;

export interface Measured extends Costing {
  readonly perSecond: number;
  /** Of one core. */
  readonly percent: number;
  readonly lost: number;
}

/** What the generator is to do. */
export interface Plan {
  readonly warmSeconds: number;
  readonly seconds: number;
  readonly sides: readonly {
    readonly port: number;
    readonly codec: string;
    /** Our key towards the relay, as `a=crypto` has it. */
    readonly crypto: string | undefined;
    readonly calls: readonly Told[];
  }[];
}

const PCMU = { codec: "PCMU/8000", payloadType: 0 };
const PCMA = { codec: "PCMA/8000", payloadType: 8 };
const OPUS = { codec: "opus/48000/2", payloadType: 111, fmtp: "useinbandfec=1" };
const KEY = "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

const SIDES: Readonly<Record<Kind, readonly [Omit<Described, "port">, Omit<Described, "port">]>> = {
  relay: [PCMU, PCMU],
  srtp: [{ ...PCMU, crypto: KEY }, PCMU],
  opus: [OPUS, PCMA],
  g711: [PCMU, PCMA],
};

export async function loaded(
  relay: Relay,
  {
    kind,
    calls,
    seconds,
  }: { readonly kind: Kind; readonly calls: number; readonly seconds: number },
): Promise<Measured> {
  const [left, right] = SIDES[kind];
  const [near, far] = [
    { ...left, port: NEAR_PORT },
    { ...right, port: FAR_PORT },
  ];
  const told: { near: Told; far: Told }[] = [];
  for (let n = 0; n < calls; n++) told.push(await relay.call(`call-${n}`, near, far));
  const plan: Plan = {
    ...{ warmSeconds: WARM_SECONDS, seconds },
    sides: [
      { ...near, crypto: near.crypto, calls: told.map((each) => each.near) },
      { ...far, crypto: far.crypto, calls: told.map((each) => each.far) },
    ],
  };
  return measured(relay.pid, plan);
}

async function measured(pid: number, plan: Plan): Promise<Measured> {
  const generator = fork(fileURLToPath(new URL("generator.ts", import.meta.url)), [], {
    execPath: "/usr/bin/taskset",
    execArgv: ["-c", CORE, process.execPath],
  });
  generator.send(plan);
  const [first] = await once(generator, "message");
  const before = cpuSeconds(pid);
  const [last] = await once(generator, "message");
  const cpu = cpuSeconds(pid) - before;
  const exited = once(generator, "exit");
  generator.disconnect();
  await exited;
  const [sent, received] = [last.sent - first.sent, last.received - first.received];
  const elapsed = (last.at - first.at) / 1000;
  return {
    microseconds: (1e6 * cpu) / Math.max(1, received),
    perSecond: received / elapsed,
    percent: (100 * cpu) / elapsed,
    lost: 1 - received / sent,
  };
}
