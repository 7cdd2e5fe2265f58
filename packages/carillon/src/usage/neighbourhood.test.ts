import { describe, expect, test } from "vitest";
import * as announcement from "./announcement.ts";
import { type DnsSdRecord, type Presence, recordsOf } from "./dns-sd.ts";
import * as machine from "./neighbourhood.ts";
import { printValue } from "./picture.ts";

const P: machine.Params = { own: () => "me._sip._udp.local" };

const BOB: Presence = {
  ...{ name: "Bob", user: "bob", status: "online", host: "b-1.local", port: 5062 },
  addresses: ["192.0.2.7", "2001:db8::7"],
};

class Link {
  state: machine.State;
  outputs: readonly machine.Output[];
  now = 0;

  constructor() {
    [this.state, ...this.outputs] = machine.start(P, 0);
  }

  step(input: machine.Input): readonly machine.Output[] {
    [this.state, ...this.outputs] = machine.step(P, this.state, input, this.now);
    return this.outputs;
  }

  heard(records: readonly DnsSdRecord[]): readonly string[] {
    return this.step({ kind: "Heard", records }).map((one) =>
      one.kind === "Ask" ? "Ask" : `${one.kind} ${one.neighbour.name} ${one.neighbour.status}`,
    );
  }

  /** Lets time pass; what came of it. */
  wait(ms: number): readonly string[] {
    const until = this.now + ms;
    const all: string[] = [];
    for (let at = machine.deadline(this.state); at <= until; at = machine.deadline(this.state)) {
      this.now = at;
      all.push(...this.step({ kind: "Tick" }).map(({ kind }) => kind));
    }
    this.now = until;
    return all;
  }
}

describe("who is on the link", () => {
  test("is asked for at once, and again more and more rarely", () => {
    const link = new Link();
    expect(link.outputs).toEqual([{ kind: "Ask" }]);
    expect(link.wait(10_000)).toHaveLength(3);
    expect(link.wait(3_600_000).length).toBeLessThan(12);
  });

  test("is found by what it says, with where it is called and how its owner is", () => {
    const link = new Link();
    expect(link.heard(recordsOf(BOB))).toEqual(["Found Bob online"]);
    expect(machine.neighbours(link.state)).toEqual([
      { name: "Bob", user: "bob", status: "online", uri: "sip:bob@192.0.2.7:5062" },
    ]);
    expect(link.heard(recordsOf(BOB))).toEqual([]);
    expect(link.heard(recordsOf({ ...BOB, status: "busy" }))).toEqual(["Changed Bob busy"]);
    const moved = { ...BOB, addresses: ["2001:db8::8"] };
    expect(link.heard(recordsOf(moved))).toEqual(["Changed Bob online"]);
    expect(machine.neighbours(link.state)[0]?.uri).toBe("sip:bob@[2001:db8::8]:5062");
  });

  test("is found whatever the order in which it comes, and not before all is there", () => {
    const records = recordsOf(BOB);
    for (let first = 0; first < records.length; first++) {
      const link = new Link();
      const told = [...records.slice(first), ...records.slice(0, first)].flatMap((one) =>
        link.heard([one]),
      );
      expect(told.filter((one) => one.startsWith("Found"))).toHaveLength(1);
      expect(machine.neighbourCalled(link.state, "bob")?.uri).toContain(":5062");
    }
  });

  test("is gone a second after it says goodbye, and when it is silent for three minutes", () => {
    const link = new Link();
    link.heard(recordsOf(BOB));
    link.heard(recordsOf(BOB, true));
    expect(link.wait(999).includes("Gone")).toBe(false);
    expect(link.wait(2)).toContain("Gone");
    link.heard(recordsOf(BOB));
    expect(link.wait(179_000).includes("Gone")).toBe(false);
    link.heard(recordsOf(BOB));
    expect(link.wait(179_000).includes("Gone")).toBe(false);
    expect(link.wait(2000)).toContain("Gone");
    expect(machine.neighbours(link.state)).toEqual([]);
  });

  test("is called by a word: a user part, a name, or how a name begins if no other does", () => {
    const link = new Link();
    const more = ["Bobby", "Carol"].map((name) => ({ ...BOB, name, user: name.toLowerCase() }));
    for (const one of [BOB, ...more]) link.heard(recordsOf(one));
    const called = (word: string) => machine.neighbourCalled(link.state, word)?.name;
    expect([called("bob"), called("BOBBY"), called("ca"), called("b"), called("x")]).toEqual([
      ...["Bob", "Bobby", "Carol", undefined, undefined],
    ]);
  });

  test("is not oneself, nor another service, and no flood of names is kept", () => {
    const link = new Link();
    expect(link.heard(recordsOf({ ...BOB, name: "Me" }))).toEqual([]);
    expect(
      link.heard([{ type: "PTR", name: "_ipp._tcp.local", target: "x._ipp._tcp.local", ttl: 9 }]),
    ).toEqual([]);
    for (let i = 0; i < 1000; i++) {
      link.heard(recordsOf({ ...BOB, name: `n${i}`, host: `h${i}.local` }));
    }
    expect(machine.neighbours(link.state).length).toBeLessThanOrEqual(200);
    expect(link.state.name === "Browsing" && link.state.addresses.size).toBeLessThanOrEqual(200);
  });

  test("what a user part cannot hold is escaped, and a link-local address cannot be called", () => {
    const link = new Link();
    link.heard(recordsOf({ ...BOB, user: "b o@b", addresses: ["fe80::1", "192.0.2.9"] }));
    expect(machine.neighbours(link.state)[0]?.uri).toBe("sip:b%20o%40b@192.0.2.9:5062");
  });
});

