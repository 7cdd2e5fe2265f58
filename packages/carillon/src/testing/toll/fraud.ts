/**
 * Somebody who lives in a house and wants more calls from it than they may have: rounds of calls to
 * a gateway, which are hung up on, taken back, handed over, joined, or only seem to be. What they
 * do next is chance's, and so is what becomes of each datagram.
 */

import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { OutgoingLimits } from "../../roles/outgoing/ledger.ts";
import { DomainStage, type Sent } from "../domain-stage.ts";
import { seeded } from "../random.ts";
import { CountingGateway, type Manner } from "./gateway.ts";
import { Swindler, TRICKS, type Trick } from "./swindler.ts";

/** What one seed is to be. */
export interface FraudOptions {
  readonly seed: number;
  /** Undefined: nothing is counted. */
  readonly limits: OutgoingLimits | undefined;
  /** What is tried, one after the other. */
  readonly tricks?: number;
  /** 0 to 1: how many datagrams never arrive, and how many arrive twice. */
  readonly loss?: number;
  readonly sessionSeconds?: number;
}

/** What came of it. */
export interface Fraud {
  /** The most legs at a time, as the gateway counts them. */
  readonly most: number;
  /** How many calls it answered, and how many it has been handed over. */
  readonly answered: number;
  readonly referred: number;
  /** All that was talked, by the gateway's clock. */
  readonly talkedMs: Millis;
  /** What is left hours after the last trick: legs there, and legs in the book. */
  readonly left: { readonly legs: number; readonly counted: number };
  /** Transactions that are kept. */
  readonly kept: number;
  readonly tried: ReadonlyMap<Trick, number>;
}

const [GATEWAY, ATTACKER, FORGER] = ["198.51.100.20:5060", "203.0.113.5:5060", "203.0.113.5:5070"];
const COLLUDER = "198.51.100.66:5060";
const HOUR_MS = 3_600_000;
/** After the last trick: longer than a call may last, and all that ends it takes. */
const SETTLE_MS = 6 * HOUR_MS;

const mannerOf = (user: string): Manner => {
  if (user.startsWith("7")) return "rings";
  return user.startsWith("8") ? "is busy" : "answers";
};

interface Due {
  readonly at: Millis;
  readonly run: () => void;
}

/** Plays one seed. The same seed, the same end. */
export function playFraud(options: FraudOptions): Fraud {
  return new Play(options).run();
}

class Play {
  readonly #options: FraudOptions;
  readonly #random: () => number;
  readonly #stage: DomainStage;
  readonly #gateway: CountingGateway;
  readonly #swindler: Swindler;
  readonly #due: Due[] = [];
  readonly #tried = new Map<Trick, number>();
  #talkedMs = 0;

  constructor(options: FraudOptions) {
    const { seed, limits, sessionSeconds } = options;
    this.#options = options;
    this.#random = seeded(seed);
    const outgoing = limits && { limits: () => limits, objection: () => undefined };
    const policy = { relay: () => true, ...(outgoing && { outgoing }) };
    this.#stage = new DomainStage({ seed, policy: () => policy });
    this.#gateway = new CountingGateway({
      at: GATEWAY,
      manner: mannerOf,
      ...(sessionSeconds !== undefined && { sessionSeconds }),
    });
    this.#swindler = new Swindler(this.#random, {
      ...{ aor: "sip:alice@house.example", credentials: this.#stage.token("alice") },
      ...{ own: ATTACKER, forger: FORGER, gateway: GATEWAY, colluder: COLLUDER },
    });
  }

  run(): Fraud {
    const { tricks = 120 } = this.#options;
    for (let i = 0; i < tricks; i++) {
      this.#try();
      this.#pass(Math.floor(this.#random() * 1500));
      // Now and then they wait for what was lost, or for a counter to forget.
      if (this.#random() < 0.06) this.#pass(60_000 + Math.floor(this.#random() * 1_200_000));
    }
    this.#pass(SETTLE_MS);
    const { servers, clients } = this.#stage.wire.endpoint.census();
    const { most, answered, referred, legs, joined } = this.#gateway;
    return {
      ...{ most, answered, referred, talkedMs: this.#talkedMs, tried: this.#tried },
      left: { legs: legs - joined, counted: this.#stage.role.outgoing().outside },
      kept: servers + clients,
    };
  }

  #try(): void {
    const trick = TRICKS[Math.floor(this.#random() * TRICKS.length)] ?? "call";
    if (trick === "their BYE") {
      const bye = this.#gateway.hangUp(Math.floor(this.#random() * 8));
      if (bye !== undefined) this.#toServer(GATEWAY, bye);
    } else {
      const said = this.#swindler.tries(trick);
      if (!said) return;
      this.#toServer(said.from, said.text);
    }
    this.#tried.set(trick, (this.#tried.get(trick) ?? 0) + 1);
  }

  // ---- time and datagrams ----------------------------------------------------------------------

  #pass(ms: Millis): void {
    const until = this.#now + ms;
    while (this.#now < until) {
      this.#due.sort((a, b) => a.at - b.at);
      const next = Math.min(until, this.#due[0]?.at ?? until, this.#now + 1000);
      this.#talkedMs += (next - this.#now) * this.#gateway.talking;
      this.#carry(this.#stage.wait(next - this.#now));
      while ((this.#due[0]?.at ?? until + 1) <= this.#now) this.#due.shift()?.run();
      // What nobody has acknowledged is said again.
      if (this.#now % 500 < 20) {
        for (const text of this.#gateway.unacknowledged) this.#toServer(GATEWAY, text);
      }
    }
  }

  get #now(): Millis {
    return this.#stage.wire.now;
  }

  #carry(sent: readonly Sent[]): void {
    for (const { to, octets } of sent) this.#later(() => this.#arrives(String(to), octets));
  }

  #arrives(to: string, octets: Octets): void {
    if (to === GATEWAY) {
      for (const said of this.#gateway.hears(octets)) this.#toServer(GATEWAY, said);
    } else if (to === COLLUDER) {
      const said = this.#swindler.colludes(octets);
      if (said !== undefined) this.#toServer(COLLUDER, said);
    } else if (to === ATTACKER || to === FORGER) {
      for (const text of this.#swindler.hears(octets)) this.#toServer(to, text);
    }
  }

  #toServer(from: string, text: Octets): void {
    this.#later(() => this.#carry(this.#stage.say(from, text)));
  }

  #later(run: () => void): void {
    const { loss = 0 } = this.#options;
    const copies = this.#random() < loss ? 0 : this.#random() < loss ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.#due.push({ at: this.#now + 5 + Math.floor(this.#random() * 40), run });
    }
  }
}
