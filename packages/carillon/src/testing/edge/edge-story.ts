/**
 * Phones behind every kind of box that RFC 4787 knows, which sign in, call and are called while
 * their flows break, boxes forget them and the server starts anew. What the RFCs let live has to:
 * who has a flow is reached, each device rings once, a call that is up at both ends stays up at
 * both, and either side ends it with its BYE. In the end nothing is left behind.
 */
import type { Millis } from "../../grammar/millis.ts";
import type { Call } from "../../ua/call.ts";
import { seeded } from "../random.ts";
import { type EdgeDevice, EdgeTown } from "./edge-town.ts";

/** What was done, and what is wrong afterwards. */
export interface EdgeOutcome {
  /** Plays the same again. */
  readonly seed: number;
  /** In words; empty if all is well. */
  readonly wrong: readonly string[];
  /** Who lived where, and what happened to them, a line each. */
  readonly story: readonly string[];
  /** Calls that were made. */
  readonly calls: number;
  /** How often each kind of trouble came, and each kind of box was there. */
  readonly met: readonly string[];
  /** What went over the wire since the chapter began in which something went wrong. */
  readonly ladder: string;
  /** All of it that went over the wire: the same for the same seed. */
  readonly trace: () => string;
}

const CHAPTERS = 3;
/** Over a connection a ping is due within two minutes, its pong in ten seconds: RFC 5626 §4.4.1. */
const HEALING_MS: Millis = 150_000;
/** RFC 5626 §4.5 has waits of up to half an hour; after so few failures it is minutes. */
const PATIENCE_MS: Millis = 900_000;
/** Longer than an INVITE is repeated over a flow that is dead, and then over the next one. */
const RINGING_MS: Millis = 90_000;
/** A BYE that is repeated until nobody hears it any more. */
const PARTING_MS: Millis = 45_000;

/** What goes wrong, while nobody talks as in a call. */
const TROUBLES = ["nothing", "quiet", "rebinding", "broken", "restart", "outage", "cut"] as const;
type Trouble = (typeof TROUBLES)[number];

/** Plays it. The same seed is the same story, to the last octet. */
export async function playEdge(seed: number): Promise<EdgeOutcome> {
  return await new EdgeStory(seed).play();
}

class EdgeStory {
  readonly town: EdgeTown;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #wrong: string[] = [];
  readonly #story: string[] = [];
  readonly #met: string[] = [];
  #calls = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seeded(seed ^ 0xed6e);
    this.town = new EdgeTown(seed, this.#random);
    this.#story.push(...this.town.devices.map(({ lives }) => lives), this.town.weather);
    for (const { nat, ways } of this.town.devices) {
      const { mapping, filtering } = nat?.box.params ?? {};
      this.#met.push(nat ? `${mapping} ${filtering}` : "no NAT", ways.join(" and "));
    }
  }

