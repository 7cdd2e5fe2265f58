/**
 * A subscription as its owner sees it: what it is in, and what it brings. RFC 6665.
 *
 * Where a SUBSCRIBE is forked it is several, one with each notifier; it is active as soon as one of
 * them is, and over when all of them are.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Agent } from "../ua/agent.ts";
import type { PhoneParts } from "../ua/phone-parts.ts";
import { Changing, type IterationOptions, Queue } from "../ua/replay.ts";
import { errorOf, SipError } from "../ua/sip-error.ts";
import type { Task } from "../ua/takers.ts";
import { Attempt } from "./attempt.ts";
import { Branch, type BranchParts, type Ended } from "./branch.ts";

/** What a subscription is in, by its `name`. `retryAtMs` is in ms since 1970. RFC 6665 §4.1 */
export type SubscriptionState =
  /** The SUBSCRIBE is out. */
  | { readonly name: "Subscribing" }
  /** Somebody still has to say whether it is allowed. */
  | { readonly name: "Pending" }
  | { readonly name: "Active" }
  /** It has ended, and is tried again by itself. */
  | { readonly name: "Waiting"; readonly reason: string; readonly retryAtMs: Millis }
  | {
      readonly name: "Ended";
      /** `unsubscribed`, or the notifier's word: `rejected`, `noresource`, `timeout`, … */
      readonly reason: string;
      /** Why there never was one, or is none any more. */
      readonly error?: SipError;
    };

/** What a notifier said. */
export interface Notification<T> {
  /** The whole state as it is known by then, though the NOTIFY may have told a part. */
  readonly value: T;
  /** Who says so, by their Contact: where a SUBSCRIBE was forked, each device speaks for itself. */
  readonly source: string;
}

/** What nobody has looked at yet: of more than that the oldest are dropped. */
const MAX_UNSEEN = 64;
/** Notifiers that one SUBSCRIBE may reach. */
const MAX_BRANCHES = 16;

export type SubscriptionParts<T> = Omit<BranchParts<T>, "user">;

/**
 * A subscription, from `subscribe` until it has ended for good. A SUBSCRIBE that was forked makes
 * several, one with each device: it is active as soon as one of them is, and over when all are.
 */
export class Subscription<T> implements Task {
  readonly #agent: Agent;
  readonly #parts: BranchParts<T>;
  readonly #whileOpen: PhoneParts["whileOpen"];
  readonly #states = new Changing<SubscriptionState>({ name: "Subscribing" });
  readonly #branches = new Set<Branch<T>>();
  readonly #attempts = new Set<Attempt>();
  readonly #last = new Map<Branch<T>, Notification<T>>();
  readonly #queues = new Set<Queue<Notification<T>>>();
  readonly #established = Promise.withResolvers<void>();
  #isCut = false;
  #ended: Ended = UNSUBSCRIBED;

  /** Throws a SipError if the phone is closed. */
  constructor(
    parts: SubscriptionParts<T>,
    { inTurn, whileOpen }: Pick<PhoneParts, "inTurn" | "whileOpen">,
  ) {
    this.#agent = parts.agent;
    this.#whileOpen = whileOpen;
    this.#established.promise.catch(() => {});
    this.#parts = {
      ...parts,
      user: {
        attempt: () => this.#attempt(),
        value: (branch, value) => this.#value(branch, value),
        ended: (branch, how) => this.#branchEnded(branch, how),
        changed: () => this.#tell(),
      },
    };
    inTurn(() => this.#begin());
  }

  /** What it is in now. */
  get state(): SubscriptionState {
    return this.#states.current;
  }

  /** The current state and every later one. */
  states(options?: IterationOptions): AsyncIterableIterator<SubscriptionState> {
    return this.#states.values(options);
  }

  /** Resolves with the first notification; rejects with a SipError if it ends before. */
  get established(): Promise<void> {
    return this.#established.promise;
  }