/** What an announcer says to each input in turn. */
function told(inputs: readonly (readonly [at: number, input: announcement.Input])[]): string[] {
  let [state, ...first] = announcement.start({ label: "Alice" }, 0);
  const lines = [[printValue(state), ...first.map(printValue)].join(" | ")];
  for (const [at, input] of inputs) {
    const [next, ...outputs] = announcement.step({ label: "Alice" }, state, input, at);
    state = next;
    lines.push([printValue(state), ...outputs.map(printValue)].join(" | "));
  }
  return lines;
}

const tick = { kind: "Tick" } as const;

describe("a phone that announces itself", () => {
  test("RFC 6762 §8 asks three times whether its name is free, then twice says it is", () => {
    expect(
      told([
        [250, tick],
        [500, tick],
        [750, tick],
        [1750, tick],
        [81_750, tick],
      ]),
    ).toEqual([
      "Probing (label Alice, sent 1, Probe 250) | Probe (label Alice)",
      "Probing (label Alice, sent 2, Probe 500) | Probe (label Alice)",
      "Probing (label Alice, sent 3, Probe 750) | Probe (label Alice)",
      "Announcing (label Alice, sent 1, Again 1750) | Say (label Alice)",
      "Present (label Alice, Refresh 81750) | Say (label Alice)",
      "Present (label Alice, Refresh 161750) | Say (label Alice)",
    ]);
  });

  test("RFC 6762 §9 takes another name where somebody has it", () => {
    const conflict = { kind: "Conflict", label: "alice" } as const;
    const other = { kind: "Conflict", label: "Alice (2)" } as const;
    const lines = told([
      [10, conflict],
      [20, conflict],
      [30, other],
    ]);
    expect(lines.slice(1)).toEqual([
      "Probing (label Alice (2), sent 1, Probe 260) | Probe (label Alice (2))",
      "Probing (label Alice (2), sent 1, Probe 260)",
      "Probing (label Alice (3), sent 1, Probe 280) | Probe (label Alice (3))",
    ]);
  });

  test("RFC 6762 §10.1 answers who asks, says what has changed, and goodbye", () => {
    const there: [number, announcement.Input][] = [
      [250, tick],
      [500, tick],
      [750, tick],
      [1750, tick],
    ];
    const lines = told([
      ...there,
      [2000, { kind: "Asked" }],
      [3000, { kind: "Changed" }],
      [3500, { kind: "Leave" }],
      [3600, { kind: "Asked" }],
    ]);
    expect(lines.slice(-4)).toEqual([
      "Present (label Alice, Refresh 81750) | Say (label Alice)",
      "Announcing (label Alice, sent 1, Again 4000) | Say (label Alice)",
      "Terminated | SayGoodbye (label Alice)",
      "Terminated",
    ]);
  });
});
