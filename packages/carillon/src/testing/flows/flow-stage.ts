/** Where flows are played: a house, what its people do there, and a look at what is left. */
import { type Bridging, bridging } from "../../b2bua/bridging.ts";
import type { Admission } from "../../endpoint/overload/admission.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { partsOf } from "../../ua/phone-parts.ts";
import { SipError } from "../../ua/sip-error.ts";
import { type House, type HouseOptions, house, type PhoneChanges } from "../house.ts";
import type { Host, Network } from "../network.ts";
import { type PlainEngine, plainEngine } from "../plain-engine.ts";

/** Who can call and be called: a phone, or a desk. */
export interface Party {
  readonly aor: string;
  call(target: string): Call;
  calls(): AsyncIterableIterator<Call>;
}

/** The caller's end of a call, then that of each device. */
type Ringing<T extends readonly Party[]> = readonly [Call, ...{ readonly [K in keyof T]: Call }];

type Way = Parameters<House["phone"]>[1];

/** Names and passwords; at `park`, `music` and `news` are phones that nobody talks at. */
const PEOPLE = {
  ...{ alice: "a secret", bob: "b secret", carol: "c secret", fred: "f secret" },
  ...{ park: "p secret", music: "m secret", news: "n secret", gateway: "g secret" },
};
/** Virtual time in which anything at all has happened: several transactions one after the other. */
const PATIENCE_MS = 550_000;
/**
 * After it nothing of a call that was given up is under way any more: not its transactions (64*T1),
 * and not the ringing of a phone whose every word was lost, which must not be sent a CANCEL
 * (RFC 3261 §9.1) and stops at the INVITE's Expires.
 */
const OVER_MS = 220_000;
/** As often as people try again before they take it for broken. */
const MAX_TRIES = 5;

/** What its house is like, and whether that has a bridge. */
export interface FlowStageOptions extends HouseOptions {
  readonly isBridged?: boolean;
}

export class FlowStage {
  readonly home: House;
  /** Where its bridge has media, if it has one. */
  readonly engine: PlainEngine | undefined;
  readonly bridge: Bridging | undefined;
  /** What stands before its server, if something does. */
  readonly admission: Admission | undefined;
  /** Every call of everybody. */
  readonly calls: Call[] = [];
  /** Hosts that are looked at in the end, with how many timers may be running there. */
  readonly watched: Map<Host, number> = new Map();
  /** What went over the wire before this is not part of the story. */
  curtain = 0;
  /** Times that somebody tried again, because a transaction had run out of time. */
  again = 0;

  constructor({ isBridged = false, ...options }: FlowStageOptions) {
    const engine = isBridged ? plainEngine() : undefined;
    const bridge = engine && bridging({ engine });
    [this.engine, this.bridge, this.admission] = [engine, bridge, options.admission];
    const more = bridge && { bridging: () => bridge };
    this.home = house({ people: PEOPLE, ...options, ...more });
    // When the next binding expires.
    this.watched.set(this.home.server, 1);
  }

  get network(): Network {
    return this.home.network;
  }

  /** The story begins here. */
  begin(): void {
    this.curtain = this.network.sights.length;
  }

  phone(user: string, way: Way = "udp", changes: PhoneChanges = {}): Phone {
    const phone = this.home.phone(user, way, changes);
    // When to register again, and when to see whether the flow is alive: a page's connection, and
    // that of a device with a name, which the server keeps by RFC 5626.
    const isKept = way === "ws" || changes.instance !== undefined;
    this.watched.set(this.home.hostOf(phone), isKept ? 2 : 1);
    partsOf(phone).watchCalls((call) => this.keep(call));
    return phone;
  }

  /** A phone that the server knows; it tries by itself until it does. */
  async signedIn(user: string, way: Way = "udp", changes: PhoneChanges = {}): Promise<Phone> {
    const phone = this.phone(user, way, changes);
    await this.registered(phone);
    return phone;
  }

  async registered(phone: Phone): Promise<void> {
    phone.register().catch(() => {});
    await this.network.until(becomes(phone, "Registered"), PATIENCE_MS);
  }

  keep(call: Call): Call {
    if (!this.calls.includes(call)) this.calls.push(call);
    return call;
  }

