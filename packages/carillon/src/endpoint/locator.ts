/**
 * Finds the servers of a URI: runs the searches of `locate` over one cache of what the DNS said.
 * RFC 3263.
 *
 * A search ends within `locate.SEARCH_MS`, whatever the DNS does, and says one thing. There are
 * never more than `maxSearches` at a time; equal questions of theirs are asked once.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import * as dnsCache from "../locate/dns-cache.ts";
import * as enumeration from "../locate/enum.ts";
import * as locate from "../locate/locate.ts";
import type { AddressType, Answered, Query, Question } from "../locate/naming.ts";
import type { Target } from "../locate/target.ts";
import type { Wanted } from "../locate/wanted.ts";
import type { TransportName } from "../transport/flow.ts";
import { newTimer, type Timer } from "./wheel.ts";

export interface LocatorOptions {
  /** What we can send over; the preferred first, where the domain leaves it to us. */
  readonly transports: readonly TransportName[];
  /** Refuses addresses that are not on the public internet: where strangers name the domains. */
  readonly publicOnly: boolean | ((host: string) => boolean);
  readonly maxSearches: number;
  readonly cache: dnsCache.Limits;
}

/** What a locator needs of its endpoint. */
export interface LocatorWorld {
  readonly now: Millis;
  /** The families of our own addresses, the preferred first. */
  readonly families: readonly AddressType[];
  /** A number that decides between equal servers: fresh each time, so that load is spread. */
  seed(): number;
  query(question: Question): void;
  schedule(timer: Timer, at: Millis): void;
}

/**
 * There is nowhere to send to: why, for programs and for people. `busy`: too many searches at a
 * time.
 */
export type NotLocated = {
  readonly kind: "NotLocated";
  readonly reason: locate.Reason | "busy";
  /** For people. */
  readonly message: string;
};
/** What a search for servers comes to. */
export type Outcome =
  | { readonly kind: "Located"; readonly targets: readonly Target[] }
  | NotLocated;

/** The URI that a number stands for, or why there is none. */
export type Enumerated =
  | Exclude<enumeration.Output, Query | { readonly kind: "NotRewritten" }>
  | {
      readonly kind: "NotRewritten";
      readonly reason: enumeration.Reason | "busy";
      readonly declined: readonly string[];
    };

/** What any machine of `locate` that searches has in common. */
interface Machine<S, O> {
  step(state: S, input: locate.Input, now: Millis): readonly [S, ...O[]];
  deadline(state: S): Millis;
}

/** One that runs: its state stays within. */
interface Search {
  readonly timer: Timer;
  step(input: locate.Input): void;
}

export class Locator {
  readonly #world: LocatorWorld;
  readonly #options: LocatorOptions;
  readonly #searches = new Map<number, Search>();
  readonly #cacheTimer: Timer = newTimer({ due: () => this.#cached(TICK) });
  /** Answers for searches that are to be stepped when the current step is done. */
  readonly #told: { readonly asker: number; readonly answered: Answered }[] = [];
  #cache: dnsCache.State;
  #count = 0;
  #isTelling = false;

  constructor(world: LocatorWorld, options: LocatorOptions) {
    this.#world = world;
    this.#options = options;
    [this.#cache] = dnsCache.start();
  }

  /** Searches that are not over. */
  get size(): number {
    return this.#searches.size;
  }

  /**
   * Looks for servers. `done` hears once, at once if nothing has to be asked. The result gives the
   * search up: `done` then hears that it was abandoned.
   */
  search(wanted: Wanted, done: (outcome: Outcome) => void): () => void {
    const { transports, publicOnly: isPublicOnly, maxSearches } = this.#options;
    if (this.#searches.size >= maxSearches) {
      done({ kind: "NotLocated", reason: "busy", message: "too many servers are looked for" });
      return () => {};
    }
    const { families, now } = this.#world;
    const seed = this.#world.seed();
    const publicOnly =
      wanted.publicOnly === true ||
      (typeof isPublicOnly === "function" ? isPublicOnly(wanted.host) : isPublicOnly);
    const params = { wanted, transports, families, seed, publicOnly };
    const machine = {
      step: (state: locate.State, input: locate.Input, at: Millis) =>
        locate.step(params, state, input, at),
      deadline: locate.deadline,
    };
    return this.#begin(machine, locate.start(params, now), done);
  }

  /** Looks for the SIP URI of a telephone number. RFC 6116. `done` and the result are as above. */
  enumerate(params: enumeration.Params, done: (outcome: Enumerated) => void): () => void {
    if (this.#searches.size >= this.#options.maxSearches) {
      done({ kind: "NotRewritten", reason: "busy", declined: [] });
      return () => {};
    }
    const machine = {
      step: (state: enumeration.State, input: locate.Input, at: Millis) =>
        enumeration.step(params, state, input, at),
      deadline: enumeration.deadline,
    };
    return this.#begin(machine, enumeration.start(params, this.#world.now), done);
  }

  /** What the world says to a question. */
  answered(answered: Answered): void {
    this.#cached(answered);
  }

  #begin<S, O extends { readonly kind: string }>(
    machine: Machine<S, Query | O>,
    [first, ...outputs]: readonly [S, ...(Query | O)[]],
    done: (outcome: O) => void,
  ): () => void {
    const id = ++this.#count;
    const world = this.#world;
    let state = first;
    const carryOut = (all: readonly (Query | O)[]): void => {
      world.schedule(timer, machine.deadline(state));
      for (const output of all) {
        if (isQuery(output)) this.#cached({ ...output, kind: "Ask", asker: id });
        else this.#end(id, timer, () => done(output));
      }
      this.#tellAll();
    };
    const step = (input: locate.Input): void => {
      const [next, ...more] = machine.step(state, input, world.now);
      state = next;
      carryOut(more);
    };
    const timer = newTimer({ due: () => step(TICK) });
    this.#searches.set(id, { timer, step });
    carryOut(outputs);
    return () => this.#searches.get(id)?.step({ kind: "Abandon" });
  }

  #end(id: number, timer: Timer, say: () => void): void {
    this.#searches.delete(id);
    this.#world.schedule(timer, NEVER);
    say();
  }

  #cached(input: dnsCache.Input): void {
    const { now } = this.#world;
    const [state, ...outputs] = dnsCache.step(this.#options.cache, this.#cache, input, now);
    this.#cache = state;
    this.#world.schedule(this.#cacheTimer, dnsCache.deadline(state));
    for (const output of outputs) {
      if (output.kind === "Query") this.#world.query(output.question);
      else {
        const { asker, question, answer } = output;
        this.#told.push({ asker, answered: { kind: "Answered", question, answer } });
      }
    }
    this.#tellAll();
  }

  /** One after the other: a search is never stepped in the middle of its own step. */
  #tellAll(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let one = this.#told.shift(); one; one = this.#told.shift()) {
        this.#searches.get(one.asker)?.step(one.answered);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}

const isQuery = (output: Query | { readonly kind: string }): output is Query =>
  output.kind === "Query";

const TICK = { kind: "Tick" } as const;
