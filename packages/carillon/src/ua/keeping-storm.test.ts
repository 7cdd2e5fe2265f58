/** Connections that break, and servers that are started anew, at any moment of a call. */
import { describe, expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { seeded } from "../testing/random.ts";
import type { Call } from "./call.ts";

const SEEDS = 150;

/** What goes wrong, to whom, and when of the first ten seconds. */
const TROUBLE = ["alice", "bob", "both", "restart", "outage"] as const;

interface Outcome {
  readonly from: string;
  readonly to: string | undefined;
  /** Whether they talked at the end of all that went wrong. */
  readonly talked: boolean;
}

/** One life: a call, an accident at a random moment, a minute to recover, and the end. */
async function life(seed: number): Promise<Outcome> {
  const home = house({ seed, jitterMs: 20 });
  const { network } = home;
  const random = seeded(seed + 7);
  const alice = await home.signedIn("alice", "ws");
  const bob = await home.signedIn("bob", "ws");
  const calls = bob.calls();
  const coming = calls.next();
  let to: Call | undefined;
  void coming.then(async ({ value }) => {
    to = value;
    network.after(300 + 1000 * random(), () => void value.answer().catch(() => {}));
  });
  const from = alice.call(bob.aor);
  const trouble = TROUBLE[seed % TROUBLE.length];
  network.after(4000 * random(), () => {
    if (trouble === "alice" || trouble === "both") home.hostOf(alice).disconnect();
    if (trouble === "bob" || trouble === "both") home.hostOf(bob).disconnect();
    if (trouble === "restart") home.restart();
    if (trouble === "outage") {
      home.server.stop();
      network.after(8000 * random(), () => home.restart());
    }
  });
  // In the middle of it somebody holds the call, or tries to.
  network.after(4000 * random(), () => void from.hold().catch(() => {}));
  await network.run(60_000);
  const talked = from.state.name === "Established";
  if (talked) expect(to?.state.name, `seed ${seed}`).toBe("Established");
  else if (to) expect(to.state.name, `seed ${seed}`).toBe("Ended");
  (random() < 0.5 ? from : (to ?? from)).hangUp();
  await network.run(45_000);
  for (const { endpoint } of [home.hostOf(alice), home.hostOf(bob), home.server]) {
    expect(endpoint.census(), `seed ${seed}`).toMatchObject({ servers: 0, clients: 0 });
  }
  return { from: from.state.name, to: to?.state.name, talked };
}

describe("a call in which a connection breaks, or the server is started anew", () => {
  test(`goes on or has ended on both sides a minute later, with ${SEEDS} seeds`, async () => {
    let talked = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await life(seed);
      expect([seed, outcome.from]).toEqual([seed, "Ended"]);
      if (outcome.to !== undefined) expect([seed, outcome.to]).toEqual([seed, "Ended"]);
      if (outcome.talked) talked++;
    }
    // What breaks before anybody has answered is over; all else is not.
    expect(talked).toBeGreaterThan(SEEDS / 2);
  });
});
