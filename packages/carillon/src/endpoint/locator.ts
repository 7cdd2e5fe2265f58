/**
 * Finds the servers of a URI: runs the searches of `locate` over one cache of what the DNS said.
 * RFC 3263.
 *
 * A search ends within `locate.SEARCH_MS`, whatever the DNS does, and says one thing. There are
 * never more than `maxSearches` at a time; equal questions of theirs are asked once.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import * as dnsCache from "../locate/dns-cache.ts";
import * as locate from "../locate/locate.ts";
import type { AddressType, Answered, Question } from "../locate/naming.ts";
import type { Target } from "../locate/target.ts";
import type { Wanted } from "../locate/wanted.ts";
import type { TransportName } from "../transport/flow.ts";
import { newTimer, type Timer } from "./wheel.ts";

export interface LocatorOptions {
  /** What we can send over; the preferred first, where the domain leaves it to us. */
  readonly transports: readonly TransportName[];
  /** Refuses addresses that are not on the public internet: where strangers name the domains. */
  readonly publicOnly: boolean;
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

export type NotLocated = {
  readonly kind: "NotLocated";
  readonly reason: locate.Reason | "busy";
  /** For people. */
  readonly message: string;
};
export type Outcome =
  | { readonly kind: "Located"; readonly targets: readonly Target[] }
  | NotLocated;

interface Search {
  readonly params: locate.Params;
  state: locate.State;
  readonly timer: Timer;
  readonly done: (outcome: Outcome) => void;
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
    const { transports, publicOnly, maxSearches } = this.#options;
    if (this.#searches.size >= maxSearches) {
      done({ kind: "NotLocated", reason: "busy", message: "too many servers are looked for" });
      return () => {};
    }
    const { families, now } = this.#world;
    const seed = this.#world.seed();
    const params = { wanted, transports, families, seed, publicOnly };
    const id = ++this.#count;
    const timer = newTimer({ due: () => this.#step(id, TICK) });
    const [state, ...outputs] = locate.start(params, now);
    this.#searches.set(id, { params, state, timer, done });
    this.#carryOut(id, outputs);
    return () => this.#step(id, { kind: "Abandon" });
  }

  /** What the world says to a question. */
  answered(answered: Answered): void {
    this.#cached(answered);
  }

  #step(id: number, input: locate.Input): void {
    const search = this.#searches.get(id);
    if (!search) return;
    const [state, ...outputs] = locate.step(search.params, search.state, input, this.#world.now);
    search.state = state;
    this.#carryOut(id, outputs);
  }

  #carryOut(id: number, outputs: readonly locate.Output[]): void {
    const search = this.#searches.get(id);
    if (!search) return;
    this.#world.schedule(search.timer, locate.deadline(search.state));
    for (const output of outputs) {
      if (output.kind === "Query") this.#cached({ ...output, kind: "Ask", asker: id });
      else this.#end(id, search, output);
    }
    this.#tellAll();
  }

  #end(id: number, { timer, done }: Search, outcome: Outcome): void {
    this.#searches.delete(id);
    this.#world.schedule(timer, NEVER);
    done(outcome);
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
        this.#step(one.asker, one.answered);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}

const TICK = { kind: "Tick" } as const;