  /** What each notifier said last, and everything from then on. Ends with the subscription. */
  notifications({ signal }: IterationOptions = {}): AsyncIterableIterator<Notification<T>> {
    const queue = new Queue<Notification<T>>((one) => this.#queues.delete(one), signal, MAX_UNSEEN);
    for (const one of this.#last.values()) queue.push(one);
    if (this.state.name === "Ended") queue.end();
    if (!queue.ended) this.#queues.add(queue);
    return queue;
  }

  /** The same, without who says it. */
  async *values(options?: IterationOptions): AsyncGenerator<T, void, void> {
    for await (const { value } of this.notifications(options)) yield value;
  }

  /** Asks for the state anew, now. */
  refresh(): void {
    this.#whileOpen(() => this.#refreshAll());
  }

  /** Unsubscribes. Resolves once it has ended. */
  async end(): Promise<void> {
    this.#whileOpen(() => this.leave());
    for await (const { name } of this.states()) if (name === "Ended") return;
  }

  /** As `end`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #begin(): void {
    if (this.#agent.takers.addTask(this)) {
      return Branch.begin(this.#parts, (branch) => this.#branches.add(branch));
    }
    this.#ended = { kind: "Ended", reason: "too much goes on", status: 503, again: false };
    this.#tell();
  }

  #notified(from: Incoming, attempt: Attempt): void {
    const own = [...this.#branches].filter((one) => one.attempt === attempt);
    const { fromTag } = from.essentials;
    const branch =
      own.find(({ remoteTag }) => remoteTag === fromTag) ??
      own.find(({ remoteTag }) => remoteTag === undefined);
    if (branch) return branch.notified(from, attempt);
    const [first] = own;
    const fork =
      this.#branches.size < MAX_BRANCHES && first?.fork(from, (one) => this.#branches.add(one));
    if (!fork) this.#agent.endpoint.reply(from, { status: 481 });
  }

  // ---- for the phone ---------------------------------------------------------------------------

  /** For the phone: the connection is gone, and what was told meanwhile is lost. */
  cutOff(): void {
    this.#isCut = true;
  }

  /** What was said while the connection was gone, was not heard; and who waits, waits no more. */
  back(): void {
    if (!this.#isCut && this.state.name !== "Waiting") return;
    this.#isCut = false;
    this.#refreshAll();
  }

  /** For the phone, which is being closed: unsubscribes. */
  leave(): void {
    for (const branch of [...this.#branches]) branch.step({ kind: "Unsubscribe" });
    for (const branch of this.#branches) {
      if (branch.state.name !== "Terminated") continue;
      this.#ended = UNSUBSCRIBED;
      this.#drop(branch);
    }
  }

  /** For the phone, which is closed: ends it, and sends nothing more. */
  abandon(): void {
    this.#ended = UNSUBSCRIBED;
    for (const branch of this.#branches) {
      branch.step({ kind: "Abandon" });
      this.#drop(branch);
    }
  }

  #refreshAll(): void {
    for (const branch of [...this.#branches]) branch.refresh();
  }

  #attempt(): Attempt | undefined {
    const attempt = new Attempt(this.#agent, (from, one) => this.#notified(from, one));
    if (!this.#agent.takers.addDialog(attempt)) return undefined;
    this.#attempts.add(attempt);
    return attempt;
  }

  #value(branch: Branch<T>, value: T): void {
    const notification = { value, source: branch.source };
    this.#last.set(branch, notification);
    for (const queue of [...this.#queues]) queue.push(notification);
  }

  #branchEnded(branch: Branch<T>, how: Ended): void {
    this.#ended = how;
    this.#last.delete(branch);
    if (!how.again) this.#drop(branch);
  }

  #drop(branch: Branch<T>): void {
    this.#branches.delete(branch);
    this.#last.delete(branch);
    this.#tell();
  }

  // ---- its state -------------------------------------------------------------------------------

  #tell(): void {
    this.#tidy();
    const next = this.#shown();
    const now = this.state;
    if (next.name === "Active" || next.name === "Pending") this.#established.resolve();
    if (next.name === now.name && next.name !== "Waiting") return;
    if (now.name === "Ended") return;
    this.#states.set(next);
    if (next.name !== "Ended") return;
    this.#agent.takers.removeTask(this);
    this.#states.end();
    for (const queue of [...this.#queues]) queue.end();
    this.#established.reject(next.error ?? new SipError("SIP_CANCELLED", "It was unsubscribed."));
  }

  /** The best that any of its branches is in. */
  #shown(): SubscriptionState {
    const states = [...this.#branches].map(({ state }) => state);
    const names = new Set(states.map(({ name }) => name));
    if (states.length === 0) return endedState(this.#ended);
    if (names.has("Active") || names.has("Pending")) {
      return { name: names.has("Active") ? "Active" : "Pending" };
    }
    const init = states.find((one) => one.name === "Init");
    if (init && Number.isFinite(init.timerRetry)) {
      return { name: "Waiting", reason: this.#ended.reason, retryAtMs: init.timerRetry };
    }
    return names.has("Leaving") ? this.state : { name: "Subscribing" };
  }

  /** Attempts that no branch belongs to hear nothing any more. */
  #tidy(): void {
    const used = new Set([...this.#branches].map(({ attempt }) => attempt));
    for (const attempt of this.#attempts) {
      if (used.has(attempt)) continue;
      this.#attempts.delete(attempt);
      this.#agent.takers.removeDialog(attempt);
    }
  }
}

const UNSUBSCRIBED: Ended = Object.freeze({
  ...{ kind: "Ended", reason: "unsubscribed", status: undefined, again: false },
} as const);

function endedState({ reason, status }: Ended): SubscriptionState {
  if (reason === "unsubscribed") return { name: "Ended", reason };
  if (status !== undefined) return { name: "Ended", reason, error: errorOf(status) };
  const code = reason === "rejected" ? "SIP_FORBIDDEN" : "SIP_UNAVAILABLE";
  return { name: "Ended", reason, error: new SipError(code, `The subscription ended: ${reason}.`) };
}
