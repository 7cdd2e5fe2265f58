import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { House } from "../house.ts";
import { house } from "../house.ts";
import type { NetworkOptions } from "./network.ts";
import type { NatBox } from "./realm.ts";

type Way = "udp" | "ws";

/** One thing that goes wrong while two people call each other. */
interface Trouble {
  readonly weather?: NetworkOptions;
  /** What happens, and when, after the call has begun. */
  readonly during?: (home: House, boxes: readonly NatBox[]) => void;
  /** Each phone behind a box of its own. */
  readonly nat?: Parameters<House["network"]["nat"]>[0];
  /** Where it matters; over both, if left out. */
  readonly over?: Way;
  /** They hear each other in the end, whatever it took. */
  readonly talks: boolean;
}

const flipped = (octets: string, random: () => number) => {
  if (random() > 0.1) return octets;
  const at = Math.floor(random() * octets.length);
  return (
    octets.slice(0, at) + String.fromCharCode(octets.charCodeAt(at) ^ 1) + octets.slice(at + 1)
  );
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "nothing at all": { talks: true },
  "a third of all datagrams is lost": { over: "udp", weather: { loss: 0.33 }, talks: true },
  "datagrams are lost in bursts": {
    over: "udp",
    weather: { bursts: { begins: 0.05, ends: 0.4 } },
    talks: true,
  },
  "every datagram comes twice": { over: "udp", weather: { duplication: 1 }, talks: true },
  "datagrams overtake each other": {
    over: "udp",
    weather: { jitterMs: 400, reordering: 0.3, reorderingMs: 900 },
    talks: true,
  },
  "a tenth of all datagrams has a flipped bit": {
    over: "udp",
    weather: { spoil: flipped },
    talks: true,
  },
  "a fifth of all datagrams is cut short": {
    over: "udp",
    weather: { truncation: 0.2 },
    talks: true,
  },
  "fragments are dropped": { over: "udp", weather: { maxDatagramBytes: 700 }, talks: false },
  "the way to the server is cut for ten seconds": {
    during: ({ network }) => {
      const cut = network.partitions.cut("*", ["server"]);
      network.after(10_000, () => cut.heal());
    },
    talks: true,
  },
  "the way from the server is cut for ten seconds": {
    during: ({ network }) => {
      const cut = network.partitions.cut(["server"], "*");
      network.after(10_000, () => cut.heal());
    },
    talks: true,
  },
  "the server is cut off for good": {
    during: ({ network }) => void network.partitions.split(["server"], "*"),
    talks: false,
  },
  "ways are cut one after the other, and heal in another order": {
    during: ({ network }) => {
      const names = ["alice", "bob", "server"];
      for (const [i, name] of names.entries()) {
        network.after(i * 300, () => {
          const cut = network.partitions.cut([name], "*");
          network.after(2000 + ((i * 7) % 3) * 500, () => cut.heal());
        });
      }
    },
    talks: true,
  },
  "the phones are behind NAT": { nat: { host: "" }, talks: true },
  "the phones are behind symmetric NAT": {
    nat: { host: "", mapping: "address-and-port-dependent" },
    talks: true,
  },
  "the boxes rebind in the middle of the call": {
    nat: { host: "" },
    during: ({ network }, boxes) => {
      for (const box of boxes) network.after(1000, () => box.rebind());
    },
    talks: true,
  },
  "mappings end after five seconds": { nat: { host: "", timeoutMs: 5000 }, talks: false },
  "the server's plug is pulled": { during: ({ server }) => server.close(), talks: false },
  "the server's program ends": { during: ({ server }) => server.stop(), talks: false },
  "the server starts anew": { during: ({ restart }) => restart(), talks: false },
  "streams dribble": {
    over: "ws",
    weather: { stream: { dribble: { bytes: 7, everyMs: 1 } } },
    talks: true,
  },
  "streams coalesce": { over: "ws", weather: { stream: { coalesceMs: 200 } }, talks: true },
  "streams are reset in the middle of a message": {
    over: "ws",
    weather: { stream: { resetAfterBytes: 5000 } },
    talks: false,
  },
  "streams are refused": { over: "ws", weather: { stream: { opening: "refused" } }, talks: false },
  "streams are never answered": {
    over: "ws",
    weather: { stream: { opening: "silent" } },
    talks: false,
  },
};

const BOTH: readonly Way[] = ["udp", "ws"];

/** Alice calls Bob, who answers; they hang up, sign off, and everything has time to end. */
async function story({ weather = {}, during, nat }: Trouble, way: Way, seed: number) {
  const home = house({ seed, ...weather });
  const { network } = home;
  const boxes: NatBox[] = [];
  const behind = (n: number) => {
    if (!nat) return {};
    const made = network.nat({ ...nat, host: `203.0.113.${100 + n}` });
    boxes.push(made.box);
    return { behind: made };
  };
  const [alice, bob] = [home.phone("alice", way, behind(1)), home.phone("bob", way, behind(2))];
  const phones = [home.hostOf(alice), home.hostOf(bob)];
  await settled(home, Promise.all([alice.register(), bob.register()]));
  const calls = bob.calls();
  const next = calls.next();
  const from = alice.call(bob.aor);
  network.after(50, () => during?.(home, boxes));
  void from.answered.catch(() => {});
  const outcome = await settled(home, next);
  const to = outcome?.value;
  if (to) await settled(home, Promise.all([to.answer(), from.answered]));
  await network.run(2000);
  const talked = from.state.name === "Established" && to?.state.name === "Established";
  from.hangUp();
  await network.run(200_000);
  const census = phones.map(({ endpoint }) => endpoint.census());
  await settled(home, Promise.all([alice.close(), bob.close()]));
  await network.run(2_000_000);
  return { home, talked, census };
}

/** Half a minute for it, whatever it comes to. */
const settled = async <T>({ network }: House, promise: Promise<T>): Promise<T | undefined> =>
  network.until(promise, 30_000).catch(() => undefined);

const cases = Object.entries(TROUBLES).flatMap(([name, trouble]) =>
  BOTH.filter((way) => (trouble.over ?? way) === way).map((way) => [name, way, trouble] as const),
);

describe("phones and server survive it when", () => {
  test.each(cases)("%s (%s)", async (_, way, trouble) => {
    const { home, talked, census } = await story(trouble, way, 11);
    if (trouble.talks) expect(talked, "they talk").toBe(true);
    for (const { servers, clients } of census) {
      expect(servers).toBe(0);
      // Where the server is gone, the next tries to sign in are under way.
      expect(clients).toBeLessThanOrEqual(trouble.talks ? 0 : 2);
    }
    if (!home.server.isAtWork) return;
    const { server } = home;
    expect(server.endpoint.census()).toMatchObject({ servers: 0, clients: 0, connections: 0 });
  });
});

test("the same seed gives the same octets under every trouble, another others", async () => {
  const hash = async (trouble: Trouble, seed: number) => {
    const { home } = await story(trouble, trouble.over ?? "udp", seed);
    return createHash("sha256").update(JSON.stringify(home.network.sights)).digest("hex");
  };
  const others: string[] = [];
  const ones: string[] = [];
  for (const trouble of Object.values(TROUBLES)) {
    ones.push(await hash(trouble, 5));
    expect(await hash(trouble, 5)).toBe(ones.at(-1));
    others.push(await hash(trouble, 6));
  }
  expect(ones).not.toEqual(others);
  expect(new Set(ones).size, "each is a run of its own").toBeGreaterThan(15);
});
