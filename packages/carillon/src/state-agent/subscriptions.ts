/** All subscriptions of one server, found by dialog, by watcher, by what they are about. */
import type { ServerSubscription } from "./subscription.ts";

/** How many there may be at a time. */
export interface SubscriptionLimits {
  /** Of one account, or of one address elsewhere. */
  readonly perWatcher: number;
  /** Of all together. */
  readonly inAll: number;
}

export const SUBSCRIPTION_LIMITS: SubscriptionLimits = { perWatcher: 50, inAll: 100_000 };

export class Subscriptions {
  readonly #limits: SubscriptionLimits;
  readonly #byDialog = new Map<string, ServerSubscription>();
  readonly #byResource = new Map<string, Set<ServerSubscription>>();
  readonly #byConnection = new Map<number, Set<ServerSubscription>>();
  readonly #counts = new Map<string, number>();

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byDialog.size;
  }

  /** Whether this watcher may have one more. */
  hasRoomFor(watcher: string): boolean {
    const { perWatcher, inAll } = this.#limits;
    return this.size < inAll && (this.#counts.get(watcher) ?? 0) < perWatcher;
  }

  add(one: ServerSubscription): void {
    this.#byDialog.set(dialogKey(one.callId, one.id), one);
    put(this.#byResource, resourceKey(one.pack.event, one.asked.resource), one);
    this.#connect(one);
    const watcher = watcherKey(one);
    this.#counts.set(watcher, (this.#counts.get(watcher) ?? 0) + 1);
  }

  remove(one: ServerSubscription): void {
    if (!this.#byDialog.delete(dialogKey(one.callId, one.id))) return;
    take(this.#byResource, resourceKey(one.pack.event, one.asked.resource), one);
    take(this.#byConnection, one.flow.connection, one);
    const watcher = watcherKey(one);
    const left = (this.#counts.get(watcher) ?? 1) - 1;
    if (left === 0) this.#counts.delete(watcher);
    else this.#counts.set(watcher, left);
  }

  /** Runs what may change its flow. */
  moving(one: ServerSubscription, run: () => void): void {
    take(this.#byConnection, one.flow.connection, one);
    run();
    if (this.#byDialog.has(dialogKey(one.callId, one.id))) this.#connect(one);
  }

  /** By Call-ID and our tag. */
  find(callId: string, localTag: string): ServerSubscription | undefined {
    return this.#byDialog.get(dialogKey(callId, localTag));
  }

  /** Those to one package of one name. */
  to(event: string, resource: string): readonly ServerSubscription[] {
    return [...(this.#byResource.get(resourceKey(event, resource)) ?? [])];
  }

  /** Those over one connection. */
  over(connection: number): readonly ServerSubscription[] {
    return [...(this.#byConnection.get(connection) ?? [])];
  }

  all(): readonly ServerSubscription[] {
    return [...this.#byDialog.values()];
  }

  #connect(one: ServerSubscription): void {
    if (one.flow.connection !== 0) put(this.#byConnection, one.flow.connection, one);
  }
}

/** Whom the limit counts. */
export const watcherKey = ({ asked }: Pick<ServerSubscription, "asked">): string =>
  asked.watcher.account ?? ` ${asked.watcher.uri}`;

const dialogKey = (callId: string, localTag: string): string => `${localTag} ${callId}`;
const resourceKey = (event: string, resource: string): string => `${event} ${resource}`;

function put<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function take<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
