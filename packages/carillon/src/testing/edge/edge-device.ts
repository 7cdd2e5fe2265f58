/** A device at the edge of a network, which may sleep until a push wakes it. */
import type { Millis } from "../../grammar/millis.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { hear } from "../../ua/replay.ts";
import { mayRest, sleepable, woken } from "../../ua/sleepable.ts";
import type { HouseWay } from "../house.ts";
import type { Cut } from "../network/partitions.ts";
import type { Host, Nat, Network } from "../network.ts";

export type EdgeWay = Exclude<HouseWay, "direct">;

/**
 * `page`: known by web push, and awake as long as its connection is there. `app`: may sleep behind
 * one, and is woken for every call. `wired` never sleeps.
 */
export type Kind = "wired" | "page" | "app";

/**
 * `closed`: its program has ended, and a push starts another one. `frozen`: it is suspended in the
 * middle of whatever it did and its radio is off, nobody is told, and it goes on from there.
 */
export type Sleep = "closed" | "frozen";

/** A phone that has just been made, on its host. */
export interface Made {
  readonly phone: Phone;
  readonly host: Host;
  readonly nat: Nat | undefined;
}

/** What stays the same about a device. */
export interface DeviceParts {
  readonly name: string;
  readonly person: string;
  /** `urn:uuid:…`: the same for all programs that run on it. */
  readonly instance: string;
  readonly kind: Kind;
  readonly ways: readonly EdgeWay[];
  /** For how long it registers, where it can be woken. */
  readonly expiresSeconds: number;
  readonly network: Network;
  /** In [0, 1). */
  readonly random: () => number;
  /** Its program starts, perhaps in another network than before. */
  readonly make: () => Made;
}

export class EdgeDevice {
  readonly parts: DeviceParts;
  /** All calls that it has rung for, whatever program of it. */
  readonly rung: Call[] = [];
  #made: Made;
  #sleep: Sleep | undefined;
  #air: Cut | undefined;
  /** Counts what was done to it, so that nobody dozes off who has been opened meanwhile. */
  #turn = 0;
  readonly #blips = new Set<Call>();
  #nights = 0;

  constructor(parts: DeviceParts) {
    this.parts = parts;
    this.#made = this.#start();
  }

  get name(): string {
    return this.parts.name;
  }

  get person(): string {
    return this.parts.person;
  }

  get ways(): readonly EdgeWay[] {
    return this.parts.ways;
  }

  get phone(): Phone {
    return this.#made.phone;
  }

  get host(): Host {
    return this.#made.host;
  }

  /** The box in front of it; undefined on the open internet. */
  get nat(): Nat | undefined {
    return this.#made.nat;
  }

  /** How often it fell asleep. */
  get nights(): number {
    return this.#nights;
  }

  get isAsleep(): boolean {
    return this.#sleep !== undefined;
  }

  /** What its push service knows it by. */
  get prid(): string {
    return `https://push.example/${this.name}?x=1;2`;
  }

  fallAsleep(how: Sleep): void {
    this.#turn++;
    this.#nights++;
    this.#sleep = how;
    const { host } = this.#made;
    if (how === "closed") return host.close();
    this.#air = this.parts.network.partitions.split([host.name], "*");
    host.sleep();
  }

  /** Its owner opens it. */
  open(): void {
    this.#turn++;
    this.#wake();
  }

  /**
   * A push has come: it registers, and what does not turn out to be a call lets it sleep again a
   * little later. Undefined where it was awake; else how it had slept.
   */
  push(): Sleep | undefined {
    const slept = this.#sleep;
    const { network, random } = this.parts;
    if (!slept) {
      // A page that is open has its connection; its worker leaves it alone.
      if (this.parts.kind === "app") woken(this.phone);
      return undefined;
    }
    const turn = ++this.#turn;
    this.#wake();
    network.after(8000 + random() * 20_000, () => this.#doze(turn, slept));
    return slept;
  }

  #doze(turn: number, how: Sleep): void {
    if (turn !== this.#turn || this.isAsleep) return;
    if (mayRest(this.phone)) return this.fallAsleep(how);
    this.parts.network.after(10_000, () => this.#doze(turn, how));
  }

  #wake(): void {
    const slept = this.#sleep;
    this.#sleep = undefined;
    if (slept === "closed") {
      this.#made = this.#start();
      this.phone.register().catch(() => {});
    }
    if (slept !== "frozen") return;
    this.#air?.heal();
    this.host.wakeUp();
    woken(this.phone);
  }

  #start(): Made {
    const { kind, expiresSeconds, make } = this.parts;
    const made = make();
    if (kind !== "wired") {
      const provider = kind === "page" ? "webpush" : "fcm";
      const push = { provider, prid: this.prid, ...(kind === "app" && { param: "town" }) };
      sleepable(made.phone, push, { expiresSeconds });
    }
    void hear(made.phone.calls(), (call) => this.#ring(call));
    return made;
  }

  #ring(call: Call): void {
    const { network } = this.parts;
    const at = network.now;
    this.rung.push(call);
    void call.ended.then(() => {
      if (network.now - at < BLIP_MS) this.#blips.add(call);
    });
  }

  /** Whether it had rung for a moment only, when it was over. */
  isBlip(call: Call): boolean {
    return this.#blips.has(call);
  }
}

/** Two ways there and back through the worst weather of the town. */
const BLIP_MS: Millis = 600;

/** How long a program takes to start, or to come back to itself. */
export const startMs = (random: () => number): Millis => 200 + random() * 2000;
