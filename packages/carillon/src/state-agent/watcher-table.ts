/** Who watches whom, in one package, with those who wait to be let. RFC 3857 §4.7.1. */
import type { WatcherState } from "../documents/watcherinfo.ts";
import type { Millis } from "../grammar/millis.ts";
import type { EndReason } from "../usage/subscription-headers.ts";
import { Listeners } from "./listeners.ts";
import type { Standing, Watcher } from "./source.ts";

/** One subscription as its resource sees it. */
export interface WatcherEntry {
  /** Told from all others of its server by this. */
  readonly id: string;
  /** Who watches, or wants to. */
  readonly watcher: Watcher;
  /** `pending` until somebody decides; `waiting` where they wait no more, and may come again. */
  readonly status: WatcherState["status"];
  /** What brought it there. */
  readonly event: string;
  /** When it subscribed, in ms. */
  readonly since: Millis;
}

export class WatcherTable {
  readonly #now: () => Millis;
  readonly #listeners = new Listeners();
  readonly #all = new Map<string, Map<string, WatcherEntry>>();
  #count = 0;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** Somebody has subscribed; the result is how they are named below. */
  begin(resource: string, watcher: Watcher, standing: Standing): string {
    const id = `w${++this.#count}`;
    const since = this.#now();
    this.#forgetWaiting(resource, watcher);
    const status = standing === "Waiting" ? "pending" : "active";
    const event = status === "pending" ? "subscribe" : "approved";
    this.#put(resource, { id, watcher, status, event, since });
    return id;
  }

  /** They have been let. */
  approve(resource: string, id: string): void {
    const one = this.#all.get(resource)?.get(id);
    if (one?.status !== "pending") return;
    this.#put(resource, { ...one, status: "active", event: "approved" });
  }

  /** It is over. Who waited in vain is kept, for whoever has to decide. */
  end(resource: string, id: string, reason: EndReason | "unreachable"): void {
    const one = this.#all.get(resource)?.get(id);
    if (!one) return;
    const event = reason === "unreachable" || reason === "invariant" ? "timeout" : reason;
    //= RFC 3857 §4.7.1
    //# If a pending subscription suffers a timeout, it moves into the waiting state.
    const waits = one.status === "pending" && event === "timeout";
    if (waits) return this.#put(resource, { ...one, status: "waiting", event });
    this.#take(resource, id);
    this.#listeners.tell(resource);
  }

  /** Somebody has decided: those that wait have nothing to wait for, and come again or do not. */
  decided(resource: string, isDecided: (watcher: Watcher) => boolean): void {
    const waiting = this.of(resource).filter(({ status }) => status === "waiting");
    for (const { id, watcher } of waiting) if (isDecided(watcher)) this.#take(resource, id);
    this.#listeners.tell(resource);
  }

  /** All of one resource, the oldest first. */
  of(resource: string): readonly WatcherEntry[] {
    const since = this.#now() - WAITING_MS;
    for (const one of this.#all.get(resource)?.values() ?? []) {
      if (one.status === "waiting" && one.since < since) this.#take(resource, one.id);
    }
    return [...(this.#all.get(resource)?.values() ?? [])];
  }

  listen(resource: string, listener: () => void): void {
    this.#listeners.add(resource, listener);
  }

  unlisten(resource: string, listener: () => void): void {
    this.#listeners.remove(resource, listener);
  }

  //= RFC 3857 §4.7.1
  //# This transition occurs because, on arrival of a new subscription with identical parameters, it
  //# will enter the pending state, making the waiting state for the prior subscription redundant.
  #forgetWaiting(resource: string, { uri }: Watcher): void {
    const all = this.of(resource).filter(({ status }) => status === "waiting");
    for (const one of all) if (one.watcher.uri === uri) this.#take(resource, one.id);
    const [oldest] = all;
    if (oldest && all.length >= MAX_WAITING) this.#take(resource, oldest.id);
  }

  #put(resource: string, entry: WatcherEntry): void {
    const known = this.#all.get(resource) ?? new Map<string, WatcherEntry>();
    known.set(entry.id, entry);
    this.#all.set(resource, known);
    this.#listeners.tell(resource);
  }

  #take(resource: string, id: string): void {
    const known = this.#all.get(resource);
    known?.delete(id);
    if (known?.size === 0) this.#all.delete(resource);
  }
}

/** How long somebody who wanted to watch is remembered. */
const WAITING_MS = 7 * 86_400_000;
const MAX_WAITING = 50;
