import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { playEdge } from "./edge-story.ts";

const SEEDS = 100;
/** They take ten seconds where nothing else is going on. */
const PATIENCE_MS = 300_000;

describe("phones behind every kind of box that RFC 4787 knows", () => {
  test(
    `lose no call that the RFCs let live, with ${SEEDS} seeds`,
    async () => {
      const met = new Map<string, number>();
      let calls = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const outcome = await playEdge(seed);
        expect([seed, outcome.wrong], `${outcome.story.join("\n")}\n${outcome.ladder}`).toEqual([
          seed,
          [],
        ]);
        calls += outcome.calls;
        for (const what of outcome.met) met.set(what, (met.get(what) ?? 0) + 1);
      }
      expect(calls).toBeGreaterThanOrEqual(3 * SEEDS);
      const dependences = [
        "endpoint-independent",
        "address-dependent",
        "address-and-port-dependent",
      ];
      const kinds = dependences.flatMap((one) => dependences.map((other) => `${one} ${other}`));
      for (const kind of [...kinds, "no NAT"]) expect(met.get(kind), kind).toBeGreaterThan(10);
      const ways = ["udp", "tcp", "ws", "ws and tcp", "udp and ws", "tcp and udp"];
      for (const way of ways) expect(met.get(way), way).toBeGreaterThan(20);
      for (const trouble of ["quiet", "rebinding", "broken", "restart", "outage", "cut"]) {
        for (const when of ["between calls", "in a call"]) {
          expect(met.get(`${trouble} ${when}`), `${trouble} ${when}`).toBeGreaterThan(10);
        }
      }
      expect(met.get("rebinding soon after REGISTER")).toBeGreaterThan(10);
      for (const how of ["closed", "frozen"]) {
        expect(met.get(`fell asleep: ${how}`), how).toBeGreaterThan(30);
        expect(met.get(`a push came: ${how}`), how).toBeGreaterThan(30);
      }
      for (const trouble of ["rebinding", "restart", "outage", "cut"]) {
        expect(met.get(`${trouble} in its sleep`), trouble).toBeGreaterThan(3);
      }
      expect(met.get("a call that was held arrived")).toBeGreaterThan(30);
      expect(met.get("the caller was told that nobody woke")).toBeGreaterThan(10);
    },
    PATIENCE_MS,
  );

  test(
    "lose calls where nobody is woken",
    async () => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= 30; seed++) {
        wrong.push(...(await playEdge(seed, { isWakeOff: true })).wrong);
      }
      expect(wrong.filter((one) => one.includes(" rang 0 times")).length).toBeGreaterThan(5);
    },
    PATIENCE_MS,
  );

  test(
    "do the same to the last octet with the same seed, and with another not",
    async () => {
      const hash = async (seed: number) => {
        const { story, trace } = await playEdge(seed);
        return [story.join("\n"), createHash("sha256").update(trace()).digest("hex")];
      };
      const ones = [await hash(3), await hash(4)];
      expect([await hash(3), await hash(4)]).toEqual(ones);
      expect(ones[0]).not.toEqual(ones[1]);
    },
    PATIENCE_MS,
  );
});
