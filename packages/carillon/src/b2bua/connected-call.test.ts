// Two who are called by the agent, on the simulated network.
import { describe, expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { bridging } from "./bridging.ts";
import type { ConnectState } from "./connected-call.ts";

type Kind = "page" | "desk";

async function stage(first: Kind, second: Kind) {
  const engine = plainEngine();
  const bridge = bridging({ engine });
  const at = house({ bridging: () => bridge });
  const phone = (name: string, kind: Kind) =>
    at.signedIn<SpokenMedia>(name, kind === "page" ? "ws" : "udp", {
      media: () => spokenMedia(kind),
    });
  const [alice, bob] = [await phone("alice", first), await phone("bob", second)];
  const told: string[] = [];
  const heard = (state: ConnectState): void => {
    if (state.name === "Calling") told.push(`${state.who} ${state.status}`);
    else told.push(state.name === "Ended" ? `Ended ${state.status}` : state.name);
  };
  const connect = (more: { first?: string; second?: string; account?: string } = {}) => {
    const asked = { first: alice.aor, second: bob.aor, account: "alice", heard, ...more };
    let call: ReturnType<typeof bridge.connect> | undefined;
    at.server.call(() => {
      call = bridge.connect(asked);
    });
    if (!call) throw new Error("it was not called");
    return call;
  };
  const inTurn = (run: () => void) => at.server.call(run);
  return { ...at, engine, bridge, alice, bob, told, connect, inTurn };
}

/** Does this with each call that comes, and keeps it. */
function taking(
  phone: Phone<SpokenMedia>,
  take: (call: Call<SpokenMedia>) => unknown = (call) => call.answer().catch(() => {}),
): Call<SpokenMedia>[] {
  const all: Call<SpokenMedia>[] = [];
  void (async () => {
    for await (const call of phone.calls()) {
      all.push(call);
      take(call);
    }
  })();
  return all;
}

const names = (calls: readonly Call<SpokenMedia>[]) => calls.map(({ state }) => state.name);

describe("RFC 3725 §4.3: the agent calls two, who talk to each other", () => {
  const combinations = (["page", "desk"] as const).flatMap((first) =>
    (["page", "desk"] as const).map((second) => [first, second] as const),
  );
  test.each(combinations)("a %s and a %s", async (first, second) => {
    const at = await stage(first, second);
    const [alices, bobs] = [taking(at.alice), taking(at.bob)];
    at.connect();
    await at.network.run(5000);
    expect([names(alices), names(bobs)]).toEqual([["Established"], ["Established"]]);
    // Each sees the other as who calls.
    expect([alices[0]?.peer.uri, bobs[0]?.peer.uri]).toEqual([at.bob.aor, at.alice.aor]);
    expect(at.told.filter((one) => !/ 1[0-9][0-9]$/.test(one))).toEqual(["Talking"]);
    bobs[0]?.hangUp();
    await at.network.run(3000);
    expect(names(alices)).toEqual(["Ended"]);
    expect(at.told.at(-1)).toBe("Ended undefined");
    await at.network.run(40_000);
    expect(at.bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
    expect(at.engine.open).toBe(0);
  });

  test("the second may ring for minutes: the first is acknowledged at once", async () => {
    const at = await stage("page", "desk");
    const alices = taking(at.alice);
    const bobs = taking(at.bob, () => {});
    at.connect();
    await at.network.run(100_000);
    expect([names(alices), names(bobs)]).toEqual([["Established"], ["Incoming"]]);
    await at.network.until(bobs[0]?.answer() ?? Promise.reject(new Error("nobody rings")));
    await at.network.run(3000);
    expect(at.told.at(-1)).toBe("Talking");
  });

  test("a second who is busy ends the first, with the reason in words", async () => {
    const at = await stage("page", "desk");
    const alices = taking(at.alice);
    taking(at.bob, (call) => call.decline(486));
    at.connect();
    await at.network.run(5000);
    expect(alices[0]?.state).toMatchObject({ name: "Ended" });
    expect(at.ladder({ keepAlives: false })).toContain("BYE");
    expect(at.told.at(-1)).toBe("Ended 486");
  });

  test("a first who does not want to is told of, and nobody calls the second", async () => {
    const at = await stage("page", "desk");
    taking(at.alice, (call) => call.decline());
    const bobs = taking(at.bob);
    at.connect();
    await at.network.run(5000);
    expect(at.told).toContain("Ended 603");
    expect(bobs).toEqual([]);
  });

  test("a first who hangs up while the second rings has it ring no longer", async () => {
    const at = await stage("page", "desk");
    const alices = taking(at.alice);
    const bobs = taking(at.bob, () => {});
    at.connect();
    await at.network.run(3000);
    alices[0]?.hangUp();
    await at.network.run(3000);
    expect(names(bobs)).toEqual(["Ended"]);
    expect(at.told.at(-1)).toBe("Ended undefined");
  });

  test("whoever asked for it takes it back at any time", async () => {
    const at = await stage("page", "desk");
    const [alices, bobs] = [taking(at.alice), taking(at.bob)];
    const call = at.connect();
    await at.network.run(5000);
    at.inTurn(() => call.end());
    await at.network.run(3000);
    expect([names(alices), names(bobs)]).toEqual([["Ended"], ["Ended"]]);
  });

  test("A25: nobody is called by rights that they do not have", async () => {
    const at = await stage("page", "desk");
    const alices = taking(at.alice);
    at.connect({ second: "sip:+900123@gw.example" });
    await at.network.run(5000);
    expect(names(alices)).toEqual(["Ended"]);
    expect(at.told.at(-1)).toBe("Ended 403");
  });

  test("what is no address is the caller's mistake", async () => {
    const at = await stage("page", "desk");
    at.inTurn(() => {
      expect(() => at.bridge.connect({ first: "bob", second: "x", account: "alice" })).toThrow(
        RangeError,
      );
    });
    await at.network.run(10);
    expect(at.bridge.census().calls).toBe(0);
  });
});
