/**
 * Phones behind every kind of box that RFC 4787 knows, which sign in, call and are called while
 * their flows break, boxes forget them, the server starts anew, and they sleep. What the RFCs let
 * live has to: who has a flow or is woken is reached, each device rings once, a call that is up at
 * both ends stays up at both, and either side ends it with its BYE. Who cannot be reached because
 * no push came is missed in words and in time. In the end nothing is left behind.
 */
import { TCP_PATIENCE_MS } from "../../endpoint/large-request.ts";
import type { Millis } from "../../grammar/millis.ts";
import { SILENT_MS } from "../../roles/wake-doubt.ts";
import type { Call } from "../../ua/call.ts";
import { seeded } from "../random.ts";
import type { EdgeDevice, Sleep } from "./edge-device.ts";
import { EdgeTown, lifeOf, type Pushed } from "./edge-town.ts";

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
/**
 * Then its caller hears that a phone was not reached: TCP is tried for a second where the INVITE is
 * large, two more are silence, a phone is waited for for 30, and messages are lost on the way.
 */
const TOLD_MS: Millis = TCP_PATIENCE_MS + SILENT_MS + 30_000 + 1000;
/** A BYE that is repeated until nobody hears it any more. */
const PARTING_MS: Millis = 45_000;

/** What goes wrong, while nobody talks as in a call. */
const TROUBLES = ["nothing", "quiet", "rebinding", "broken", "restart", "outage", "cut"] as const;
type Trouble = (typeof TROUBLES)[number];
/** The same, while somebody sleeps: nobody heals what nobody feels. */
const NIGHTMARES: readonly Trouble[] = ["rebinding", "restart", "outage", "cut"];
const SLEEPS: readonly Sleep[] = ["closed", "frozen"];
/** For how long somebody has slept when they are called: seconds, minutes, an hour. */
const NIGHTS_MS: readonly Millis[] = [15_000, 300_000, 3_600_000];

export interface EdgeOptions {
  /** Nobody is woken: calls are lost then, or this story shows nothing. */
  readonly isWakeOff?: boolean;
}

/** Plays it. The same seed is the same story, to the last octet. */
export async function playEdge(seed: number, options: EdgeOptions = {}): Promise<EdgeOutcome> {
  return await new EdgeStory(seed, options).play();
}

class EdgeStory {
  readonly town: EdgeTown;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #wrong: string[] = [];
  readonly #story: string[] = [];
  readonly #met: string[] = [];
  #calls = 0;

