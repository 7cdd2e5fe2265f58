import { describe, expect, test } from "vitest";
import { type House, house } from "../testing/house.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { Call } from "./call.ts";
import type { CallState } from "./call-state.ts";
import type { Phone } from "./phone.ts";
import * as transferring from "./transferring.ts";

interface Talk {
  readonly home: House;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly from: Call;
  readonly to: Call;
  /** What was asked of media of alice's, in order. */
  readonly asked: string[];
  readonly states: { readonly from: CallState["name"][]; readonly to: CallState["name"][] };
}

/** Two pages in a call. */
async function talking(home = house(), way: "ws" | "udp" = "ws"): Promise<Talk> {
  const asked: string[] = [];
  const media = () => {
    const silent = silentMedia();
    return {
      ...silent,
      offer: () => {
        asked.push("offer");
        return silent.offer();
      },
      restart: async () => void asked.push("restart"),
    };
  };
  const alice = await home.signedIn("alice", way, { media });
  const bob = await home.signedIn("bob", way);
  const { from, to } = await home.talk(alice, bob);
  await home.network.run(1000);
  asked.length = 0;
  home.ladder();
  return { home, alice, bob, from, to, asked, states: { from: seen(from), to: seen(to) } };
}

function seen(call: Call): CallState["name"][] {
  const names: CallState["name"][] = [];
  void (async () => {
    for await (const { name } of call.states()) names.push(name);
  })();
  return names;
}

const until = async (home: House, call: Call, name: CallState["name"], ms = 60_000) => {
  const reached = async () => {
    for await (const state of call.states()) if (state.name === name) return state;
    return undefined;
  };
  return home.network.until(reached(), ms);
};

