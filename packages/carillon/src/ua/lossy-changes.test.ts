import { expect, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import { house } from "../testing/house.ts";
import type { Call } from "./call.ts";
import { SipError } from "./sip-error.ts";

/** A network that loses every fifth datagram, doubles some, and lets them overtake each other. */
const WEATHER = { delayMs: 20, jitterMs: 60, loss: 0.2, duplication: 0.1 };
const SEEDS = 40;

/** What a change came to: made, or refused in words. Anything else is a defect. */
async function outcome(change: Promise<void>): Promise<string> {
  try {
    await change;
    return "made";
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    return error.code;
  }
}

const isOver = ({ state }: Call) => state.name === "Ended";

test(`both change at once on a lossy network, over ${SEEDS} seeds: they agree`, async () => {
  const outcomes: string[] = [];
  let glares = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const home = house({ seed });
    const { network } = home;
    const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob")];
    const { from, to } = await home.talk(alice, bob);
    network.weather = WEATHER;
    const seen = network.sights.length;
    const changes = [from.hold(), to.hold(), to.resume(), from.resume(), from.hold()];
    outcomes.push(...(await network.until(Promise.all(changes.map(outcome)), 600_000)));
    await network.run(60_000);
    const said = network.sights.slice(seen).map((one) => messageLabel(one.octets));
    glares += said.filter((one) => /^(491|500)/.test(one)).length;
    expect(isOver(from), `seed ${seed}: both know whether it is over`).toBe(isOver(to));
    if (!isOver(from)) {
      expect([from.state, to.state]).toMatchObject([{ held: "ByUs" }, { held: "ByThem" }]);
      network.weather = {};
      from.hangUp();
      await network.until(to.ended);
    }
    await network.run(45_000);
    for (const phone of [alice, bob]) {
      const census = home.hostOf(phone).endpoint.census();
      expect(census, `seed ${seed}`).toMatchObject({ servers: 0, clients: 0 });
    }
  }
  expect(glares, "they did meet").toBeGreaterThan(SEEDS / 4);
  const made = outcomes.filter((one) => one === "made").length;
  expect(made / outcomes.length, "and mostly got through").toBeGreaterThan(0.9);
});

test(`early media on a lossy network, over ${SEEDS} seeds: heard, or ended in words`, async () => {
  const names: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const home = house({ seed });
    const { network } = home;
    const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob")];
    network.weather = WEATHER;
    const calls = bob.calls();
    const from = alice.call("sip:bob@house.example");
    const rung = network.until(Promise.race([calls.next(), from.ended]), 100_000);
    const coming = await rung;
    const to = "value" in coming ? (coming.value as Call) : undefined;
    if (to) {
      const early = to.startEarly();
      const answered = to.answer();
      await network.until(Promise.allSettled([early, answered, from.answered]), 100_000);
    }
    names.push(from.state.name);
    network.weather = {};
    from.hangUp();
    if (to) await network.until(to.ended, 100_000);
    await network.run(80_000);
    expect(home.hostOf(bob).endpoint.census(), `seed ${seed}`).toMatchObject({ servers: 0 });
  }
  expect(names.filter((name) => name === "Established").length).toBeGreaterThan(SEEDS * 0.8);
});