  constructor(seed: number, { isWakeOff = false }: EdgeOptions) {
    this.#seed = seed;
    this.#random = seeded(seed ^ 0xed6e);
    this.town = new EdgeTown(seed, this.#random, {
      isWakeOff,
      woken: (device, how) => {
        this.#story.push(`${this.#time()} a push is at ${device.name} (${how})`);
        this.#met.push(`a push came: ${how}`);
        if (how !== "awake") this.#live(device);
      },
    });
    this.#story.push(...this.town.devices.map(lifeOf), this.town.weather);
    for (const device of this.town.devices) this.#live(device);
  }

  #live({ nat, ways, parts: { kind } }: EdgeDevice): void {
    const { mapping, filtering } = nat?.box.params ?? {};
    const box = nat ? `${mapping} ${filtering}` : "no NAT";
    this.#met.push(box, ways.join(" and "), kind);
  }

  async play(): Promise<EdgeOutcome> {
    const { home } = this.town;
    for (const { phone } of this.town.devices) phone.register().catch(() => {});
    await this.#allRegistered("at first");
    await this.#earlyRebinding();
    for (let chapter = 0; chapter < CHAPTERS && this.#wrong.length === 0; chapter++) {
      home.ladder();
      await this.#trouble("between calls");
      await this.#allRegistered("after that");
      await this.#bedtime();
      if (this.#wrong.length === 0) await this.#call();
      this.#morning();
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

  /** A box is restarted within seconds of a REGISTER. */
  async #earlyRebinding(): Promise<void> {
    const { nat, name } = this.#oneOf(this.town.devices);
    if (!nat || this.#random() < 0.5) return;
    await this.town.home.network.run(this.#random() * 20_000);
    this.#met.push("rebinding soon after REGISTER");
    this.#story.push(`${this.#time()} soon after it registered: rebinding (${name})`);
    nat.box.rebind();
    await this.town.home.network.run(HEALING_MS);
    await this.#allRegistered("after its box was restarted");
    await this.#call();
  }

  async #trouble(when: string): Promise<void> {
    const { network } = this.town.home;
    const trouble = this.#oneOf(TROUBLES);
    const device = this.#oneOf(this.town.devices);
    this.#met.push(`${trouble} ${when}`);
    this.#story.push(`${this.#time()} ${when}: ${trouble} (${device.name})`);
    await this.#befall(trouble, device);
    await network.run(HEALING_MS);
  }

  async #befall(trouble: Trouble, { host, nat }: EdgeDevice): Promise<void> {
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
        const cut = network.partitions.split([host.name], "*");
        await network.run(this.#random() * 15_000);
        return cut.heal();
      }
    }
  }

  // ---- sleep -----------------------------------------------------------------------------------

  /** Some fall asleep, for seconds or for an hour, and something may happen meanwhile. */
  async #bedtime(): Promise<void> {
    const { network } = this.town.home;
    for (const one of this.town.devices) {
      if (one.parts.kind === "wired" || one.isAsleep || this.#random() < 0.3) continue;
      const how = this.#oneOf(SLEEPS);
      this.#met.push(`fell asleep: ${how}`);
      this.#story.push(`${this.#time()} ${one.name} falls asleep: ${how}`);
      one.fallAsleep(how);
    }
    const sleepers = this.town.devices.filter(({ isAsleep }) => isAsleep);
    if (sleepers.length === 0) return;
    await network.run(this.#random() * this.#oneOf(NIGHTS_MS));
    if (this.#random() < 0.3) {
      const trouble = this.#oneOf(NIGHTMARES);
      const device = this.#oneOf(sleepers);
      this.#met.push(`${trouble} in its sleep`);
      this.#story.push(`${this.#time()} in its sleep: ${trouble} (${device.name})`);
      await this.#befall(trouble, device);
      await network.run(HEALING_MS);
      await this.#allRegistered("after that night");
    }
  }

  /** Half of those who still sleep are opened by their owners. */
  #morning(): void {
    for (const one of this.town.devices) {
      if (!one.isAsleep || this.#random() < 0.5) continue;
      this.#story.push(`${this.#time()} ${one.name} is opened`);
      one.open();
    }
  }

  /** Why nobody can have this device ring now, whatever they do: undefined where it has to. */
  #excuse(one: EdgeDevice, { bound, since }: Dialled): string | undefined {
    const own = this.town.pushes
      .slice(since)
      .filter(({ asked: { push, why } }) => push.prid === one.prid && why.kind === "Request");
    if (own.length > 0) return own.every(isOfNoUse) ? `push ${own.at(-1)?.fate}` : undefined;
    return one.isAsleep && !bound.has(one.name) ? "its binding has expired" : undefined;
  }

  // ---- calls -----------------------------------------------------------------------------------

  /** One calls the other's person, somebody answers, they talk through some trouble, and part. */
  async #call(): Promise<void> {
    const caller = this.#oneOf(this.town.devices);
    if (caller.isAsleep) this.#story.push(`${this.#time()} ${caller.name} is opened, to call`);
    // Nor does it doze off, if a push had woken it.
    caller.open();
    await this.#allRegistered("once it is opened");
    const callees = this.town.others(caller);
    this.#calls++;
    let dialled = await this.#dialled(caller, callees);
    // Its own flow had died unnoticed: nobody has heard of it, it is told at once, and calls again.
    if (hadNoWay(dialled.call) && callees.every((one) => ringsOf(one, dialled).length === 0)) {
      await this.town.home.network.run(HEALING_MS);
      dialled = await this.#dialled(caller, callees);
    }
    const from = dialled.call;
    for (const one of callees) {
      const rings = ringsOf(one, dialled).length;
      const excuse = rings === 0 ? this.#excuse(one, dialled) : undefined;
      if (excuse) this.#met.push(`not woken: ${excuse}`);
      else if (rings !== 1) this.#complain(`${one.name} rang ${rings} times: ${stateOf(from)}`);
      else if (dialled.slept.has(one.name)) this.#met.push("a call that was held arrived");
    }
    if (this.#wrong.length > 0) return from.hangUp();
    const answering = callees.filter((one) => ringsOf(one, dialled).length > 0);
    if (answering.length === 0) return await this.#missed(dialled);
    await this.town.home.network.run(300 + this.#random() * 3000);
    await this.#answered(dialled, this.#oneOf(answering));
    for (const one of callees) {
      const all = ringsOf(one, dialled);
      // A copy that came late, over a flow that had slept, is taken back as soon as it rings.
      const own = all.filter((call, nth) => nth === 0 || !one.isBlip(call));
      if (own.length < all.length) this.#met.push("a late copy was taken back at once");
      if (own.length > 1) this.#complain(`${one.name} rang ${own.length} times for one call`);
      for (const call of own) {
        if (!isOver(call)) this.#complain(`${one.name} still has a call: ${stateOf(call)}`);
      }
    }
  }

  async #answered(dialled: Dialled, answering: EdgeDevice): Promise<void> {
    const { call: from } = dialled;
    const [to] = ringsOf(answering, dialled);
    if (!to) return;
    to.answer().catch((cause) => this.#complain(`${answering.name} cannot answer: ${cause}`));
    await this.#until(RINGING_MS, () => isUp(from) && isUp(to));
    if (!isUp(from) || !isUp(to)) return this.#complain(`not up: ${stateOf(from)}, ${stateOf(to)}`);
    await this.#talk(from, to);
  }

  /** No push was of any use: whoever calls hears so, in words and before they give up. */
  async #missed({ call, at, over }: Dialled): Promise<void> {
    await this.#until(RINGING_MS, () => isOver(call));
    const { state } = call;
    const tookMs = over.at - at;
    if (state.name !== "Ended") return this.#complain(`nobody is told: ${stateOf(call)}`);
    const { status, message } = state.end;
    this.#story.push(`${this.#time()} the caller hears: ${status} ${message}`);
    if (tookMs > TOLD_MS) this.#complain(`they are told after ${tookMs} ms`);
    if (status !== 480 || !message.includes(" ")) this.#complain(`told: ${status} ${message}`);
    this.#met.push("the caller was told that nobody woke");
  }

  /** A call, as soon as it has rung wherever it has to, or is over. */
  async #dialled(caller: EdgeDevice, callees: readonly EdgeDevice[]): Promise<Dialled> {
    const { home, pushes } = this.town;
    const { now } = home.network;
    const aor = callees[0]?.phone.aor ?? "";
    this.#story.push(`${this.#time()} ${caller.name} calls ${aor}`);
    const known = home.location.bindings(callees[0]?.person ?? "", now);
    const isBound = ({ parts }: EdgeDevice): boolean =>
      known.some(({ instance }) => instance === `<${parts.instance}>`);
    const dialled: Dialled = {
      ...{ call: caller.phone.call(aor), at: now, over: { at: now }, since: pushes.length },
      before: new Map(callees.map(({ name, rung }) => [name, rung.length])),
      bound: new Set(callees.filter(isBound).map(({ name }) => name)),
      slept: new Set(callees.filter(({ isAsleep }) => isAsleep).map(({ name }) => name)),
    };
    const { call, over } = dialled;
    call.answered.catch(() => {});
    void call.ended.then(() => (over.at = home.network.now));
    const isSettled = (one: EdgeDevice): boolean =>
      ringsOf(one, dialled).length > 0 || this.#excuse(one, dialled) !== undefined;
    await this.#until(RINGING_MS, () => callees.every(isSettled) || isOver(call));
    // Whom no push of this call has woken, one of before may wake all the same.
    const isRinging = () => callees.some((one) => ringsOf(one, dialled).length > 0);
    await this.#until(RINGING_MS, () => isRinging() || isOver(call));
    return dialled;
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
      this.town.devices.filter(
        ({ phone, isAsleep }) =>
          !isAsleep && phone.flows().some(({ state }) => state.name !== "Registered"),
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
    for (const one of devices) one.open();
    await this.#allRegistered("at the end");
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
    const connected = devices.filter(({ ways }) => ways.join() !== "udp");
    const forgotten = connected.reduce((sum, { nat, nights }) => sum + (nat ? 1 : 0) + nights, 0);
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

/** A call on its way, and how the world was when it was made. */
interface Dialled {
  readonly call: Call;
  readonly at: Millis;
  /** When it ended, once it has. */
  readonly over: { at: Millis };
  /** Pushes before it. */
  readonly since: number;
  /** Calls before it, by device. */
  readonly before: ReadonlyMap<string, number>;
  /** Those of whom the server knew. */
  readonly bound: ReadonlySet<string>;
  readonly slept: ReadonlySet<string>;
}

const ringsOf = ({ name, rung }: EdgeDevice, { before }: Dialled): readonly Call[] =>
  rung.slice(before.get(name));

const isOfNoUse = ({ fate }: Pushed): boolean =>
  fate === "Lost" || fate === "TooLate" || fate === "Refused";

/** Where the network's clock begins. */
const START_MS = 1_000_000_000_000;

const isUp = ({ state }: Call): boolean => state.name === "Established";
const isOver = ({ state }: Call): boolean => state.name === "Ended";
/** It did not get as far as the server. */
const hadNoWay = ({ state }: Call): boolean =>
  state.name === "Ended" && (state.end.code === "SIP_TRANSPORT" || state.end.status === 503);
function stateOf({ state }: Call): string {
  return state.name === "Ended" ? `Ended (${state.end.code})` : state.name;
}
