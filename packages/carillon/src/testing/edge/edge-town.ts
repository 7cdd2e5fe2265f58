/** Three devices of two people at the edge of a network: each behind a box of its own, or none. */
import type { Millis } from "../../grammar/millis.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { hear } from "../../ua/replay.ts";
import { type House, type HouseWay, house } from "../house.ts";
import type { Dependence, PortRule } from "../network/nat.ts";
import type { BoxParams } from "../network/realm.ts";
import type { Weather } from "../network/weather.ts";
import type { Host, Nat } from "../network.ts";

/** A device, and all calls that it has rung for. */
export interface EdgeDevice {
  readonly name: string;
  readonly person: string;
  readonly phone: Phone;
  readonly host: Host;
  /** The box in front of it; undefined on the open internet. */
  readonly nat: Nat | undefined;
  readonly ways: readonly EdgeWay[];
  /** In words: where it lives. */
  readonly lives: string;
  readonly rung: Call[];
}

export type EdgeWay = Exclude<HouseWay, "direct">;

/** One of each for a single flow, and what is mixed for two. */
const WAYS: readonly (readonly EdgeWay[])[] = [
  ["udp"],
  ["tcp"],
  ["ws"],
  ["ws", "tcp"],
  ["udp", "ws"],
  ["tcp", "udp"],
];
const DEPENDENCE: readonly Dependence[] = [
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
];
const PORTS: readonly PortRule[] = ["in-turn", "preserving", "overloading"];
/** RFC 5626 §4.4.2 has pings every 24 to 29 s for boxes that forget after half a minute. */
const TIMEOUTS_MS: readonly Millis[] = [35_000, 60_000, 120_000, 300_000];
/** RFC 5382 REQ-5 wants the longest; what is kept open without pings ends by itself in 300 s. */
const TCP_TIMEOUTS_MS: readonly Millis[] = [400_000, 600_000, 7_440_000];

const FAIR: Weather = { delayMs: 10 };
const WEATHERS: readonly Weather[] = [
  FAIR,
  { delayMs: 40, jitterMs: 30 },
  { delayMs: 20, jitterMs: 60, loss: 0.03, duplication: 0.02 },
];

const INSTANCES: Readonly<Record<string, string>> = {
  alice: "urn:uuid:f81d4fae-7dec-11d0-a765-0000000a11ce",
  bob: "urn:uuid:f81d4fae-7dec-11d0-a765-000000000b0b",
  "bob-2": "urn:uuid:f81d4fae-7dec-11d0-a765-00000000b0b2",
};

export class EdgeTown {
  readonly home: House;
  readonly devices: readonly EdgeDevice[];
  /** In words. */
  readonly weather: string;

  /** Every kind of box comes up with the seeds; `random` draws the rest. */
  constructor(seed: number, random: () => number) {
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const weather = pick(WEATHERS);
    this.weather = JSON.stringify(weather);
    this.home = house({ seed, ...weather });
    this.devices = ["alice", "bob", "bob-2"].map((name, nth) => {
      // The kinds of RFC 4787 in turn, so that so many seeds have each of them beside each.
      const kind = kindOf(seed + nth * 7);
      const nat = kind ? this.#box(nth, kind, pick, random) : undefined;
      const ways = pick(WAYS);
      return this.#device(name, ways, nat);
    });
  }

  others(one: EdgeDevice): readonly EdgeDevice[] {
    return this.devices.filter(({ person }) => person !== one.person);
  }

  #box(
    nth: number,
    kind: Pick<BoxParams, "mapping" | "filtering">,
    pick: <T>(all: readonly T[]) => T,
    random: () => number,
  ): Nat {
    const params = {
      ...kind,
      ports: pick(PORTS),
      hairpinning: random() < 0.5,
      timeoutMs: pick(TIMEOUTS_MS),
      tcpTimeoutMs: pick(TCP_TIMEOUTS_MS),
      inboundRefreshes: random() < 0.5,
    };
    const host = `192.0.2.${101 + nth}`;
    if (random() > 0.1) return this.home.network.nat({ ...params, host });
    // Behind a provider's box.
    const outer = this.home.network.nat({ ...params, host });
    return outer.nat({ ...params, host: `100.64.0.${1 + nth}` });
  }

  #device(name: string, ways: readonly EdgeWay[], nat: Nat | undefined): EdgeDevice {
    const [person = ""] = name.split("-");
    const instance = INSTANCES[name] ?? "";
    const phone = this.home.phone(person, ways[0] ?? "udp", {
      ...{ instance, ways, flows: ways.length },
      ...(nat && { behind: nat }),
    });
    const rung: Call[] = [];
    void hear(phone.calls(), (call) => void rung.push(call));
    const host = this.home.hostOf(phone);
    const lives = `${name} over ${ways.join(" and ")}, ${nat ? boxWords(nat) : "no NAT"}`;
    return { name, person, phone, host, nat, ways, lives, rung };
  }
}

/** The nine kinds of RFC 4787, and none at all. */
function kindOf(nth: number): Pick<BoxParams, "mapping" | "filtering"> | undefined {
  const kind = nth % 10;
  const [mapping, filtering] = [DEPENDENCE[Math.floor(kind / 3)], DEPENDENCE[kind % 3]];
  return mapping && filtering && { mapping, filtering };
}

function boxWords({ box }: Nat): string {
  const { mapping, filtering, ports, timeoutMs, tcpTimeoutMs = 0, inboundRefreshes } = box.params;
  const refresh = inboundRefreshes ? "in and out" : "out";
  return `mapping ${mapping}, filtering ${filtering}, ports ${ports}, ${timeoutMs / 1000} s (TCP ${
    tcpTimeoutMs / 1000
  } s), kept by ${refresh}`;
}