/** Either side ends it, the other hears so, and nothing of it is left. */
async function endsWell(talk: Talk, by: "from" | "to" = "from"): Promise<void> {
  const { home, alice, bob, from, to } = talk;
  const [one, other] = by === "from" ? [from, to] : [to, from];
  one.hangUp();
  expect(await home.network.until(other.ended, 5000)).toMatchObject({ code: "SIP_HUNG_UP" });
  await home.network.run(40_000);
  for (const { endpoint } of [home.hostOf(alice), home.hostOf(bob), home.server]) {
    expect(endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  }
}

describe("a call whose connection to the server breaks", () => {
  test("goes on over the next one, with a re-INVITE that has media find their way", async () => {
    const talk = await talking();
    const { home, alice, from, to, asked, states } = talk;
    home.hostOf(alice).disconnect();
    const broken = await until(home, from, "Reconnecting", 1000);
    expect(broken).toMatchObject({ why: "The connection to the server is gone." });
    await until(home, from, "Established", 3000);
    await home.network.run(5000);
    expect(asked).toEqual(["restart", "offer"]);
    expect(states.from).toEqual(["Established", "Reconnecting", "Established"]);
    expect(states.to).toEqual(["Established"]);
    expect(from.state).toMatchObject({ sinceMs: expect.any(Number) });
    expect(to.state.name).toBe("Established");
    await endsWell(talk);
  });

  test("can be ended by either side afterwards, over the new one", async () => {
    for (const by of ["from", "to"] as const) {
      for (const broken of ["alice", "bob", "both"] as const) {
        const talk = await talking();
        const { home, alice, bob, from, to } = talk;
        if (broken !== "bob") home.hostOf(alice).disconnect();
        if (broken !== "alice") home.hostOf(bob).disconnect();
        await home.network.run(8000);
        expect([from.state.name, to.state.name], `${by} ${broken}`).toEqual([
          "Established",
          "Established",
        ]);
        await endsWell(talk, by);
      }
    }
  });

  test("outlives a server that is killed for ten seconds and knows nothing any more", async () => {
    const talk = await talking();
    const { home, from, to, asked } = talk;
    home.server.stop();
    await home.network.run(10_000);
    expect([from.state.name, to.state.name]).toEqual(["Reconnecting", "Reconnecting"]);
    home.restart();
    const back = home.network.now;
    await until(home, from, "Established");
    await until(home, to, "Established");
    expect(home.network.now - back).toBeLessThan(3000);
    await home.network.run(5000);
    expect(asked).toContain("restart");
    await home.network.until(from.hold(), 10_000);
    expect(to.state).toMatchObject({ held: "ByThem" });
    await endsWell(talk, "to");
  });

  test("is hung up here at once, and there as soon as that can be said", async () => {
    const { home, alice, from, to } = await talking();
    home.hostOf(alice).disconnect();
    await until(home, from, "Reconnecting", 1000);
    from.hangUp();
    expect(from.state.name).toBe("Ended");
    expect(to.state.name).toBe("Established");
    expect(await home.network.until(to.ended, 5000)).toMatchObject({ code: "SIP_HUNG_UP" });
  });

  test("is given up on both sides when there is no way for two minutes", async () => {
    const { home, from, to } = await talking();
    home.server.stop();
    const began = home.network.now;
    const end = await home.network.until(from.ended, 200_000);
    expect(end).toEqual({
      by: "network",
      code: "SIP_TRANSPORT",
      message: "The connection did not come back in time.",
    });
    expect(home.network.now - began).toBeCloseTo(120_000, -3);
    await home.network.until(to.ended, 5000);
  });

  test("is held when it comes back, if it was to be held meanwhile", async () => {
    const { home, alice, from, to } = await talking();
    home.hostOf(alice).disconnect();
    await until(home, from, "Reconnecting", 1000);
    await home.network.until(from.hold(), 5000);
    expect(from.state).toMatchObject({ name: "Established", held: "ByUs" });
    expect(to.state).toMatchObject({ name: "Established", held: "ByThem" });
  });

  test.each(["ws", "udp"] as const)(
    "goes on when this side has another address, over %s",
    async (way) => {
      for (const who of ["alice", "bob"] as const) {
        const talk = await talking(house(), way);
        const { home, from, to } = talk;
        const phone = talk[who];
        const address = { host: "203.0.113.99", port: 5060 };
        home.network.move(home.hostOf(phone), address);
        phone.networkChanged([address.host]);
        await home.network.run(3000);
        const states = talk.states[who === "alice" ? "from" : "to"];
        expect(states).toEqual(["Established", "Reconnecting", "Established"]);
        expect([from.state.name, to.state.name]).toEqual(["Established", "Established"]);
        await endsWell(talk, who === "alice" ? "to" : "from");
      }
    },
  );

  test("is cut off within eight seconds when nothing gets through, and comes back", async () => {
    const { home, states, from } = await talking();
    await home.network.run(10_000);
    const cut = home.network.partitions.split(["alice"], ["server"]);
    await home.network.run(8000);
    expect(from.state.name).toBe("Reconnecting");
    cut.heal();
    await home.network.run(5000);
    expect(states.from).toEqual(["Established", "Reconnecting", "Established"]);
  });

  test("is left alone when another address of the machine has changed", async () => {
    const { home, alice, states } = await talking(house(), "udp");
    alice.networkChanged([home.hostOf(alice).address.host, "10.9.9.9"]);
    await home.network.run(10_000);
    expect(states.from).toEqual(["Established"]);
  });
});

describe("a page that is loaded anew in mid-call", () => {
  test("comes back into it by what it stored, whoever had called", async () => {
    for (const who of ["alice", "bob"] as const) {
      const talk = await talking();
      const { home, from, to } = talk;
      const [mine, theirs] = who === "alice" ? [from, to] : [to, from];
      const other = who === "alice" ? talk.bob : talk.alice;
      const stored = JSON.stringify(mine.saved);
      // Its connection ends, and it says nothing more.
      home.hostOf(talk[who]).close();
      await home.network.run(2000);
      expect(theirs.state.name).toBe("Established");
      const coming = other.calls().next();
      const page = await home.signedIn(who, "ws");
      const call = transferring.resume(page, JSON.parse(stored));
      const { value: instead } = await home.network.until(coming, 3000);
      await home.network.until(call.answered, 3000);
      expect(await home.network.until(theirs.ended, 1000)).toMatchObject({
        by: expect.any(String),
      });
      expect(instead.state.name).toBe("Established");
      call.hangUp();
      await home.network.until(instead.ended, 3000);
    }
  });

  test("is told when the call is over meanwhile", async () => {
    const { home, alice, from, to } = await talking();
    const { saved } = from;
    home.hostOf(alice).close();
    to.hangUp();
    await home.network.run(2000);
    const page = await home.signedIn("alice", "ws");
    if (!saved) throw new Error("there is nothing to come back to");
    expect(await home.network.until(transferring.resume(page, saved).ended, 5000)).toMatchObject({
      status: 481,
    });
  });
});
