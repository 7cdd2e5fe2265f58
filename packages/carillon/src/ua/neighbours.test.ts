import { describe, expect, test } from "vitest";
import type { DnsSdRecord } from "../usage/dns-sd.ts";
import { type MulticastLink, Neighbours, type Self } from "./neighbours.ts";

interface Member {
  wakeAt: number;
  neighbours: Neighbours | undefined;
  isOff: boolean;
}

/** A link on which everybody hears everything, themselves too, a millisecond later. */
class Link {
  now = 0;
  readonly #members: Member[] = [];
  readonly #packets: (() => void)[] = [];
  /** How many packets went over it. */
  count = 0;

  join(name: string, self: Partial<Self> = {}) {
    const nth = this.#members.length + 1;
    const told: { -readonly [K in keyof Self]: Self[K] } = {
      ...{ user: name.toLowerCase(), status: "online", host: `h${nth}.local`, port: 5060 },
      addresses: [`192.0.2.${nth}`],
      ...self,
    };
    const member: Member = {
      wakeAt: Number.POSITIVE_INFINITY,
      neighbours: undefined,
      isOff: false,
    };
    this.#members.push(member);
    const all = (run: (one: Neighbours) => void) => {
      this.count++;
      this.#packets.push(() => {
        for (const { neighbours, isOff } of this.#members)
          if (neighbours && !isOff) run(neighbours);
      });
    };
    const link: MulticastLink = {
      now: () => this.now,
      wakeAt(at) {
        member.wakeAt = at;
      },
      say: (records: readonly DnsSdRecord[]) => all((one) => one.heard(records)),
      ask: (asked) => all((one) => one.asked([asked])),
    };
    const neighbours = new Neighbours({ name, self: () => told }, link);
    member.neighbours = neighbours;
    const off = () => {
      member.isOff = true;
    };
    return { neighbours, told, off };
  }

  run(ms: number): void {
    for (const until = this.now + ms; this.now < until; this.now++) {
      for (const packet of this.#packets.splice(0)) packet();
      for (const { wakeAt, neighbours, isOff } of this.#members) {
        if (wakeAt <= this.now && !isOff) neighbours?.tick();
      }
    }
  }
}

const seen = ({ neighbours }: { neighbours: Neighbours }) =>
  neighbours.list().map(({ name, status, uri }) => `${name} ${status} ${uri}`);

describe("phones on one link", () => {
  test("find each other within three seconds, whoever came first", () => {
    const link = new Link();
    const alice = link.join("Alice");
    link.run(20_000);
    const bob = link.join("Bob");
    link.run(3000);
    expect(seen(alice)).toEqual(["Bob online sip:bob@192.0.2.2:5060"]);
    expect(seen(bob)).toEqual(["Alice online sip:alice@192.0.2.1:5060"]);
    expect(alice.neighbours.called("bob")?.uri).toBe("sip:bob@192.0.2.2:5060");
  });

  test("hear of a status, an address and a goodbye", async () => {
    const link = new Link();
    const [alice, bob] = [link.join("Alice"), link.join("Bob")];
    const heard: string[] = [];
    void (async () => {
      for await (const { kind, neighbour } of alice.neighbours.changes()) {
        heard.push(`${kind} ${neighbour.status} ${neighbour.uri}`);
      }
    })();
    link.run(3000);
    bob.told.status = "busy";
    bob.neighbours.changed();
    link.run(100);
    bob.told.addresses = ["192.0.2.77"];
    bob.neighbours.changed();
    link.run(100);
    bob.neighbours.leave();
    link.run(1500);
    await Promise.resolve();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(heard).toEqual([
      "Found online sip:bob@192.0.2.2:5060",
      "Changed busy sip:bob@192.0.2.2:5060",
      "Changed busy sip:bob@192.0.2.77:5060",
      "Gone busy sip:bob@192.0.2.77:5060",
    ]);
    expect(seen(alice)).toEqual([]);
  });

  test("are gone three minutes after they vanished without a word", () => {
    const link = new Link();
    const [alice, bob] = [link.join("Alice"), link.join("Bob")];
    link.run(3000);
    bob.off();
    link.run(90_000);
    expect(seen(alice)).toHaveLength(1);
    link.run(100_000);
    expect(seen(alice)).toEqual([]);
  });

  test("of the same name are told apart, and each keeps the other", () => {
    const link = new Link();
    const first = link.join("Alice");
    link.run(5000);
    const second = link.join("Alice");
    link.run(5000);
    expect([first.neighbours.name, second.neighbours.name]).toEqual(["Alice", "Alice (2)"]);
    expect(seen(first)).toEqual(["Alice (2) online sip:alice@192.0.2.2:5060"]);
    expect(seen(second)).toEqual(["Alice online sip:alice@192.0.2.1:5060"]);
  });

  test("say little: under three packets a minute each, once they know each other", () => {
    const link = new Link();
    link.join("Alice");
    link.join("Bob");
    link.run(60_000);
    const before = link.count;
    link.run(600_000);
    expect(link.count - before).toBeLessThan(60);
  });
});