  /** Calls somebody until there is an end that is not silence, and returns that call. */
  async refused(call: () => Call): Promise<Call> {
    return await this.#until(async () => {
      const from = this.keep(call());
      const { code } = await this.network.until(from.ended, PATIENCE_MS);
      return code === "SIP_TIMEOUT" ? undefined : from;
    });
  }

  /** Calls somebody until all of these devices ring. */
  async ring<T extends readonly Party[]>(caller: Party, ...callees: T): Promise<Ringing<T>> {
    return await this.#until(async () => {
      const inboxes = callees.map((callee) => callee.calls());
      const from = this.keep(caller.call(callees[0]?.aor ?? ""));
      const coming = inboxes.map(async (calls) => {
        const next = await calls.next();
        return next.done ? undefined : this.keep(next.value);
      });
      const ended = from.ended.then(() => undefined);
      const all = await this.network.until(Promise.race([Promise.all(coming), ended]), PATIENCE_MS);
      for (const inbox of inboxes) void inbox.return?.();
      return all && ([from, ...all] as unknown as Ringing<T>);
    });
  }

  /** The same, until the caller hears it: who has heard nothing cannot take the call back. */
  async ringHeard<T extends readonly Party[]>(caller: Party, ...callees: T): Promise<Ringing<T>> {
    return await this.#until(async () => {
      const calls = await this.ring(caller, ...callees);
      await this.network.until(isHeard(calls[0]), PATIENCE_MS);
      return calls[0].state.name === "Ringing" ? calls : undefined;
    });
  }

  /** The same, and the first of them answers: all ends, once those two know that they talk. */
  async talk<T extends readonly Party[]>(caller: Party, ...callees: T): Promise<Ringing<T>> {
    return await this.#until(async () => {
      const calls = await this.ring(caller, ...callees);
      await this.network.run(1500);
      const [from, to] = calls;
      return to && (await this.#isAnswered(from, to)) ? calls : undefined;
    });
  }

  /** Whether both know that they talk. If one never heard of it, the call is given up. */
  async #isAnswered(from: Call, to: Call): Promise<boolean> {
    const both = Promise.allSettled([to.answer(), from.answered]);
    const answers = await this.network.until(both, PATIENCE_MS);
    if (answers.every(({ status }) => status === "fulfilled")) return true;
    for (const call of [from, to]) call.hangUp();
    return false;
  }

  /**
   * The call that comes to somebody because of what `begin` does. Rejects as its result does, if it
   * does so before.
   */
  async comes(callee: Party, begin: () => Promise<unknown> | undefined): Promise<Call> {
    const calls = callee.calls();
    const failed = new Promise<never>((_, reject) => void begin()?.catch(reject));
    try {
      const { value } = await this.patiently(Promise.race([calls.next(), failed]));
      return this.keep(value);
    } finally {
      void calls.return?.();
    }
  }

  /** The same, who then answers a little later. */
  async answers(callee: Party, begin: () => Promise<unknown> | undefined): Promise<Call> {
    const call = await this.comes(callee, begin);
    await this.network.run(1500);
    await this.patiently(call.answer());
    return call;
  }

  /**
   * Tells a story of several calls. Where the weather cut it short, because a transaction ran out
   * of time, all that is left of it is hung up, and it is told from its beginning.
   */
  async scene(tell: () => Promise<readonly string[]>): Promise<readonly string[]> {
    return await this.#until(async () => {
      const before = this.calls.length;
      const [told] = await Promise.allSettled([tell()]);
      const calls = this.calls.slice(before);
      const isCutShort = told.status === "rejected" && isSilence(told.reason);
      if (!isCutShort && !calls.some(endedInSilence)) {
        if (told.status === "rejected") throw told.reason;
        return told.value;
      }
      for (const call of calls) call.hangUp();
      return undefined;
    });
  }

  /** Waits for it for as long as anything can take. */
  patiently<T>(promise: Promise<T>): Promise<T> {
    return this.network.until(promise, PATIENCE_MS);
  }

  /** One hangs up, and the other hears of it. */
  async hangUp(by: Call, other: Call): Promise<void> {
    by.hangUp();
    await this.network.until(other.ended, PATIENCE_MS);
  }

  /** Waits until all transactions are over; what then is still there, in words. */
  async left(): Promise<readonly string[]> {
    const end = this.network.now + PATIENCE_MS;
    let left = this.#left();
    while (left.length > 0 && this.network.now < end) {
      await this.network.run(5000);
      left = this.#left();
    }
    return left;
  }

  #left(): readonly string[] {
    const calls = this.calls
      .filter(({ state }) => state.name !== "Ended")
      .map(({ direction, state }) => `a call, ${direction}, ${state.name}`);
    const hosts = [...this.watched].flatMap(([{ name, endpoint }, maxTimers]) => {
      const { servers, clients, timers } = endpoint.census();
      const isQuiet = servers + clients === 0 && timers <= maxTimers;
      return isQuiet ? [] : [`${name}: ${servers} servers, ${clients} clients, ${timers} timers`];
    });
    return [...calls, ...hosts];
  }

  //= RFC 3261 §17.1.1.2
  //# If the client transaction is still in the "Calling" state when timer B fires, the client
  //# transaction SHOULD inform the TU that a timeout has occurred.
  /** Loss can outlast every retransmission; a person then tries again, a little later. */
  async #until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const result = await attempt();
      if (result !== undefined) return result;
      this.again++;
      await this.network.run(OVER_MS);
    }
    throw new Error(`nothing came of it, ${MAX_TRIES} times`);
  }
}

/** Resolves when a phone is in this state. */
export async function becomes(phone: Phone, name: Phone["state"]["name"]): Promise<void> {
  for await (const state of phone.states()) if (state.name === name) return;
}

/** Resolves when it rings for the caller, or is over. */
export async function isHeard(call: Call): Promise<void> {
  for await (const { name } of call.states()) if (name === "Ringing") return;
}

/** `alice: SIP_HUNG_UP by local` */
export const endOf = (who: string, { state }: Call): string =>
  state.name === "Ended" ? `${who}: ${state.end.code} by ${state.end.by}` : `${who}: ${state.name}`;

const isSilence = (cause: unknown) => cause instanceof SipError && cause.code === "SIP_TIMEOUT";

const endedInSilence = ({ state }: Call) =>
  state.name === "Ended" && state.end.code === "SIP_TIMEOUT";
