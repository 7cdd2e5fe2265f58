// A media worker that is lost while a change of the call is on its way.
import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { spokenMedia } from "../testing/spoken-media.ts";
import { bridging } from "./bridging.ts";

/** A desk phone has called a page, and they talk. */
async function talking() {
  const engine = plainEngine();
  const bridge = bridging({ engine });
  const { network, server, signedIn } = house({ seed: 7, bridging: () => bridge });
  const alice = await signedIn("alice", "ws", { media: () => spokenMedia("page") });
  const bob = await signedIn("bob", "udp", { media: () => spokenMedia("desk") });
  const calls = alice.calls();
  const from = bob.call(alice.aor);
  const { value: to } = await network.until(calls.next());
  if (!to) throw new Error("nobody was called");
  await network.until(to.answer());
  await network.until(from.answered);
  await network.run(2000);
  return { network, server, engine, bridge, from, to };
}

test.each(["caller", "device"] as const)(
  "a worker that is lost at any moment of a hold by the %s costs no call",
  async (holds) => {
    for (const afterMs of [0, 8, 16, 24, 32, 48, 64, 128]) {
      const { network, server, engine, bridge, from, to } = await talking();
      const holding = (holds === "caller" ? from : to).hold().catch(() => {});
      await network.run(afterMs);
      server.call(() => engine.lose());
      await network.run(5000);
      const states = [from.state.name, to.state.name];
      expect([afterMs, ...states]).toEqual([afterMs, "Established", "Established"]);
      await network.until(holding);
      from.hangUp();
      await network.run(40_000);
      expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
      expect(engine.open).toBe(0);
    }
  },
);