  async play(): Promise<EdgeOutcome> {
    const { home } = this.town;
    for (const { phone } of this.town.devices) phone.register().catch(() => {});
    await this.#allRegistered("at first");
    // By then each flow over UDP has asked once where its box has it appear: a box that rebinds
    // before is noticed only when the registration is refreshed.
    await home.network.run(30_000);
    for (let chapter = 0; chapter < CHAPTERS && this.#wrong.length === 0; chapter++) {
      home.ladder();
      await this.#trouble("between calls");
      await this.#allRegistered("after that");
      if (this.#wrong.length === 0) await this.#call();
    }
    await this.#end();
    const isWell = this.#wrong.length === 0;
    return {
      ...{ seed: this.#seed, wrong: this.#wrong, story: this.#story, calls: this.#calls },
      ...{ met: this.#met, ladder: isWell ? "" : home.ladder({ keepAlives: false }) },
      trace: () => JSON.stringify(home.network.sights),
    };
  }

  // ---- what goes wrong -------------------------------------------------------------------------

  async #trouble(when: string): Promise<void> {
    const { network } = this.town.home;
    const trouble = this.#oneOf(TROUBLES);
    const device = this.#oneOf(this.town.devices);
    this.#met.push(`${trouble} ${when}`);
    this.#story.push(`${this.#time()} ${when}: ${trouble} (${device.name})`);
    await this.#befall(trouble, device);
    await network.run(HEALING_MS);
  }

  async #befall(trouble: Trouble, { host, nat, name }: EdgeDevice): Promise<void> {
    const { home } = this.town;
    const { network } = home;
    switch (trouble) {
      case "nothing":
        return;
      case "quiet":
        return await network.run(60_000 + this.#random() * 1_200_000);
      case "rebinding":
        return nat?.box.rebind();
      case "broken":
        return host.disconnect();
      case "restart":
        return home.restart();
      case "outage":
        home.server.stop();
        await network.run(this.#random() * 20_000);
        return home.restart();
      case "cut": {
        const cut = network.partitions.split([name], "*");
        await network.run(this.#random() * 15_000);
        return cut.heal();
      }
    }
  }

  // ---- calls -----------------------------------------------------------------------------------

  /** One calls the other's person, somebody answers, they talk through some trouble, and part. */
  async #call(): Promise<void> {
    const caller = this.#oneOf(this.town.devices);
    const callees = this.town.others(caller);
    this.#calls++;
    let before: readonly number[] = [];
    let from = await this.#dialled(caller, callees, (rung) => (before = rung));
    // Its own flow had died unnoticed: nobody has heard of it, it is told at once, and calls again.
    if (
      codeOf(from) === "SIP_TRANSPORT" &&
      callees.every((one, i) => one.rung.length === before[i])
    ) {
      await this.town.home.network.run(HEALING_MS);
      from = await this.#dialled(caller, callees, (rung) => (before = rung));
    }
    for (const [i, { name, rung }] of callees.entries()) {
      const rings = rung.length - (before[i] ?? 0);
      if (rings !== 1) this.#complain(`${name} rang ${rings} times: ${stateOf(from)}`);
    }
    if (this.#wrong.length > 0) return from.hangUp();
    await this.town.home.network.run(300 + this.#random() * 3000);
    const answering = this.#oneOf(callees);
    const to = answering.rung.at(-1);
    if (!to) return;
    to.answer().catch((cause) => this.#complain(`${answering.name} cannot answer: ${cause}`));
    await this.#until(RINGING_MS, () => isUp(from) && isUp(to));
    if (!isUp(from) || !isUp(to)) return this.#complain(`not up: ${stateOf(from)}, ${stateOf(to)}`);
    await this.#talk(from, to);
    for (const [i, { name, rung }] of callees.entries()) {
      const own = rung.slice(before[i]);
      if (own.length !== 1) this.#complain(`${name} rang ${own.length} times for one call`);
      for (const one of own) {
        if (one.state.name !== "Ended") this.#complain(`${name} still has a call: ${stateOf(one)}`);
      }
    }
  }

  /** A call, as soon as it has rung wherever it has to, or is over. */
  async #dialled(
    caller: EdgeDevice,
    callees: readonly EdgeDevice[],
    told: (rung: readonly number[]) => void,
  ): Promise<Call> {
    const aor = callees[0]?.phone.aor ?? "";
    this.#story.push(`${this.#time()} ${caller.name} calls ${aor}`);
    const before = callees.map(({ rung }) => rung.length);
    told(before);
    const call = caller.phone.call(aor);
    call.answered.catch(() => {});
    const isRinging = () => callees.every(({ rung }, i) => rung.length > (before[i] ?? 0));
    await this.#until(RINGING_MS, () => isRinging() || isOver(call));
    return call;
  }

  async #talk(from: Call, to: Call): Promise<void> {
    const { network } = this.town.home;
    await network.run(this.#random() * 5000);
    await this.#trouble("in a call");
    await this.#until(PATIENCE_MS, () => isUp(from) && isUp(to));
    if (!isUp(from) || !isUp(to)) {
      return this.#complain(`the call did not stay up: ${stateOf(from)}, ${stateOf(to)}`);
    }
    if (this.#random() < 0.4) await this.#hold(this.#oneOf([from, to]));
    const [one, other] = this.#random() < 0.5 ? [from, to] : [to, from];
    this.#story.push(`${this.#time()} ${one === from ? "the caller" : "the callee"} hangs up`);
    one.hangUp();
    await this.#until(PARTING_MS, () => isOver(one) && isOver(other));
    if (!isOver(one) || !isOver(other)) {
      this.#complain(`the BYE did not end it: ${stateOf(from)}, ${stateOf(to)}`);
    }
  }

  async #hold(one: Call): Promise<void> {
    const { network } = this.town.home;
    this.#story.push(`${this.#time()} hold, and back`);
    let isDone = false;
    const whole = one.hold().then(() => one.resume());
    whole.then(
      () => (isDone = true),
      (cause) => this.#complain(`cannot hold: ${cause}`),
    );
    await this.#until(RINGING_MS, () => isDone || this.#wrong.length > 0);
    if (!isDone) this.#complain(`holding came to nothing: ${stateOf(one)}`);
    await network.run(1000);
  }

  // ---- what is to hold -------------------------------------------------------------------------

  async #allRegistered(when: string): Promise<void> {
    const open = () =>
      this.town.devices.filter(({ phone }) =>
        phone.flows().some(({ state }) => state.name !== "Registered"),
      );
    await this.#until(PATIENCE_MS, () => open().length === 0);
    for (const { name, phone } of open()) {
      const flows = phone.flows().map(({ regId, state }) => `${regId} ${state.name}`);
      this.#complain(`${name} is not registered ${when}: ${flows.join(", ")}`);
    }
  }

  /** Everybody signs off, and everything has time to end. */
  async #end(): Promise<void> {
    const { home, devices } = this.town;
    const { network } = home;
    // What somebody was in is over within Timer B, and Timer C's time is long past.
    await network.run(200_000);
    // Who registers anew just then has something to do.
    const isBusy = ({ host }: EdgeDevice): boolean => {
      const { servers, clients } = host.endpoint.census();
      return servers + clients > 0;
    };
    await this.#until(PARTING_MS, () => !devices.some(isBusy));
    for (const one of devices.filter(isBusy)) {
      this.#leftBehind(one.name, one.host.endpoint.census());
    }
    const closing = Promise.all(devices.map(({ phone }) => phone.close()));
    await network.until(closing, 120_000).catch(() => this.#complain("somebody cannot sign off"));
    await network.run(300_000);
    const { servers, clients, connections, timers } = home.server.endpoint.census();
    // A connection that a box has forgotten is the kernel's to find: `setKeepAlive` of the drivers.
    const forgotten = devices.filter(({ nat, ways }) => nat && ways.join() !== "udp").length;
    // One timer looks after what has expired.
    if (servers + clients > 0 || connections > 2 * forgotten || timers > 1) {
      this.#leftBehind("server", { servers, clients, connections, timers });
    }
  }

  #leftBehind(at: string, what: object): void {
    this.#complain(`left behind at ${at}: ${JSON.stringify(what)}`);
  }

  // ---- small things ----------------------------------------------------------------------------

  /** Looks every quarter of a second, as long as there is something to wait for. */
  async #until(ms: Millis, isSo: () => boolean): Promise<void> {
    const { network } = this.town.home;
    const end = network.now + ms;
    let step = 250;
    while (!isSo() && network.now < end) {
      await network.run(step);
      step = Math.min(step * 1.2, 5000);
    }
  }

  #complain(what: string): void {
    this.#wrong.push(`${this.#time()} ${what}`);
  }

  #time(): string {
    return `${((this.town.home.network.now - START_MS) / 1000).toFixed(1)} s`;
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }
}

/** Where the network's clock begins. */
const START_MS = 1_000_000_000_000;

const isUp = ({ state }: Call): boolean => state.name === "Established";
const isOver = ({ state }: Call): boolean => state.name === "Ended";
const codeOf = ({ state }: Call): string => (state.name === "Ended" ? state.end.code : "");
function stateOf({ state }: Call): string {
  return state.name === "Ended" ? `Ended (${state.end.code})` : state.name;
}
