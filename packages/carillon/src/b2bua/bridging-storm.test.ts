// Bridged calls in bad weather, with an engine that loses, refuses and delays: whatever happens,
// both sides come to an end, and neither the agent nor the engine keeps anything.
import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { PlainEngine } from "../testing/plain-engine.ts";
import { seeded } from "../testing/random.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import { bridging } from "./bridging.ts";

const WEATHER = { loss: 0.15, duplication: 0.1, delayMs: 30, jitterMs: 60 };

/** What may happen to a call and its media at any time. */
type Act = (calls: { from: Call<SpokenMedia>; to: readonly Call<SpokenMedia>[] }) => void;

async function story(seed: number) {
  const engine = new PlainEngine();
  const bridge = bridging({ engine });
  const home = house({ seed, ...WEATHER, bridging: () => bridge });
  const { network, server } = home;
  const random = seeded(seed);
  const page = home.phone<SpokenMedia>("alice", "ws", { media: () => spokenMedia("page") });
  const desk = home.phone<SpokenMedia>("bob", "udp", { media: () => spokenMedia("desk") });
  for (const phone of [page, desk]) phone.register().catch(() => {});
  await network.run(150_000);
  const [caller, callee] = random() < 0.5 ? [page, desk] : [desk, page];
  const incoming: Call<SpokenMedia>[] = [];
  void (async () => {
    for await (const one of callee.calls()) {
      incoming.push(one);
      if (random() < 0.1) one.decline(486);
      else if (random() < 0.9) one.answer().catch(() => {});
    }
  })();
  const acts: readonly Act[] = [
    ({ from }) => void from.hold().catch(() => {}),
    ({ from }) => void from.resume().catch(() => {}),
    ({ to }) =>
      void to
        .at(-1)
        ?.hold()
        .catch(() => {}),
    () => server.call(() => engine.lose()),
    () => engine.refuseNext({ status: random() < 0.5 ? 488 : 503, why: "not now" }),
    () => engine.hold(),
    () => server.call(() => engine.release()),
    () => home.hostOf(page).disconnect(),
    ({ from }) => random() < 0.3 && from.hangUp(),
    ({ to }) => random() < 0.3 && to.at(-1)?.hangUp(),
  ];
  const from = caller.call(callee.aor);
  from.ended.catch(() => {});
  let talked = false;
  for (let n = 0; n < 12; n++) {
    await network.run(random() * 4000);
    talked ||= from.state.name === "Established";
    const act = acts[Math.floor(random() * acts.length)];
    try {
      act?.({ from, to: incoming });
    } catch {
      // Not every act is possible in every state.
    }
  }
  server.call(() => engine.release());
  from.hangUp();
  for (const one of incoming) one.hangUp();
  await network.run(240_000);
  const ends = [from, ...incoming].map(({ state }) => state.name);
  return { talked, ends, left: bridge.census(), open: engine.open };
}

test("a bridged call ends at both sides and leaves nothing, with 150 seeds", async () => {
  let talked = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const { talked: hasTalked, ends, left, open } = await story(seed);
    expect(ends, `seed ${seed}`).toEqual(ends.map(() => "Ended"));
    expect({ ...left, open }, `seed ${seed}`).toMatchObject({ sessions: 0, calls: 0, open: 0 });
    if (hasTalked) talked++;
  }
  expect(talked).toBeGreaterThan(60);
}, 120_000);
