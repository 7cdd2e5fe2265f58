/**
 * Three devices of two people at the edge of a network: each behind a box of its own, or none; and
 * a push service that wakes those that sleep.
 */
import type { Millis } from "../../grammar/millis.ts";
import type { WakeAsked } from "../../roles/wake.ts";
import { type House, house } from "../house.ts";
import type { Dependence, PortRule } from "../network/nat.ts";
import type { BoxParams } from "../network/realm.ts";
import type { Weather } from "../network/weather.ts";
import type { Nat } from "../network.ts";
import { EdgeDevice, type EdgeWay, type Kind, startMs } from "./edge-device.ts";
import { EdgePush, type Fate } from "./edge-push.ts";

/** A push that the server wanted sent, and what became of it. */
export interface Pushed {
  readonly asked: WakeAsked;
  readonly fate: Fate;
}

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

/** Half of all devices sleep, and of these more are apps than pages. */
const KINDS: readonly Kind[] = ["wired", "wired", "wired", "page", "app", "app"];
/** RFC 8599 §5.5 has a phone woken before its binding ends: with the shorter ones that happens. */
const EXPIRES_SECONDS: readonly number[] = [200, 900, 2_592_000];
/** In what share of its starts a device that slept is in another network than before. */
const MOVED = 0.2;

/** What a town is told beside its seed. */
export interface TownOptions {
  /** Whether nobody is woken, to see what is lost then. */
  readonly isWakeOff: boolean;
  /** Hears of each push that has come to a device, and how that had slept, if it had. */
  readonly woken: (device: EdgeDevice, what: string) => void;
}

export class EdgeTown {
  readonly home: House;
  readonly devices: readonly EdgeDevice[];
  /** Every push that the server wanted sent, in order. */
  readonly pushes: Pushed[] = [];
  /** In words. */
  readonly weather: string;

  readonly #random: () => number;
  #boxes = 0;

  /** Every kind of box comes up with the seeds; `random` draws the rest. */
  constructor(seed: number, random: () => number, { isWakeOff, woken }: TownOptions) {
    this.#random = random;
    const weather = this.#pick(WEATHERS);
    this.weather = JSON.stringify(weather);
    const push = new EdgePush(
      {
        random,
        after: (ms, run) => this.home.network.after(ms, run),
        inTurn: (run) => this.home.server.call(run),
        asked: (asked, fate) => void this.pushes.push({ asked, fate }),
        arrived: (prid) => {
          const device = this.devices.find((one) => one.prid === prid);
          this.home.network.after(startMs(random), () => {
            const slept = device?.push();
            if (device) woken(device, slept ?? "awake");
          });
        },
      },
      isWakeOff,
    );
    this.home = house({ seed, ...weather, wake: push });
    this.devices = ["alice", "bob", "bob-2"].map((name, nth) => {
      // The kinds of RFC 4787 in turn, so that so many seeds have each of them beside each.
      const kind = kindOf(seed + nth * 7);
      return this.#device(name, kind ? this.#box(kind) : undefined);
    });
  }

  others(one: EdgeDevice): readonly EdgeDevice[] {
    return this.devices.filter(({ person }) => person !== one.person);
  }

  #box(kind: Pick<BoxParams, "mapping" | "filtering">): Nat {
    const random = this.#random;
    const params = {
      ...kind,
      ports: this.#pick(PORTS),
      hairpinning: random() < 0.5,
      timeoutMs: this.#pick(TIMEOUTS_MS),
      tcpTimeoutMs: this.#pick(TCP_TIMEOUTS_MS),
      inboundRefreshes: random() < 0.5,
    };
    const nth = ++this.#boxes;
    const host = `192.0.2.${100 + nth}`;
    if (random() > 0.1) return this.home.network.nat({ ...params, host });
    // Behind a provider's box.
    const outer = this.home.network.nat({ ...params, host });
    return outer.nat({ ...params, host: `100.64.0.${nth}` });
  }

  #device(name: string, first: Nat | undefined): EdgeDevice {
    const random = this.#random;
    const kind = this.#pick(KINDS);
    const ways: readonly EdgeWay[] = kind === "page" ? ["ws"] : this.#pick(WAYS);
    const [person = ""] = name.split("-");
    const instance = INSTANCES[name] ?? "";
    let nat = first;
    let starts = 0;
    return new EdgeDevice({
      ...{ name, person, instance, kind, ways, random, network: this.home.network },
      expiresSeconds: this.#pick(EXPIRES_SECONDS),
      make: () => {
        if (starts++ > 0 && random() < MOVED) {
          const other = kindOf(Math.floor(random() * 10));
          nat = other && this.#box(other);
        }
        const phone = this.home.phone(person, ways[0] ?? "udp", {
          ...{ instance, ways, flows: ways.length },
          ...(nat && { behind: nat }),
        });
        return { phone, nat, host: this.home.hostOf(phone) };
      },
    });
  }

  #pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }
}

/** In words: where it lives, and how it sleeps. */
export function lifeOf({ name, ways, nat, parts: { kind, expiresSeconds } }: EdgeDevice): string {
  const sleeps = kind === "wired" ? "" : `, ${kind} that registers for ${expiresSeconds} s`;
  return `${name} over ${ways.join(" and ")}${sleeps}, ${nat ? boxWords(nat) : "no NAT"}`;
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
