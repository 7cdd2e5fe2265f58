// A page and a desk phone, with a bridge between them, on the simulated network.
import { expect, test } from "vitest";
import { type HouseOptions, house } from "../testing/house.ts";
import { type PlainEngine, plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { type BridgeEntry, type Bridging, bridging } from "./bridging.ts";

interface Stage extends ReturnType<typeof house> {
  readonly engine: PlainEngine;
  readonly bridge: Bridging;
  readonly log: BridgeEntry[];
  readonly told: string[];
}

function stage(options: HouseOptions = {}): Stage {
  const engine = plainEngine();
  const log: BridgeEntry[] = [];
  const told: string[] = [];
  const bridge = bridging({
    engine,
    log: (entry) => void log.push(entry),
    calls: { ended: ({ by }) => void told.push(`ended by ${by}`) },
  });
  return { ...house({ ...options, bridging: () => bridge }), engine, bridge, log, told };
}

const page = { media: () => spokenMedia("page") };
const desk = { media: () => spokenMedia("desk") };

/** alice's page and bob's desk phone. */
async function two(at: Stage) {
  const alice = await at.signedIn<SpokenMedia>("alice", "ws", page);
  const bob = await at.signedIn<SpokenMedia>("bob", "udp", desk);
  return { alice, bob };
}

/** Nothing is kept of any call, by the agent or by the engine. */
async function expectNothingLeft({ bridge, engine, network }: Stage): Promise<void> {
  await network.run(40_000);
  expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
  expect(engine.open).toBe(0);
}

/** Answers each call that comes, and keeps them. */
function answering(phone: Phone<SpokenMedia>): Call<SpokenMedia>[] {
  const all: Call<SpokenMedia>[] = [];
  void (async () => {
    for await (const call of phone.calls()) {
      all.push(call);
      await call.answer().catch(() => {});
    }
  })();
  return all;
}

/** One calls the other, who answers as often as it rings. */
async function talk({ network }: Stage, caller: Phone<SpokenMedia>, callee: Phone<SpokenMedia>) {
  const all = answering(callee);
  const from = caller.call(callee.aor);
  await network.until(from.answered);
  await network.run(2000);
  const to = all.at(-1);
  if (!to) throw new Error("nobody was called");
  return { from, to, all };
}

const saidOf = ({ media }: Call<SpokenMedia>): readonly string[] => media?.said ?? [];

test("a desk phone refuses what a page says, and is called again with what it knows", async () => {
  const at = stage();
  const { alice, bob } = await two(at);
  const { from, to } = await talk(at, alice, bob);
  expect(saidOf(from)).toEqual(["offered sendrecv", "heard answer sendrecv"]);
  expect(saidOf(to)).toEqual(["heard offer sendrecv"]);
  expect(at.engine.asked).toEqual(["offer caller>device", "answer device>caller"]);
  expect(at.bridge.list()[0]?.media).toMatchObject({
    caller: { transport: "webrtc", codec: "opus" },
    device: { transport: "rtp", codec: "PCMU" },
  });
  from.hangUp();
  await at.network.until(to.ended);
  expect(at.told).toEqual(["ended by caller"]);
  await expectNothingLeft(at);
});
