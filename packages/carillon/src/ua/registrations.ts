/** All flows of a phone to its servers as one thing: how the phone stands. RFC 5626 §4.2. */
import type { Octets } from "../grammar/octets.ts";
import type { Flow } from "../transport/flow.ts";
import type { Agent } from "./agent.ts";
import type { FlowState, PhoneState } from "./phone-state.ts";
import { CHANGED, Registration } from "./registration.ts";
import type { ServerWay } from "./server-way.ts";

export interface RegistrationsOptions {
  /** The servers, the preferred one first. Without any there is nothing to register at. */
  readonly ways: readonly ServerWay[];
  /** How many flows there are to be at a time; as many as there are servers at most. */
  readonly flows: number;
}

export class Registrations {
  readonly #agent: Agent;
  readonly #all: readonly Registration[];
  readonly #changed: (state: PhoneState) => void;
  #told: PhoneState;

  constructor(
    agent: Agent,
    { ways, flows }: RegistrationsOptions,
    changed: (state: PhoneState) => void,
  ) {
    this.#agent = agent;
    this.#changed = changed;
    this.#told = ways.length === 0 ? { name: "Listening" } : { name: "Offline" };
    const count = Math.max(ways.length === 0 ? 0 : 1, Math.min(flows, ways.length));
    //= RFC 5626 §4.2.1
    //# A UAC conforming to this specification MUST include in the Contact header field, a "reg-id"
    //# parameter that is distinct from other "reg-id" parameters used in other registrations that
    //# use the same "+sip.instance" Contact header field parameter and AOR.
    //= RFC 5626 §4.2.1
    //# However, a UA MUST support sets with at least two outbound proxy URIs and SHOULD support
    //# sets with up to four URIs.
    this.#all = Array.from({ length: count }, (_, nth) => this.#make(ways, nth, count));
  }

  #make(ways: readonly ServerWay[], nth: number, count: number): Registration {
    // Each has a server of its own, and all share those that nobody has.
    const own = ways.slice(nth, nth + 1);
    //= RFC 5626 §4.2.1
    //# The sequence of reg-id values does not have to be sequential but MUST be exactly the same
    //# sequence of reg-id values each time the UA instance power cycles or reboots, so that the
    //# reg-id values will collide with the previously used reg-id values.
    //= RFC 5627 §4.1
    //# If a UA instance is trying to register multiple contacts for the same instance for the
    //# purposes of redundancy, it MUST use the procedures defined in RFC 5626 [14].
    const options = { ways: [...own, ...ways.slice(count)], regId: nth + 1 };
    const others = () => this.#all.filter((_, at) => at !== nth);
    return new Registration(this.#agent, options, {
      changed: () => this.#tell(),
      registered: () => this.#agent.back(),
      hasOther: () => count > 1 && others().some(({ state }) => state.name === "Registered"),
    });
  }

  get state(): PhoneState {
    return this.#told;
  }

  get flows(): readonly FlowState[] {
    return this.#all.map(({ regId, server, state }) => ({ regId, server, state }));
  }

  start(): void {
    for (const one of this.#all) one.start();
  }

  /** `left` is called once, when all of them are over. */
  stop(left: () => void): void {
    let open = this.#all.length;
    if (open === 0) return left();
    for (const one of this.#all) {
      one.stop(() => {
        if (--open === 0) left();
      });
    }
  }

  /** Whether this connection was asked for here. */
  opened(flow: Flow, dial: number): boolean {
    return this.#all.some((one) => one.opened(flow, dial));
  }

  notOpened(dial: number): void {
    for (const one of this.#all) one.notOpened(dial);
  }

  cutOff(flow: Flow, why: string): void {
    for (const one of this.#all) one.cutOff(flow, why);
  }

  keptAlive(flow: Flow, octets: Octets): void {
    for (const one of this.#all) one.keptAlive(flow, octets);
  }

  /** Asks the server at once whether it is still there. */
  doubt(): void {
    for (const one of this.#all) one.doubt();
  }

  hurry(): void {
    for (const one of this.#all) one.hurry();
  }

  networkChanged(isGone: (flow: Flow) => boolean): void {
    for (const one of this.#all) one.networkChanged(isGone);
    this.#agent.moved(isGone, CHANGED);
  }

  #tell(): void {
    const state = this.#whole();
    if (state.name === this.#told.name && state.error === this.#told.error) return;
    this.#told = state;
    this.#changed(state);
  }

  /** Registered over one is registered; and nothing has failed as long as something is tried. */
  #whole(): PhoneState {
    const states = this.#all.map(({ state }) => state);
    const order = ["Registered", "Connecting", "Failed", "Offline"] as const;
    for (const name of order) {
      const found = states.find((one) => one.name === name);
      if (found) return found;
    }
    return { name: "Offline" };
  }
}
